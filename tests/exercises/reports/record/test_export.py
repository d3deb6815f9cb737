"""An export holds all that there is of a patient, and nothing of anybody else."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fhirclient.models.bundle import Bundle
from jsonschema import Draft202012Validator, FormatChecker
from msgspec import structs

from backend.accounts.models import Clinic, Patient, User
from exercises.reports.models import Export
from exercises.reports.record import checks, exporting
from exercises.reports.record.checks import check_listing
from exercises.reports.record.exporting import archive_of
from exercises.reports.record.listing import all_models, listing, problems
from exercises.reports.record.tables import csv_of
from notifications.services import relay
from tests.client import ApiClient
from tests.exercises.reports.record.conftest import saddle
from tests.factories import make_care, make_patient
from tests.hostile.example import DAY

Api = Callable[[User | Patient | None], ApiClient]


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def files(archive: bytes) -> dict[str, bytes]:
    return unpacked(archive)


@pytest.fixture
def record(files: dict[str, bytes]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files["record.json"])
    return found


@pytest.fixture
def traces(files: dict[str, bytes]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files["traces.json"])
    return found


def test_something_stands_in_every_table(record: dict[str, Any], traces: dict[str, Any]) -> None:
    tables = record["record"] | traces["traces"]
    assert {name for name, rows in tables.items() if not rows} == set()


@pytest.mark.parametrize("name", ["record", "traces"])
def test_documents_have_the_shape_that_their_schema_says(
    files: dict[str, bytes], name: str
) -> None:
    schema = json.loads(files[f"{name}.schema.json"])
    Draft202012Validator.check_schema(schema)
    checked = Draft202012Validator(schema, format_checker=FormatChecker())
    assert [*checked.iter_errors(json.loads(files[f"{name}.json"]))] == []


def test_every_table_is_a_file_with_the_columns_that_the_metadata_names(
    files: dict[str, bytes], record: dict[str, Any], traces: dict[str, Any]
) -> None:
    tables = {
        table["url"]: [column["name"] for column in table["tableSchema"]["columns"]]
        for table in json.loads(files["csv/csv-metadata.json"])["tables"]
    }
    assert {f"csv/{name}" for name in tables} == {name for name in files if name.endswith(".csv")}
    rows = record["record"] | traces["traces"]
    for name, columns in tables.items():
        lines = [*csv.reader(io.StringIO(files[f"csv/{name}"].decode(), newline=""))]
        assert lines[0] == columns
        assert len(lines) - 1 == len(rows[name.removesuffix(".csv")])


def test_a_text_that_a_spreadsheet_would_carry_out_is_text() -> None:
    kind = listing().record["rejected"]
    row: dict[str, Any] = dict.fromkeys(kind.fields) | {
        "raw": "=1+1",
        "rev": -3,
        "problem": {"a": 1},
    }
    cells = next(csv.DictReader(io.StringIO(csv_of(kind, [row]).decode(), newline="")))
    assert (cells["raw"], cells["rev"], cells["problem"]) == ("'=1+1", "-3", '{"a": 1}')


def test_the_bundle_is_fhir_r4_and_names_no_diagnosis(files: dict[str, bytes]) -> None:
    said = json.loads(files["fhir/bundle.json"])
    Bundle(said, strict=True)
    kinds = {entry["resource"]["resourceType"] for entry in said["entry"]}
    assert kinds >= {
        "Patient", "Practitioner", "Organization", "CareTeam", "Consent", "CarePlan",
        "ServiceRequest", "Observation", "Procedure", "QuestionnaireResponse", "DetectedIssue",
        "Task", "Encounter", "Flag", "Communication",
    }  # fmt: skip
    assert not kinds & {"Condition", "MedicationStatement", "ClinicalImpression"}
    urls = [entry["fullUrl"] for entry in said["entry"]]
    assert len(urls) == len(set(urls))
    assert set(_references(said)) <= set(urls)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for held in value.values():
            yield from _references(held)
    elif isinstance(value, list):
        for held in value:
            yield from _references(held)


def test_the_manifest_names_every_file_with_its_hash(files: dict[str, bytes]) -> None:
    manifest = json.loads(files["manifest.json"])
    assert manifest["fhir_version"] == "4.0.1"
    listed = {one["name"]: one["sha256"] for one in manifest["files"]}
    assert set(listed) == set(files) - {"README.txt", "manifest.json"}
    assert all(hashlib.sha256(files[name]).hexdigest() == held for name, held in listed.items())


def test_no_secret_is_in_it(files: dict[str, bytes]) -> None:
    everything = b"".join(files.values())
    for word in (b"argon2", b"md5$", b"a-token", b'password":'):
        assert word not in everything


# --- the doors --------------------------------------------------------------------------------


def test_a_patient_asks_for_her_export_and_fetches_it(api: Api, patient: Patient) -> None:
    client = api(patient)
    made = client.post("me/exports")
    assert made.status_code == 201
    export = made.json()
    assert client.get(f"me/exports/{export['id']}").json() == export
    file = client.get(f"me/exports/{export['id']}/file")
    assert (file["Content-Type"], file["Cache-Control"]) == ("application/zip", "no-store")
    assert file["Content-Disposition"] == 'attachment; filename="stepwise-2026-05-04.zip"'
    assert len(file.content) == export["size"]
    assert hashlib.sha256(file.content).hexdigest() == export["sha256"]
    assert json.loads(unpacked(file.content)["record.json"])["patient"] == str(patient.pk)


def test_an_export_is_nobody_elses(api: Api, patient: Patient, other_patient: Patient) -> None:
    export = api(patient).post("me/exports").json()["id"]
    for path in (f"me/exports/{export}", f"me/exports/{export}/file", f"me/exports/{uuid4()}"):
        assert api(other_patient).get(path).status_code == 404


def test_an_export_wants_no_body(api: Api, patient: Patient) -> None:
    assert api(patient).post("me/exports", {"everything": True}).status_code == 400
    assert api(patient).get("me/exports/nonsense").status_code == 404


def test_a_repeated_request_makes_one_export(api: Api, patient: Patient) -> None:
    client = api(patient)
    first = client.post("me/exports", Idempotency_Key="one-export")
    again = client.post("me/exports", Idempotency_Key="one-export")
    assert (again.status_code, again.json()) == (201, first.json())
    assert Export.objects.count() == 1


def test_ten_exports_a_day_are_enough(
    api: Api, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "archive_of", lambda **_: b"zip")
    client = api(patient)
    answers = [client.post("me/exports") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [201] * 10 + [429]
    assert int(answers[-1]["Retry-After"]) > 3600


def test_an_export_expires_after_a_week(
    api: Api, patient: Patient, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    client = api(patient)
    export = client.post("me/exports").json()["id"]
    set_clock(now + timedelta(days=7) - timedelta(seconds=1))
    assert client.get(f"me/exports/{export}/file").status_code == 200
    set_clock(now + timedelta(days=7))
    assert client.get(f"me/exports/{export}/file").status_code == 404
    assert exporting.prune(now=now + timedelta(days=7)) == 1


def test_an_export_asks_each_table_once_however_long_the_record_is(
    api: Api, patient: Patient, django_assert_max_num_queries: Any
) -> None:
    client = api(patient)
    tables = len(listing().record) + len(listing().traces)
    for number in range(3):
        body = DAY | {"site": "knee", "kind": "now", "score": number}
        assert client.put(f"me/pain-reports/{uuid4()}", body).status_code == 201
    with django_assert_max_num_queries(tables + 25):
        client.post("me/exports")


def test_an_export_holds_nothing_of_another_patient(
    api: Api, patient: Patient, therapist: User, clinic: Clinic, now: datetime
) -> None:
    """Both are in the same hands and report the same."""
    other = make_patient(now=now, name="Olga Other")
    make_care(patient=other, therapist=therapist, clinic=clinic, now=now)
    for person, words in ((patient, "hers alone"), (other, "a canary")):
        answer = api(person).put(f"me/symptom-reports/{uuid4()}", saddle(words))
        assert answer.status_code == 201
    relay(now=now)
    api(therapist).get(f"patients/{other.pk}")
    api(therapist).get(f"patients/{patient.pk}")
    api(other).post("me/exports")
    everything = b"".join(unpacked(archive_of(patient_id=patient.pk, now=now)).values())
    assert b"hers alone" in everything
    for word in (b"a canary", b"Olga", other.user.email.encode(), str(other.pk).encode()):
        assert word not in everything


# --- the table ---------------------------------------------------------------------------------


def test_every_column_of_the_product_is_exported_or_left_out_with_a_reason() -> None:
    assert [*problems(listing(), all_models())] == []
    kinds = [*listing().record.values(), *listing().traces.values()]
    reasons = [text for kind in kinds for text in kind.left_out.values()]
    assert all(len(text) > 5 for text in (*reasons, *listing().elsewhere.values()))


def test_a_column_that_nobody_listed_stops_the_start_and_says_what_to_do() -> None:
    kind = listing().record["diary"]
    short = structs.replace(kind, fields=tuple(f for f in kind.fields if f != "data"))
    found = structs.replace(listing(), record=listing().record | {"diary": short})
    (problem,) = problems(found, all_models())
    assert problem.startswith("tracking.Fact.data is neither exported nor left out: add it to")


def test_a_table_that_nobody_listed_stops_the_start_and_says_what_to_do() -> None:
    record = {name: kind for name, kind in listing().record.items() if name != "diary"}
    (problem,) = problems(structs.replace(listing(), record=record), all_models())
    assert problem.startswith("tracking.Fact is in no table of exercises/reports/content/record")


def test_what_is_gone_or_listed_twice_is_named() -> None:
    kind = listing().record["diary"]
    twice = structs.replace(
        kind, fields=(*kind.fields, "weather"), left_out={"rev": "no"} | kind.left_out
    )
    found = structs.replace(
        listing(),
        record=listing().record | {"diary": twice},
        elsewhere=listing().elsewhere | {"no.Such": "nothing", "triage.Visit": "twice"},
    )
    said = " ".join(problems(found, all_models()))
    for part in (
        "tracking.Fact.weather is listed",
        "tracking.Fact.rev is both",
        "no.Such is listed and there is no such model",
        "triage.Visit is listed twice",
    ):
        assert part in said


def test_the_check_says_what_the_table_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_listing() == []
    short = structs.replace(listing(), elsewhere={})
    monkeypatch.setattr(checks, "listing", lambda: short)
    assert {error.id[:9] for error in check_listing()} == {"reports.E"}
