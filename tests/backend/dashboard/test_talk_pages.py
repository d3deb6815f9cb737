"""A therapist writes to a patient, and notes something, on the pages."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from backend.accounts.models import AuditEvent, Patient, User
from exercises.conversation.models import CareMessage, CareNote
from tests.client import ApiClient

Browse = Callable[[User | Patient], Client]
Api = Callable[[User | Patient | None], ApiClient]
SCRIPT = "<script>alert('x')</script>"
PAGES = ("messages", "notes")


def page_of(patient: Patient, name: str) -> str:
    return f"/dashboard/patients/{patient.pk}/{name}/"


def new_id(answer: Any) -> str:
    found = re.search(r'name="id" value="([^"]+)"', answer.content.decode())
    assert found is not None
    return found[1]


def write(phone: ApiClient, text: str) -> str:
    message_id = str(uuid4())
    assert phone.put(f"me/messages/{message_id}", {"text": text}).status_code == 201
    return message_id


@pytest.mark.parametrize("name", PAGES)
def test_what_is_sent_twice_is_there_once_and_never_markup(
    browse: Browse, therapist: User, patient: Patient, name: str
) -> None:
    client = browse(therapist)
    sent = {"id": new_id(client.get(page_of(patient, name))), "text": f"Go slowly\r\n{SCRIPT}"}
    for _ in range(2):
        answer = client.post(page_of(patient, name), sent)
        assert (answer.status_code, answer["Location"]) == (302, page_of(patient, name))
    model: Any = CareMessage if name == "messages" else CareNote
    assert model.objects.get().text == f"Go slowly\n{SCRIPT}"
    text = client.get(page_of(patient, name)).content.decode()
    assert "Go slowly" in text
    assert SCRIPT not in text
    assert AuditEvent.objects.filter(action=f"{name}.read", actor_id=therapist.pk).exists()


def test_unread_messages_are_marked_and_read_with_a_click(
    browse: Browse, api: Api, therapist: User, patient: Patient
) -> None:
    client, path = browse(therapist), page_of(patient, "messages")
    newest = write(api(patient), "May I cycle?")
    assert b"1 not read yet" in client.get(path).content
    for up_to in ("nonsense", str(uuid4()), newest, newest):
        assert client.post(f"{path}read/", {"up_to": up_to})["Location"] == path
    assert b"Nothing unread" in client.get(path).content
    assert CareMessage.objects.get().read_by == therapist


def test_what_seems_to_name_a_red_flag_stands_out_and_promises_nothing(
    browse: Browse, api: Api, therapist: User, patient: Patient
) -> None:
    write(api(patient), "I am numb between my legs")
    text = browse(therapist).get(page_of(patient, "messages")).content.decode()
    assert "The words seem to name a red flag." in text
    assert "They were not judged." in text
    assert "Not for emergencies." in text


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("  ", "Write something."),
        ("kept" * 1200, "characters; this has 4800."),
        ("kept\x07words", "Use plain text without control characters."),
    ],
)
def test_what_could_not_be_taken_is_said_and_what_was_typed_is_kept(
    browse: Browse, therapist: User, patient: Patient, name: str, typed: str, said: str
) -> None:
    answer = browse(therapist).post(page_of(patient, name), {"id": str(uuid4()), "text": typed})
    text = answer.content.decode()
    assert answer.status_code == 400
    assert said in text
    assert f">{typed}</textarea>" in text


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("taken", [True, False])
def test_a_form_that_carries_no_id_of_its_own_writes_nothing(
    browse: Browse, therapist: User, patient: Patient, name: str, taken: bool
) -> None:
    client, path = browse(therapist), page_of(patient, name)
    used = str(uuid4())
    client.post(path, {"id": used, "text": "First"})
    answer = client.post(path, {"id": used if taken else "nonsense", "text": "kept words"})
    assert answer.status_code == 400
    assert b"Something else was sent from this form." in answer.content
    assert b"kept words</textarea>" in answer.content


def test_a_note_is_corrected_and_stays_to_be_read(
    browse: Browse, therapist: User, patient: Patient
) -> None:
    client, path = browse(therapist), page_of(patient, "notes")
    client.post(path, {"id": str(uuid4()), "text": "Left knee"})
    note = CareNote.objects.get()
    form = client.get(f"{path}?corrects={note.pk}")
    assert b"Left knee</textarea>" in form.content
    sent = {"text": "Right knee", "corrects": str(note.pk)}
    assert client.post(path, {"id": new_id(form)} | sent).status_code == 302
    text = client.get(path).content.decode()
    assert "corrected since" in text
    assert "Left knee" in text
    assert "Right knee" in text
    late = client.post(path, {"id": str(uuid4())} | sent)
    assert b"This note was corrected meanwhile" in late.content


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_finds_nothing(
    browse: Browse, therapist: User, stranger: User, patient: Patient, name: str
) -> None:
    client, path = browse(stranger), page_of(patient, name)
    assert client.get(path).status_code == 404
    assert client.post(path, {"id": str(uuid4()), "text": "x"}).status_code == 404
    assert client.post(f"{page_of(patient, 'messages')}read/").status_code == 404


def test_without_the_diary_notes_are_hidden_and_messages_are_not(
    browse: Browse, api: Api, therapist: User, patient: Patient
) -> None:
    withdrawn = {"scope": "diary", "granted": False, "version": 1}
    assert api(patient).post("me/consents", withdrawn).status_code == 200
    client = browse(therapist)
    assert client.get(page_of(patient, "messages")).status_code == 200
    assert client.get(page_of(patient, "notes")).status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_a_page_costs_the_same_however_much_was_written(
    browse: Browse,
    therapist: User,
    patient: Patient,
    name: str,
    django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("backend.dashboard.views.talk.SHOWN", 3)
    client, path = browse(therapist), page_of(patient, name)
    client.post(path, {"id": str(uuid4()), "text": "First"})
    client.get(path)
    with django_assert_max_num_queries(20) as counted:
        client.get(path)
    cost = len(counted)
    for number in range(4):
        client.post(path, {"id": str(uuid4()), "text": f"Number {number}"})
    client.get(path)
    with django_assert_num_queries(cost):
        answer = client.get(path)
    assert b'href="?after=3"' in answer.content
    assert client.get(f"{path}?after=3").content.count(b'class="said"') == 2
