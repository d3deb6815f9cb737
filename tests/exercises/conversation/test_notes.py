"""A care team keeps notes that the patient's phone never gets."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from backend.accounts.models import Patient, User
from exercises.conversation.models import CareNote
from tests.client import ApiClient

Api = Callable[[User | Patient | None], ApiClient]
SAID = {"text": "Afraid of bending; go slowly."}


def notes(patient: Patient) -> str:
    return f"patients/{patient.pk}/notes"


def write(doctor: ApiClient, patient: Patient, **body: Any) -> Any:
    return doctor.put(f"{notes(patient)}/{uuid4()}", SAID | body)


@pytest.fixture
def shared(api: Api, patient: Patient, therapist: User) -> Patient:
    return patient


def test_a_note_is_kept_and_a_correction_leaves_it_to_be_read(
    api: Api, shared: Patient, therapist: User, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    doctor = api(therapist)
    first = write(doctor, shared)
    set_clock(now + timedelta(minutes=1))
    assert (first.status_code, first.json()["by"]) == (201, "Theo Therapist")
    corrected = write(doctor, shared, text="Afraid of lifting.", corrects=first.json()["id"])
    assert corrected.status_code == 201
    newest, oldest = doctor.get(notes(shared)).json()["items"]
    assert (oldest["text"], oldest["corrected_by"]) == (SAID["text"], newest["id"])
    assert newest["corrects"] == oldest["id"]
    again = write(doctor, shared, text="Third", corrects=first.json()["id"])
    assert (again.status_code, again.json()["code"]) == (409, "already_corrected")


def test_the_same_again_changes_nothing_and_other_words_are_a_conflict(
    api: Api, shared: Patient, therapist: User
) -> None:
    doctor, path = api(therapist), f"{notes(shared)}/{uuid4()}"
    assert [doctor.put(path, SAID).status_code for _ in range(2)] == [201, 200]
    assert doctor.put(path, {"text": "Other"}).status_code == 409
    assert CareNote.objects.count() == 1


def test_the_phone_never_gets_a_note(api: Api, shared: Patient, therapist: User) -> None:
    write(api(therapist), shared)
    pulled = api(shared).get("sync/pull")
    assert pulled.status_code == 200
    assert SAID["text"] not in pulled.content.decode()
    assert api(shared).get(notes(shared)).status_code == 403


def test_what_cannot_be_a_note_is_refused(
    api: Api, shared: Patient, other_patient: Patient, therapist: User
) -> None:
    doctor = api(therapist)
    for text in ("", " ", "x" * 4001, "a\x00b"):
        answer = write(doctor, shared, text=text)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/text")
    unknown = write(doctor, shared, corrects=str(uuid4()))
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (400, "/corrects")


def test_a_stranger_finds_nothing_and_without_the_diary_notes_are_hidden(
    api: Api, shared: Patient, therapist: User, stranger: User
) -> None:
    write(api(therapist), shared)
    assert api(stranger).get(notes(shared)).status_code == 404
    assert write(api(stranger), shared).status_code == 404
    withdrawn = {"scope": "diary", "granted": False, "version": 1}
    assert api(shared).post("me/consents", withdrawn).status_code == 200
    assert api(therapist).get(notes(shared)).json()["code"] == "diary_not_shared"
