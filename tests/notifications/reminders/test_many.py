from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Patient
from exercises.plans.models import Prescription
from notifications.models import Message
from notifications.reminders import ticking
from notifications.reminders.models import Reminder
from notifications.reminders.ticking import tick
from tests.notifications.reminders.crowd import TRIES, Worker, make_crowd, sent_by, states
from tests.notifications.reminders.running import Run
from tests.notifications.threads import at_once

DUE = datetime(2026, 5, 4, 17, 30, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_three_schedulers_and_workers_say_each_reminder_once_and_give_up_what_is_poison() -> None:
    make_crowd(size=120, poison=3, due_at=DUE, channels=["in_app"])
    workers = [Worker() for _ in range(3)]

    for later in TRIES:
        at_once(partial(_take_a_turn, workers, count(), DUE + later), copies=3)

    assert set(sent_by(workers).values()) == {1}
    assert states() == {"sent": 117}
    assert Reminder.objects.filter(dead_at__isnull=False).count() == 3


def _take_a_turn(workers: Sequence[Worker], turns: Iterator[int], now: datetime) -> None:
    try:
        workers[next(turns)].work(now)
    finally:
        connection.close()


@pytest.mark.django_db
def test_a_row_that_cannot_be_computed_is_tried_later_and_later_and_then_given_up() -> None:
    make_crowd(size=4, poison=1, due_at=DUE, channels=["in_app"])
    worker = Worker()

    tried = []
    for later in TRIES:
        worker.work(DUE + later)
        tried.append(Reminder.objects.order_by("-attempts").values_list("attempts", flat=True)[0])

    assert tried == [1, 2, 3, 4, 5, 5]
    assert Message.objects.count() == 3
    dead = Reminder.objects.get(dead_at__isnull=False)
    assert dead.last_due_at is None


@pytest.mark.django_db
def test_a_record_that_cannot_be_read_keeps_nobody_else_waiting(
    run: Run, other_patient: Patient
) -> None:
    run.only("exercise")
    other = Run(patient=other_patient, now=run.now)
    Prescription.objects.filter(plan=other.plan).update(slots=5)

    tick(now=run.wall(0, "08:30"))

    assert [one.patient_id for one in Message.objects.filter(kind="exercise")] == [run.patient.pk]
    broken = other.reminder("exercise")
    assert (broken.attempts, broken.next_slot) == (1, "morning")
    assert broken.next_due_at == run.wall(0, "08:31")


@pytest.mark.django_db
def test_a_row_that_the_database_refuses_keeps_nobody_else_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_crowd(size=4, poison=0, due_at=DUE, channels=["in_app"])
    bad = Reminder.objects.first()
    assert bad is not None
    write = ticking.write_messages

    def refuse(drafts: list[ticking.Draft], *, now: datetime) -> None:
        if any(draft.patient == bad.patient_id for draft in drafts):
            raise DatabaseError("value too long")
        write(drafts, now=now)

    monkeypatch.setattr(ticking, "write_messages", refuse)
    tick(now=DUE)

    assert Message.objects.count() == 3
    bad.refresh_from_db()
    assert bad.attempts == 1


@pytest.mark.django_db
def test_set_anew_a_given_up_reminder_rings_again() -> None:
    make_crowd(size=1, poison=1, due_at=DUE, channels=["in_app"])
    Reminder.objects.update(dead_at=DUE, attempts=5)

    assert tick(now=DUE + timedelta(hours=1)) == 0
    Reminder.objects.update(dead_at=None, attempts=0, times=[{"slot": "a", "at": "19:30"}])
    assert tick(now=DUE + timedelta(hours=1)) == 1

    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_a_full_batch_costs_no_more_statements_than_a_small_one() -> None:
    make_crowd(size=60, poison=0, due_at=DUE, channels=["in_app"])

    def statements(limit: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert tick(now=DUE, limit=limit) == limit
        return len(captured)

    assert statements(2) == statements(40) <= 14
