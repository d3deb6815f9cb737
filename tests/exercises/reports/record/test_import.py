"""An export brought to another server says the same again."""

import json
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from backend.accounts.erasures import ledger
from backend.accounts.erasures.services import apply_again, erase_person, settle
from backend.accounts.models import AuditEvent, CareRelationship, Clinic, Patient, User
from exercises.reports.record.exporting import archive_of
from exercises.reports.record.importing import AlreadyHere, Imported, import_record
from exercises.reports.record.unpacking import NotAnExport, read_file
from tests.client import ApiClient
from tests.exercises.reports.record.conftest import NOW, saddle
from tests.factories import make_patient
from tests.hostile.example import DAY

Api = Callable[[User | Patient | None], ApiClient]

NOBODY = "018f4e2a-0000-7000-8000-000000000000"


@pytest.fixture(autouse=True)
def erasures(settings: Settings, tmp_path: Path) -> None:
    settings.ERASURE_LEDGER = tmp_path / "erasures.jsonl"


def record_in(content: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        found: dict[str, Any] = json.loads(archive.read("record.json"))
        return found


@pytest.fixture
def document(archive: bytes) -> dict[str, Any]:
    """The record of somebody who is not in this database."""
    return record_in(archive)


def brought(document: dict[str, Any], now: datetime) -> Imported:
    return import_record(document=document, now=now)


@pytest.mark.django_db
def test_export_import_export_is_identical(document: dict[str, Any]) -> None:
    """To the last id; only `made_at` is the caller's."""
    imported = brought(document, NOW + timedelta(days=3))
    again = record_in(archive_of(patient_id=imported.patient_id, now=NOW))
    assert again == document
    assert imported.rows == sum(len(rows) for rows in document["record"].values()) > 100


@pytest.mark.django_db
def test_a_second_round_is_identical_as_well(document: dict[str, Any]) -> None:
    brought(document, NOW)
    patient = UUID(document["patient"])
    once = record_in(archive_of(patient_id=patient, now=NOW))
    erase_person(user_id=patient, now=NOW)
    User.objects.filter(is_active=False).delete()
    brought(once, NOW)
    assert record_in(archive_of(patient_id=patient, now=NOW)) == document


def test_the_record_goes_on_where_it_stopped(
    document: dict[str, Any], api: Api, now: datetime
) -> None:
    brought(document, now)
    client = api(Patient.objects.get(pk=document["patient"]))
    assert client.put(
        f"me/pain-reports/{uuid4()}", DAY | {"site": "knee", "kind": "now", "score": 3}
    )
    fact = next(row for row in document["record"]["diary"] if row["type"] == "pain_report")
    again = client.put(f"me/pain-reports/{fact['id']}", fact["data"])
    assert (again.status_code, again.json()["status"]) == (200, "duplicate")
    assert client.put(f"me/symptom-reports/{uuid4()}", saddle("still")).status_code == 201
    for path in ("me", "me/today", "me/plan", "me/advice", "me/notifications", "sync/pull"):
        assert client.get(path).status_code == 200, path


def test_her_phones_start_over(document: dict[str, Any], api: Api, now: datetime) -> None:
    """On the very server that she left, too."""
    brought(document, now)
    patient = Patient.objects.get(pk=document["patient"])
    cursor = api(patient).get("sync/pull").json()["cursor"]
    erase_person(user_id=patient.pk, now=now)
    brought(document, now)
    gone = api(Patient.objects.get(pk=patient.pk)).get(f"sync/pull?cursor={cursor}")
    assert (gone.status_code, gone.json()["reason"]) == (410, "replaced")


@pytest.mark.django_db
def test_those_whom_nobody_knows_here_come_as_names_alone(document: dict[str, Any]) -> None:
    brought(document, NOW)
    for person in document["people"]:
        held = User.objects.get(pk=person["id"])
        assert (held.name, held.is_active, held.has_usable_password()) == (
            person["name"],
            False,
            False,
        )
        assert not held.memberships.exists()


def test_an_import_lets_nobody_see_the_record(
    api: Api, patient: Patient, therapist: User, clinic: Clinic, now: datetime
) -> None:
    document = record_in(archive_of(patient_id=patient.pk, now=now))
    erase_person(user_id=patient.pk, now=now)
    assert brought(document, now).ended_care == 1
    assert CareRelationship.objects.get(patient=patient.pk).ended_at == now
    assert api(therapist).get(f"patients/{patient.pk}").status_code == 404


def test_who_was_erased_and_came_back_stays(patient: Patient, now: datetime) -> None:
    document = record_in(archive_of(patient_id=patient.pk, now=now))
    erase_person(user_id=patient.pk, now=now)
    brought(document, now + timedelta(hours=1))
    assert apply_again(now=now + timedelta(days=1)) == (0, 0)
    assert settle(now=now + timedelta(days=1)) == 2
    assert apply_again(now=now + timedelta(days=1)) == (0, 0)
    assert [entry.what for entry in ledger.erasures()] == ["person", "import"]
    assert AuditEvent.objects.filter(action="record.imported", patient_id=patient.pk).exists()


def test_nobody_is_written_over(patient: Patient, now: datetime) -> None:
    document = record_in(archive_of(patient_id=patient.pk, now=now))
    with pytest.raises(AlreadyHere, match="is here already"):
        brought(document, now)
    email = document["record"]["account"][0]["email"]
    erase_person(user_id=patient.pk, now=now)
    make_patient(now=now, email=email)
    with pytest.raises(AlreadyHere, match="e-mail"):
        brought(document, now)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("diary", "type", "weather"),
        ("diary", "patient", NOBODY),
        ("diary", "rev", "many"),
        ("diary", "occurred_at", "yesterday"),
        ("diary", "tz", None),
        ("plans", "phase", "x" * 40),
        ("prescriptions", "plan", NOBODY),
        ("alert_events", "alert", NOBODY),
        ("account", "is_superuser", True),
        ("account", "password", "md5$x$y"),
        ("email_addresses", "user", NOBODY),
        ("email_addresses", "user", "therapist"),
        ("patient", "user", "therapist"),
        ("mail_opt_out", "user", "therapist"),
        ("care", "therapist", NOBODY),
    ],
)
def test_a_file_that_was_tampered_with_brings_nothing(
    document: dict[str, Any], therapist: User, table: str, column: str, value: Any
) -> None:
    """Not even that of somebody who is here: she would get an address of another's choice."""
    if value == "therapist":
        value = str(therapist.pk)
        document["people"].append({"id": value, "name": ""})
    document["record"][table][0][column] = value
    before = User.objects.count()
    with pytest.raises(NotAnExport):
        brought(document, NOW)
    assert User.objects.count() == before


