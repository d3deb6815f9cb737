"""What has been kept for as long as the settings say is removed, and nothing that is still needed."""

import importlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from pytest_django.fixtures import Settings

from backend.accounts import audit
from backend.accounts.models import AuditEvent, Patient
from backend.settings.environment import Environment
from exercises.triage.levels import Level
from notifications import scheduling
from notifications.models import Delivery, DeliveryState, Incident, Message
from notifications.scheduling import Scheduler
from notifications.services.tidying import is_more, prune_messages, tidy
from notifications.services.writing import Draft, write_messages
from tests.notifications.rows import close_alert, make_alert

YEARS_AGO = datetime(2019, 3, 1, tzinfo=UTC)
grow_old = importlib.import_module("backend.accounts.migrations.0012_audit_events_grow_old")


@pytest.fixture(autouse=True)
def trigger(db: None) -> None:
    """The suite takes it away on SQLite, to empty tables."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(grow_old.OLD_ENOUGH["sqlite"][1])


def told(patient: Patient, at: datetime, step: int, **fields: object) -> Message:
    draft = Draft(
        chain="a reminder", step=step, recipient=patient.user_id, patient=patient.pk,
        audience="patient", kind="exercises", channels=("in_app",), due_at=at,
        **fields,  # type: ignore[arg-type]
    )  # fmt: skip
    write_messages([draft], now=at)
    return Message.objects.get(key=draft.key)


def settled(message: Message) -> Message:
    Delivery.objects.filter(message=message).update(state=DeliveryState.SENT)
    return message


def test_messages_are_removed_after_two_years_with_their_deliveries(
    patient: Patient, now: datetime
) -> None:
    old = settled(told(patient, now - timedelta(days=731), 1))
    young = settled(told(patient, now - timedelta(days=729), 2))
    assert prune_messages(now=now) == 1
    assert [*Message.objects.all()] == [young]
    assert not Delivery.objects.filter(message_id=old.pk).exists()


def test_what_still_waits_or_speaks_of_a_standing_alert_is_kept(
    patient: Patient, now: datetime
) -> None:
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=YEARS_AGO)
    told(patient, YEARS_AGO, 1)
    settled(told(patient, YEARS_AGO, 2, alert=alert.pk))
    assert prune_messages(now=now) == 0
    close_alert(alert, now)
    assert prune_messages(now=now) == 1


def test_audit_events_are_removed_after_ten_years(
    settings: Settings, patient: Patient, now: datetime
) -> None:
    for at in (YEARS_AGO, now):
        audit.record(actor_id=None, action="series.read", patient_id=patient.pk, now=at)
    assert audit.prune(now=now) == 0
    settings.KEEP_DAYS = replace(settings.KEEP_DAYS, audit=365)
    assert audit.prune(now=now) == 1
    assert [event.at for event in AuditEvent.objects.all()] == [now]


def test_the_database_keeps_a_years_audit_whatever_is_asked_of_it(
    settings: Settings, patient: Patient
) -> None:
    today = datetime.now(UTC)
    audit.record(
        actor_id=None, action="series.read", patient_id=patient.pk, now=today - timedelta(days=364)
    )
    settings.KEEP_DAYS = replace(settings.KEEP_DAYS, audit=1)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        audit.prune(now=today)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent.objects.update(action="nothing.happened")
    assert AuditEvent.objects.filter(action="series.read").count() == 1


def test_the_command_says_what_it_removed(
    patient: Patient, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    for step in range(3):
        settled(told(patient, YEARS_AGO, step))
    Incident.objects.create(name="late", opened_at=YEARS_AGO, closed_at=YEARS_AGO)
    said = StringIO()
    call_command("prune", stdout=said)
    assert "notifications: 3\nincidents: 1\n" in said.getvalue()
    assert not is_more(tidy(now=now))


def test_the_scheduler_tidies_once_a_day(
    patient: Patient,
    now: datetime,
    set_clock: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[datetime] = []
    monkeypatch.setattr(scheduling, "tidy", lambda *, now: seen.append(now) or {"audit": 0})
    monkeypatch.setattr(scheduling, "close_old_connections", lambda: None)
    scheduler = Scheduler()
    for later in (timedelta(), timedelta(hours=23), timedelta(hours=24)):
        set_clock(now + later)
        scheduler._tidy(now + later)
    assert seen == [now, now + timedelta(hours=24)]


def test_a_batch_that_was_full_is_followed_by_another(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = [{"audit": 500}, {"audit": 3}]
    monkeypatch.setattr(scheduling, "tidy", lambda **_: batches.pop(0))
    scheduler = Scheduler()
    scheduler._tidy(now)
    scheduler._tidy(now + timedelta(seconds=1))
    assert batches == [{"audit": 3}]
    scheduler._tidy(now + timedelta(seconds=6))
    assert batches == []


def test_audit_may_not_be_kept_for_less_than_a_year(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPWISE_KEEP_AUDIT_DAYS", "364")
    with pytest.raises(ImproperlyConfigured, match="STEPWISE_KEEP_AUDIT_DAYS must be 365 or more"):
        Environment().days("STEPWISE_KEEP_AUDIT_DAYS", default=3650, least=365)
