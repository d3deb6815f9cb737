"""The doors of the brief and of the patient's questions."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.consents import answer as answer_consent
from backend.accounts.models import AuditEvent, Patient, User
from exercises.reports.models import BriefQuestions
from tests.backend.dashboard.records import make_alert, make_pain_days, make_session
from tests.client import ApiClient
from tests.exercises.reports.records import DAY, TODAY

Api = Callable[[User | Patient | None], ApiClient]
QUESTIONS = "me/brief/questions"


def withdraw(patient: Patient, scope: str, now: datetime) -> None:
    answer_consent(patient_id=patient.pk, scope=scope, granted=False, text_version=1, now=now)


def test_a_patient_gets_her_brief(brief_of_her: Any) -> None:
    found = brief_of_her
    assert (found["name"], found["on"], found["language"]) == ("Pia Patient", "2026-05-04", "en")
    assert found["since"]["plan_since"] == "2026-04-22"
    assert [week["sites"][0]["usual"] for week in found["weeks"]] == [6.0, 4.3]
    [alert] = found["alerts"]
    assert (alert["rule"], alert["level"], alert["status"]) == (
        "RF-CES-BLADDER", "emergency_now", "open",
    )  # fmt: skip
    assert alert["text"] == "Numb or changed feeling in the saddle area"
    assert alert["at"] == "2026-05-04T10:00:00+02:00"
    [row] = found["exercises"]
    assert (row["done"], row["due"], row["worst_pain"]) == (1, 12, 3)
    assert found["plan"]["next"] == "rehab"
    assert {line["code"] for line in found["plan"]["not_met"]} == {"day", "no_open_prompt", "pain"}
    assert found["questions"] == ["May I run again?"]
    assert "no diagnosis" in found["notice"]


def test_words_follow_the_language_and_codes_do_not(api: Api, told: Patient) -> None:
    german = api(told).get("me/brief", Accept_Language="de-AT").json()
    assert german["language"] == "de"
    assert german["alerts"][0]["text"] == "Taubes oder verändertes Gefühl im Sattelbereich"
    assert german["alerts"][0]["level"] == "emergency_now"


def test_a_brief_that_is_known_is_not_sent_again(api: Api, told: Patient, now: datetime) -> None:
    client = api(told)
    tag = client.get("me/brief")["ETag"]
    assert client.get("me/brief", If_None_Match=tag).status_code == 304
    make_alert(told, now=now)
    assert client.get("me/brief", If_None_Match=tag).status_code == 200


def test_a_patient_who_has_told_nothing_gets_a_brief_that_says_so(
    api: Api, other_patient: Patient
) -> None:
    found = api(other_patient).get("me/brief").json()
    assert (found["weeks"], found["alerts"], found["exercises"]) == ([], [], [])
    assert "plan" not in found
    assert found["missing"]["not_synced"] == 28


def test_a_therapist_gets_it_and_the_look_is_audited(
    api: Api, asking: Patient, therapist: User
) -> None:
    answer = api(therapist).get(f"patients/{asking.pk}/brief")
    assert answer.status_code == 200
    assert answer.json()["name"] == "Pia Patient"
    event = AuditEvent.objects.get(action="brief.read")
    assert (event.actor_id, event.patient_id) == (therapist.pk, asking.pk)


@pytest.mark.parametrize("path", ["brief", "brief.pdf"])
def test_a_stranger_gets_what_a_missing_patient_gets(
    api: Api, asking: Patient, therapist: User, stranger: User, path: str
) -> None:
    assert api(stranger).get(f"patients/{asking.pk}/{path}").status_code == 404
    assert api(asking).get(f"patients/{asking.pk}/{path}").status_code == 403
    assert api(None).get(f"me/{path}").status_code == 401


def test_what_is_not_shared_is_not_told(
    api: Api, asking: Patient, therapist: User, now: datetime
) -> None:
    client, path = api(therapist), f"patients/{asking.pk}/brief"
    assert client.get(path).json()["questions"] == ["May I run again?"]
    withdraw(asking, "notes", now)
    assert "questions" not in client.get(path).json()
    withdraw(asking, "diary", now)
    for one in (path, f"{path}.pdf"):
        refused = client.get(one)
        assert (refused.status_code, refused.json()["code"]) == (403, "diary_not_shared")
    assert api(asking).get("me/brief").json()["questions"] == ["May I run again?"]


def test_a_brief_takes_the_same_queries_however_long_the_history(
    api: Api, told: Patient, now: datetime
) -> None:
    client = api(told)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("me/brief").status_code == 200
        return len(captured)

    queries()
    few = queries()
    for number in range(10):
        make_alert(told, now=now - number * DAY)
        make_session(told, day=TODAY - number * DAY, now=now)
    make_pain_days(told, last=TODAY - 14 * DAY, knee=[5] * 30)
    assert queries() == few
    assert few <= 32


def test_a_brief_takes_no_query(api: Api, told: Patient) -> None:
    assert api(told).get("me/brief?language=de").status_code == 400


def test_questions_are_written_and_read_again(api: Api, patient: Patient) -> None:
    client = api(patient)
    empty = client.get(QUESTIONS)
    assert empty.json() == {"questions": [], "version": 0}
    written = client.put(QUESTIONS, {"questions": ["Why?", "How long?"]}, If_Match=empty["ETag"])
    assert written.status_code == 200, written.content
    held = client.get(QUESTIONS)
    assert held.json() == written.json()
    assert (held.json()["questions"], held.json()["version"]) == (["Why?", "How long?"], 1)
    assert client.get(QUESTIONS, If_None_Match=held["ETag"]).status_code == 304
    fewer = client.put(QUESTIONS, {"questions": []}, If_Match=held["ETag"])
    assert (fewer.json()["questions"], fewer.json()["version"]) == ([], 2)


def test_the_same_questions_again_change_nothing(api: Api, patient: Patient) -> None:
    client = api(patient)
    tag = client.get(QUESTIONS)["ETag"]
    body = {"questions": ["Why?"]}
    first = client.put(QUESTIONS, body, If_Match=tag)
    again = client.put(QUESTIONS, body, If_Match=tag)
    assert (again.status_code, again.json()) == (200, first.json())
    assert BriefQuestions.objects.get().version == 1


def test_an_edit_on_an_older_version_is_refused(api: Api, patient: Patient) -> None:
    client = api(patient)
    tag = client.get(QUESTIONS)["ETag"]
    assert client.put(QUESTIONS, {"questions": ["Why?"]}).status_code == 428
    assert client.put(QUESTIONS, {"questions": ["Why?"]}, If_Match=tag).status_code == 200
    assert client.put(QUESTIONS, {"questions": ["When?"]}, If_Match=tag).status_code == 412
    assert BriefQuestions.objects.get().questions == ["Why?"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"questions": ["x" * 201]}, "/questions/0"),
        ({"questions": ["a"] * 6}, "/questions"),
        ({"questions": ["fine", "  "]}, "/questions/1"),
        ({"questions": [""]}, "/questions/0"),
        ({"questions": ["a\x00b"]}, "/questions/0"),
        ({"questions": None}, "/questions"),
        ({}, "/questions"),
        ({"questions": [], "more": 1}, "/more"),
    ],
)
def test_a_wrong_question_is_named(
    api: Api, patient: Patient, body: dict[str, Any], pointer: str
) -> None:
    client = api(patient)
    answer = client.put(QUESTIONS, body, If_Match=client.get(QUESTIONS)["ETag"])
    assert answer.status_code == 400
    assert [error["pointer"] for error in json.loads(answer.content)["errors"]] == [pointer]
    assert not BriefQuestions.objects.exists()


def test_questions_are_each_patients_own(
    api: Api, asking: Patient, other_patient: Patient, therapist: User
) -> None:
    assert api(other_patient).get(QUESTIONS).json()["questions"] == []
    assert api(therapist).get(QUESTIONS).status_code == 403
    assert api(None).get(QUESTIONS).status_code == 401
