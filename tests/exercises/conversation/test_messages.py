"""A patient and her care team write to each other over the API."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import AuditEvent, Patient, User
from exercises.conversation.models import CareMessage
from tests.client import ApiClient

Api = Callable[[User | Patient | None], ApiClient]
HELLO = {"text": "My knee is better.\nMay I cycle?"}


def write(phone: ApiClient, path: str = "me/messages", **body: Any) -> Any:
    return phone.put(f"{path}/{uuid4()}", HELLO | body)


def theirs(patient: Patient) -> str:
    return f"patients/{patient.pk}/messages"


def test_what_a_patient_writes_her_therapist_reads_and_answers(
    api: Api, patient: Patient, therapist: User
) -> None:
    phone, doctor = api(patient), api(therapist)
    sent = write(phone)
    assert (sent.status_code, sent.json()["ask"]) == (201, None)
    [seen] = doctor.get(theirs(patient)).json()["items"]
    assert (seen["from"], seen["by"], seen["text"]) == ("patient", "Pia Patient", HELLO["text"])
    assert write(doctor, theirs(patient), text="Yes, gently.").status_code == 201
    page = phone.get("me/messages").json()
    assert [item["from"] for item in page["items"]] == ["care_team", "patient"]
    assert (page["unread"], "read_at" in page["items"][0]) == (1, False)
    assert AuditEvent.objects.filter(action="messages.read", actor_id=therapist.pk).count() == 2
    assert AuditEvent.objects.filter(action="message.sent").count() == 2


def test_both_sides_are_told_that_messages_are_not_for_emergencies(
    api: Api, patient: Patient, therapist: User
) -> None:
    phone = api(patient)
    for notice in (phone.get("me/messages").json()["notice"], write(phone).json()["notice"]):
        assert "not for emergencies" in notice
        assert "112" in notice
    in_german = phone.get("me/messages", Accept_Language="de").json()["notice"]
    assert "nicht für Notfälle" in in_german
    assert "Not for emergencies" in api(therapist).get(theirs(patient)).json()["notice"]


def test_words_that_name_a_red_flag_are_answered_with_the_questions_about_it(
    api: Api, patient: Patient, therapist: User
) -> None:
    answer = write(api(patient), text="Since today I am numb between my legs").json()
    assert answer["message"]["named"] == ["S-SADDLE"]
    ask = answer["ask"]
    assert "answer the symptom questions now" in ask["message"]
    assert ask["emergency_number"] == "112"
    assert [one["code"] for one in ask["symptoms"]] == ["S-SADDLE"]
    assert ask["symptoms"][0]["question"]
    [seen] = api(therapist).get(theirs(patient)).json()["items"]
    assert seen["named"] == ["S-SADDLE"]


def test_the_same_again_changes_nothing_and_other_words_are_a_conflict(
    api: Api, patient: Patient, therapist: User
) -> None:
    for client, base in ((api(patient), "me/messages"), (api(therapist), theirs(patient))):
        path = f"{base}/{uuid4()}"
        first, again = client.put(path, HELLO), client.put(path, HELLO)
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        assert client.put(path, {"text": "Other words"}).status_code == 409
    assert CareMessage.objects.count() == 2


def test_reading_marks_what_the_other_side_wrote_once(
    api: Api, patient: Patient, therapist: User, now: datetime
) -> None:
    phone, doctor = api(patient), api(therapist)
    first = write(phone).json()["message"]["id"]
    write(phone, text="And one more")
    own = write(doctor, theirs(patient), text="Yes").json()["id"]
    path = f"{theirs(patient)}/read"
    answers = [doctor.post(path, {"up_to": first}).json() for _ in range(2)]
    assert answers == [{"read": 1}, {"read": 0}]
    assert doctor.get(theirs(patient)).json()["unread"] == 1
    assert phone.post("me/messages/read", {"up_to": own}).json() == {"read": 1}
    read = CareMessage.objects.get(id=own)
    assert (read.read_at, read.read_by) == (now, patient.user)
    for client, where in ((phone, "me/messages/read"), (doctor, path)):
        assert client.post(where, {"up_to": str(uuid4())}).status_code == 404


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001, "a\x00b", "a\x07b"])
def test_what_is_no_plain_text_is_refused(
    api: Api, patient: Patient, therapist: User, text: str
) -> None:
    for client, base in ((api(patient), "me/messages"), (api(therapist), theirs(patient))):
        answer = write(client, base, text=text)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/text")
    assert not CareMessage.objects.exists()


def test_a_stranger_finds_nothing_and_a_patient_has_no_therapists_door(
    api: Api, patient: Patient, other_patient: Patient, therapist: User, stranger: User
) -> None:
    sent = write(api(patient)).json()["message"]["id"]
    doctor = api(stranger)
    assert doctor.get(theirs(patient)).status_code == 404
    assert write(doctor, theirs(patient)).status_code == 404
    assert doctor.post(f"{theirs(patient)}/read", {"up_to": sent}).status_code == 404
    assert api(patient).get(theirs(patient)).status_code == 403
    assert api(other_patient).get("me/messages").json()["items"] == []
    assert api(other_patient).post("me/messages/read", {"up_to": sent}).status_code == 404
    assert api(therapist).get("me/messages").status_code == 403


def test_who_has_no_care_team_is_told_that_nobody_would_read_it(
    api: Api, other_patient: Patient
) -> None:
    answer = write(api(other_patient))
    assert (answer.status_code, answer.json()["code"]) == (409, "no_care_team")


def test_withdrawing_the_diary_ends_no_conversation(
    api: Api, patient: Patient, therapist: User
) -> None:
    write(api(patient))
    withdrawn = {"scope": "diary", "granted": False, "version": 1}
    assert api(patient).post("me/consents", withdrawn).status_code == 200
    assert len(api(therapist).get(theirs(patient)).json()["items"]) == 1
    assert write(api(therapist), theirs(patient)).status_code == 201


def test_messages_and_read_marks_come_with_the_next_pull(
    api: Api, patient: Patient, therapist: User
) -> None:
    phone, doctor = api(patient), api(therapist)
    sent = write(phone).json()["message"]
    before = phone.get("sync/pull").json()
    [held] = [change for change in before["changes"] if change["entity"] == "message"]
    assert held["data"] == sent
    doctor.post(f"{theirs(patient)}/read", {"up_to": sent["id"]})
    after = phone.get(f"sync/pull?cursor={before['cursor']}").json()["changes"]
    assert [(change["id"], "read_at" in change["data"]) for change in after] == [(sent["id"], True)]


def test_a_page_of_messages_costs_the_same_however_many_there_are(
    api: Api, patient: Patient, therapist: User
) -> None:
    doctor, phone = api(therapist), api(patient)

    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            doctor.get(theirs(patient))
            phone.get("me/messages")
        return len(found)

    write(phone)
    cost()
    before = cost()
    for _ in range(5):
        write(phone)
        write(doctor, theirs(patient))
    assert cost() == before
