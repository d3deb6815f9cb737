"""Many patients with a reminder each, made in a few statements; some of them cannot be computed."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from backend.accounts.models import Patient, User
from backend.core.ids import uuid7
from exercises.plans.models import RecoveryPlan
from notifications.models import Delivery
from notifications.reminders.models import Reminder
from notifications.reminders.selectors import reminder_id
from notifications.reminders.ticking import tick
from notifications.selectors import due_now
from notifications.services import deliver_many
from tests.notifications.rows import Recorder

KIND = "daily_check_in"
# 1, 2, 4 and 8 minutes after each other, and a little.
TRIES = [timedelta(minutes=minutes, seconds=30) for minutes in (0, 1, 3, 7, 15, 16)]


def make_crowd(*, size: int, poison: int, due_at: datetime, channels: Sequence[str]) -> None:
    """`size` patients in Berlin whose check-in rings at `due_at`; the first `poison` of the rows
    say no time that exists."""
    start = due_at.date() - timedelta(days=3)
    ids = [uuid7() for _ in range(size)]
    _people(ids, start, due_at)
    wall = (due_at + timedelta(hours=2)).time()
    Reminder.objects.bulk_create(
        [
            Reminder(
                id=reminder_id(pk, KIND),
                patient_id=pk,
                kind=KIND,
                times=[{"slot": "a", "at": "99:99" if index < poison else f"{wall:%H:%M}"}],
                channels=list(channels),
                rev=1,
                updated_at=due_at,
                zone="Europe/Berlin",
                next_due_at=due_at,
                next_date=due_at.date(),
                next_slot="a",
            )
            for index, pk in enumerate(ids)
        ],
        batch_size=1000,
    )


def _people(ids: Sequence[UUID], start: date, now: datetime) -> None:
    users = [
        User(
            id=pk,
            email=f"{pk}@example.org",
            password="!",
            time_zone="Europe/Berlin",
            joined_at=now,
        )
        for pk in ids
    ]
    User.objects.bulk_create(users, batch_size=1000)
    patients = [Patient(id=pk, user_id=pk, created_at=now) for pk in ids]
    Patient.objects.bulk_create(patients, batch_size=1000)
    plans = [
        RecoveryPlan(
            patient_id=pk,
            start_date=start,
            care_started_on=start,
            phase_since=start,
            rev=1,
            created_at=now,
        )
        for pk in ids
    ]
    RecoveryPlan.objects.bulk_create(plans, batch_size=1000)


class Worker(Recorder):
    """A scheduler and a worker in one thread; remembers what it sent."""

    def work(self, now: datetime) -> None:
        """Ticks and delivers until nothing is due at `now`."""
        while tick(now=now, limit=50):
            self._deliver(now)
        self._deliver(now)

    def _deliver(self, now: datetime) -> None:
        channels = {"in_app": self, "push": self, "email": self}
        while ids := due_now(now, 20):
            outcomes = deliver_many(delivery_ids=ids, now=now, channels=channels)
            if set(outcomes.values()) == {"not_mine"}:
                return


def sent_by(workers: Sequence[Worker]) -> Counter[UUID]:
    """How often each delivery was sent, by whomever."""
    return Counter(envelope.delivery for worker in workers for envelope in worker.sent)


def states() -> Counter[str]:
    """How many deliveries are in each state."""
    return Counter(Delivery.objects.values_list("state", flat=True))
