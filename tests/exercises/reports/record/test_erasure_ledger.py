"""The ledger says who erased herself, so that she stays gone after a restore."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from pytest_django.fixtures import Settings

from backend.accounts.erasures import ledger, services
from backend.accounts.erasures.services import apply_again, delete_data, erase_person, settle
from backend.accounts.models import AuditEvent, Patient, User
from backend.accounts.restoring import erase_again
from exercises.tracking.models import Fact
from tests.client import ApiClient
from tests.exercises.reports.record.conftest import PAIN
from tests.factories import PASSWORD

Api = Callable[[User | Patient | None], ApiClient]
pytestmark = pytest.mark.usefixtures("erasures")


def test_the_ledger_says_who_and_when_and_nothing_else(
    patient: Patient, now: datetime, erasures: Path, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        erase_person(user_id=patient.pk, now=now)
    (entry,) = ledger.erasures()
    assert (entry.subject, entry.what, entry.step, entry.at) == (patient.pk, "person", "done", now)
    assert erasures.stat().st_mode & 0o777 == 0o600
    assert patient.user.email not in erasures.read_text()
    assert [*AuditEvent.objects.filter(action="person.erased").values_list("patient_id")] == [
        (patient.pk,)
    ]


def _as_in_a_backup(patient: Patient, now: datetime) -> None:
    """Puts the person back as a restored database has her."""
    User(id=patient.pk, email="back@example.org", joined_at=now).save(force_insert=True)
    Patient.objects.create(id=patient.pk, user_id=patient.pk, created_at=now)


def test_a_restore_brings_nobody_back(patient: Patient, now: datetime) -> None:
    erase_person(user_id=patient.pk, now=now)
    _as_in_a_backup(patient, now)
    assert "erased again" in erase_again(now + timedelta(days=1))
    assert not User.objects.filter(pk=patient.pk).exists()


def test_a_restore_brings_no_deleted_data_back(api: Api, patient: Patient, now: datetime) -> None:
    api(patient).put(f"me/pain-reports/{uuid4()}", PAIN)
    delete_data(user_id=patient.pk, now=now + timedelta(hours=1))
    Patient.objects.filter(pk=patient.pk).update(data_deleted_at=None)
    api(patient).put(f"me/pain-reports/{uuid4()}", PAIN)
    assert apply_again(now=now + timedelta(days=1)) == (0, 1)
    assert not Fact.objects.filter(patient=patient).exists()


def test_what_was_reported_since_the_deletion_stays(
    api: Api, patient: Patient, now: datetime
) -> None:
    delete_data(user_id=patient.pk, now=now)
    api(patient).put(f"me/pain-reports/{uuid4()}", PAIN)
    assert apply_again(now=now + timedelta(days=1)) == (0, 0)
    assert Fact.objects.filter(patient=patient).count() == 1


def test_ledgers_of_other_machines_are_read_as_well(
    patient: Patient, now: datetime, tmp_path: Path, settings: Settings
) -> None:
    erase_person(user_id=patient.pk, now=now)
    _as_in_a_backup(patient, now)
    elsewhere, settings.ERASURE_LEDGER = settings.ERASURE_LEDGER, tmp_path / "mine.jsonl"
    said = StringIO()
    call_command("apply_erasures", str(elsewhere), stdout=said)
    assert said.getvalue() == "1 people erased again, the data of 0 deleted again.\n"
    with pytest.raises(CommandError, match="no file"):
        call_command("apply_erasures", str(tmp_path / "none"))


def test_an_erasure_that_failed_is_void(
    patient: Patient, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_user: User) -> None:
        raise DatabaseError

    monkeypatch.setattr(services, "remove_loose_ends", broken)
    with pytest.raises(DatabaseError), transaction.atomic():
        erase_person(user_id=patient.pk, now=now)
    assert [entry.step for entry in ledger.erasures()] == ["void"]
    assert apply_again(now=now) == (0, 0)


@pytest.mark.parametrize(("is_gone", "step"), [(True, "done"), (False, "void")])
def test_an_erasure_whose_process_died_is_settled_by_the_database(
    patient: Patient, now: datetime, is_gone: bool, step: str
) -> None:
    asked = ledger.ask(subject=patient.pk, what="person", now=now)
    assert ledger.standing([asked]) == [asked]
    if is_gone:
        patient.user.delete()
    assert settle(now=now + timedelta(minutes=9)) == 0
    assert settle(now=now + timedelta(minutes=10)) == 1
    assert [entry.step for entry in ledger.erasures()] == [step]
    assert settle(now=now + timedelta(days=1)) == 0


def test_a_line_that_was_cut_off_hides_no_other(
    patient: Patient, now: datetime, erasures: Path
) -> None:
    erasures.write_text('{"erasure": "0')
    erase_person(user_id=patient.pk, now=now)
    assert [entry.subject for entry in ledger.erasures()] == [patient.pk]


def test_nothing_is_erased_where_the_ledger_cannot_be_written(
    api: Api, patient: Patient, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings.ERASURE_LEDGER = tmp_path / "file" / "erasures.jsonl"
    answer = api(patient).delete("me", {"password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (503, "erasure_unavailable")
    assert User.objects.filter(pk=patient.pk).exists()
