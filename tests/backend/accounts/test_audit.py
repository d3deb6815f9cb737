"""Audit events are added, and nothing else."""

import importlib
from datetime import datetime

import pytest
from django.db import DatabaseError, connection, transaction

from backend.accounts import audit
from backend.accounts.models import AuditEvent, Patient, User

append_only = importlib.import_module("backend.accounts.migrations.0002_audit_is_append_only")


@pytest.fixture
def event(therapist: User, patient: Patient, now: datetime) -> AuditEvent:
    audit.record(
        actor_id=therapist.pk, action="series.read", patient_id=patient.pk, trace_id="t1", now=now
    )
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(append_only.REFUSE["sqlite"][1])
    return AuditEvent.objects.get(action="series.read")


def test_an_event_says_who_saw_whom_and_when(
    event: AuditEvent, therapist: User, patient: Patient, now: datetime
) -> None:
    assert (event.actor_id, event.patient_id, event.at) == (therapist.pk, patient.pk, now)
    assert event.trace_id == "t1"


def test_an_event_cannot_be_changed(event: AuditEvent) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent.objects.update(action="nothing.happened")
    event.refresh_from_db()
    assert event.action == "series.read"


def test_an_event_cannot_be_removed(event: AuditEvent) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent.objects.all().delete()
    assert AuditEvent.objects.filter(pk=event.pk).exists()


def test_an_event_outlives_those_it_speaks_of(event: AuditEvent, patient: Patient) -> None:
    patient.user.delete()
    assert AuditEvent.objects.filter(pk=event.pk).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", [1, 2])
def test_tests_with_real_transactions_start_without_events(run: int, now: datetime) -> None:
    assert not AuditEvent.objects.exists()
    audit.record(actor_id=None, action="system.started", now=now)
    assert AuditEvent.objects.exists()


def test_one_event_a_patient_says_the_same_as_one_event_alone(
    therapist: User, patient: Patient, other_patient: Patient, now: datetime
) -> None:
    ids = [patient.pk, other_patient.pk]
    said = {"actor_id": therapist.pk, "action": "panel.read", "trace_id": "t2", "now": now}
    for patient_id in ids:
        audit.record(patient_id=patient_id, **said)  # type: ignore[arg-type]
    audit.record_many(patient_ids=ids, **said)  # type: ignore[arg-type]
    audit.record_many(patient_ids=[], **said)  # type: ignore[arg-type]
    rows = [*AuditEvent.objects.filter(action="panel.read").order_by("pk").values()]
    alone, many = ([{**row, "id": 0} for row in part] for part in (rows[:2], rows[2:]))
    assert many == alone
