from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Patient
from backend.core.ids import uuid7
from exercises.triage.levels import Level
from notifications.bulk import insert_missing, store
from notifications.models import Delivery, DeliveryState, Message, Reminder

pytestmark = pytest.mark.django_db
SUMMER = datetime(2026, 7, 4, 2, 30, 59, 123456, tzinfo=ZoneInfo("Europe/Berlin"))
TEXTS = ["", "a:b", "Über 😀", "\"quoted\" 'and' \\ %s %% {x}", "a\tb\nc"]


def _messages(patient: Patient) -> Iterator[Message]:
    for number, text in enumerate(TEXTS):
        yield Message(
            id=uuid7(),
            key=f"{number}:{text}",
            recipient_id=patient.user_id,
            patient=patient if number % 2 else None,
            audience="patient",
            kind="daily_check_in",
            level=Level.URGENT_SAME_DAY,
            about=text,
            local_date=date(2026, 3, 29) if number else None,
            content={"also": {text: [1, 2.5, None, True]}, "text": text},
            step=number,
            created_at=SUMMER,
            due_at=SUMMER.astimezone(UTC) + timedelta(microseconds=number),
            expires_at=None if number else SUMMER,
        )


def _deliveries(messages: list[Message]) -> Iterator[Delivery]:
    for message in messages:
        yield Delivery(
            id=uuid7(),
            message=message,
            channel="push",
            target=uuid7() if message.step else None,
            is_second=bool(message.step),
            is_urgent=not message.step,
            state=DeliveryState.STANDBY,
            due_at=SUMMER,
        )


def _kept(model: type[Model]) -> dict[Any, dict[str, Any]]:
    return {row["id"]: row for row in model._default_manager.values()}


def test_it_inserts_what_django_would(patient: Patient) -> None:
    messages = [*_messages(patient)]
    deliveries = [*_deliveries(messages)]

    insert_missing(messages)
    insert_missing(deliveries)
    ours = _kept(Message), _kept(Delivery)
    Message.objects.all().delete()
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)

    assert ours == (_kept(Message), _kept(Delivery))
    assert len(ours[0]) == len(ours[1]) == len(TEXTS)


def test_what_collides_is_left_as_it_is(patient: Patient) -> None:
    first, *more = _messages(patient)
    insert_missing([first])
    before = _kept(Message)

    first.kind = "exercise"
    second = more[0]
    second.key = first.key
    insert_missing([first, second])

    assert _kept(Message) == before


def test_a_row_that_the_database_refuses_is_refused_with_all_beside_it(patient: Patient) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("an INSERT OR IGNORE of SQLite leaves out what a constraint refuses")
    good, bad, *_ = _messages(patient)
    bad.audience = "team"

    with pytest.raises(DatabaseError), transaction.atomic():
        insert_missing([good, bad])

    assert not Message.objects.exists()


def test_it_stores_what_django_would(patient: Patient, other_patient: Patient) -> None:
    rows = [*_reminders(patient, other_patient)]
    Reminder.objects.bulk_create(rows)
    strange = rows[0]
    for row in rows:
        row.last_outcome, row.next_slot, row.attempts = "rang", "Ü 'x'", 3
        row.next_due_at, row.next_date, row.dead_at = SUMMER, date(2026, 7, 5), None
        row.times = [{"slot": "never", "at": "stored"}]
    fields = ("next_due_at", "next_date", "next_slot", "last_outcome", "attempts", "dead_at")

    store(rows, fields)
    ours = _kept(Reminder)
    Reminder.objects.update(next_due_at=None, next_date=None, next_slot="", attempts=0)
    Reminder.objects.bulk_update(rows, fields)

    assert ours == _kept(Reminder)
    assert ours[strange.pk]["times"] == [{"slot": "a", "at": "08:00"}]
    assert ours[strange.pk]["dead_at"] is None


def _reminders(*patients: Patient) -> Iterator[Reminder]:
    for patient in patients:
        for kind in ("exercise", "daily_check_in"):
            yield Reminder(
                id=uuid7(),
                patient=patient,
                kind=kind,
                times=[{"slot": "a", "at": "08:00"}],
                channels=["in_app"],
                rev=1,
                updated_at=SUMMER,
                zone="Europe/Berlin",
                next_due_at=SUMMER - timedelta(days=1),
                dead_at=SUMMER,
            )


def test_it_is_one_statement_for_any_number_and_none_for_nothing(patient: Patient) -> None:
    with CaptureQueriesContext(connection) as captured:
        insert_missing([])
        store([], ("kind",))
    assert not captured.captured_queries

    with CaptureQueriesContext(connection) as captured:
        insert_missing([*_messages(patient)])
    statements = [one for one in captured.captured_queries if "INSERT" in one["sql"]]
    assert len(statements) == 1