@pytest.mark.django_db
def test_an_older_export_without_a_newer_table_is_read(document: dict[str, Any]) -> None:
    del document["record"]["known_stable"]
    assert brought(document, NOW).rows
    document["record"]["moods"] = []
    with pytest.raises(AlreadyHere):
        brought(document, NOW)


@pytest.mark.django_db
def test_a_newer_export_asks_for_an_update(document: dict[str, Any]) -> None:
    document["record"]["moods"] = []
    with pytest.raises(NotAnExport, match="does not know moods"):
        brought(document, NOW)


@pytest.mark.django_db
def test_the_command_imports_the_file_that_the_command_exports(
    archive: bytes, tmp_path: Path, document: dict[str, Any]
) -> None:
    source, target = tmp_path / "export.zip", tmp_path / "again.zip"
    source.write_bytes(archive)
    said = StringIO()
    call_command("import_record", str(source), stdout=said)
    assert f"of the patient {document['patient']}" in said.getvalue()
    call_command("export_record", document["patient"], str(target), stdout=said)
    assert target.stat().st_mode & 0o777 == 0o600
    again = read_file(target)
    assert again["record"] == document["record"]
    with pytest.raises(CommandError, match="is here already"):
        call_command("import_record", str(source))
    with pytest.raises(CommandError, match="File exists"):
        call_command("export_record", document["patient"], str(target))
    with pytest.raises(CommandError, match="no such patient"):
        call_command("export_record", str(uuid4()), str(tmp_path / "none.zip"))


def _zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


def test_a_file_that_is_no_export_is_refused_with_a_reason(tmp_path: Path) -> None:
    def said(path: Path) -> str:
        with pytest.raises(NotAnExport) as refused:
            read_file(path)
        return str(refused.value)

    def text(content: str) -> Path:
        (tmp_path / "one.json").write_text(content)
        return tmp_path / "one.json"

    manifest = json.dumps({"files": [{"name": "record.json", "sha256": "0"}]}).encode()
    damaged = _zip(tmp_path / "damaged.zip", {"record.json": b"{}", "manifest.json": manifest})
    assert "no file" in said(tmp_path / "none.zip")
    assert "damaged" in said(_zip(tmp_path / "other.zip", {"photo.jpg": b""}))
    assert "was changed" in said(damaged)
    assert "damaged" in said(text("not json"))
    assert "not the record" in said(text("[]"))
    assert "version 9" in said(text('{"format": "stepwise-record", "version": 9}'))
    assert "NUL" in said(text('{"format": "stepwise-record", "version": 1, "a": "\\u0000"}'))
