"""Our side of the due tick: so many reminders in a database of its own.

`DATABASE_URL=... python -m bench.dispatch COUNT` makes them and then plays `idle` (a tick with
nothing due), `edit` (a patient sets another time for a reminder, and the tick that follows) and
`due` (a reminder that rings, turned into its message) on demand; see `bench.player`.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import django

from bench.player import serve, spent

if TYPE_CHECKING:
    from notifications.reminders.models import Reminder

NOW = datetime(2026, 5, 4, 17, 30, tzinfo=UTC)
# An idle tick takes hundredths of a millisecond: many make a round.
IDLE_TICKS, EDITS, DUE, BATCH = 5_000, 40, 1_000, 200
KINDS = 4

# Like one that the product made, with what has to differ: a column that is new needs no care here.
_FILL = """
WITH people AS (
    SELECT gen_random_uuid() AS id, n FROM generate_series(1, %(people)s) AS n
), users AS (
    INSERT INTO accounts_user
    SELECT made.* FROM people, accounts_user AS model, LATERAL jsonb_populate_record(
        model, jsonb_build_object('id', people.id, 'email', people.id || '@example.org')) AS made
    WHERE model.id = %(model)s
), patients AS (
    INSERT INTO accounts_patient
    SELECT made.* FROM people, accounts_patient AS model, LATERAL jsonb_populate_record(
        model, jsonb_build_object('id', people.id, 'user_id', people.id)) AS made
    WHERE model.id = %(model)s
)
INSERT INTO notifications_reminder
SELECT made.*
FROM people, generate_series(1, %(kinds)s) AS which, notifications_reminder AS model,
    LATERAL jsonb_populate_record(model, jsonb_build_object(
        'id', gen_random_uuid(), 'patient_id', people.id, 'kind', 'kind ' || which,
        'next_due_at', %(now)s + interval '1 hour' + (n %% 82800) * interval '1 second')) AS made
WHERE model.patient_id = %(model)s
"""


def main() -> None:
    """Makes the reminders and answers."""
    django.setup()
    fill(int(sys.argv[1]))
    serve({"idle": idle, "edit": edit, "due": due})


def fill(size: int) -> None:
    """`size` reminders more of which none is due, a few for each patient."""
    from django.db import connection

    model = _someone().patient_id
    values = {"people": size // KINDS, "kinds": KINDS, "now": NOW, "model": model}
    with connection.cursor() as cursor:
        cursor.execute(_FILL, values)
        cursor.execute("ANALYZE")


def idle() -> float:
    """CPU seconds of a tick that finds nothing due."""
    from notifications.reminders.ticking import tick

    def play() -> None:
        for _ in range(IDLE_TICKS):
            if tick(now=NOW):
                raise RuntimeError("A reminder was due in an idle tick.")

    return spent(play) / IDLE_TICKS


_minutes = count()


def edit() -> float:
    """CPU seconds of a reminder that its patient sets to another time, and of the tick after it."""
    from notifications.reminders.ticking import tick

    change = _editor()

    def play() -> None:
        for _ in range(EDITS):
            change(f"{next(_minutes) % 60:02}")
            tick(now=NOW)

    return spent(play) / EDITS


def _editor() -> Callable[[str], None]:
    from notifications.reminders.services import ReminderContent, change_reminder

    row = _someone()

    def change(minute: str) -> None:
        content = ReminderContent(
            enabled=True, times=(("a", f"08:{minute}"),), weekdays=127, channels=("in_app",)
        )
        row.version = change_reminder(
            patient=row.patient, reminder=row.pk, content=content, base=row.version, now=NOW
        ).version

    return change


def _someone() -> "Reminder":
    """The reminder of somebody new, due in a few hours."""
    from notifications.reminders.models import Reminder
    from tests.notifications.reminders.crowd import make_crowd

    make_crowd(size=1, poison=0, due_at=NOW + timedelta(hours=3), channels=["in_app"])
    made = Reminder.objects.exclude(kind__startswith="kind ")
    return made.select_related("patient__user").latest("patient__pk")


def due() -> float:
    """CPU seconds of a reminder that rings; each time those of other people."""
    from notifications.reminders.models import Reminder
    from notifications.reminders.ticking import tick
    from tests.notifications.reminders.crowd import make_crowd

    make_crowd(size=DUE, poison=0, due_at=NOW, channels=["in_app", "push"])

    def play() -> None:
        while tick(now=NOW, limit=BATCH):
            pass

    taken = spent(play) / DUE
    left = Reminder.objects.filter(next_due_at__lte=NOW).count()
    if left:
        raise RuntimeError(f"{left} reminders were missed.")
    return taken


if __name__ == "__main__":
    main()
