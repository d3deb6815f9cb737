"""What the patient answers to a prompt, and what follows from it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from backend.accounts.models import Patient, User
from exercises.triage.models import Alert, AlertEvent, DoctorPrompt
from exercises.triage.services import answer_prompt, evaluate_due, see_prompt
from exercises.triage.services.prompts import Answer
from tests.client import ApiClient
from tests.exercises.triage.diary import Diary
from tests.exercises.triage.test_visits import prompt_of, status

Api = Callable[[User | Patient | None], ApiClient]
DAY = timedelta(days=1)


@pytest.fixture
def phone(api: Api, patient: Patient) -> ApiClient:
    Diary(patient)
    return api(patient)


@pytest.fixture
def soon(phone: ApiClient) -> DoctorPrompt:
    """A prompt to see a doctor within two weeks."""
    return prompt_of(phone, "S-CLAUDICATION", "SD-CLAUD")


@pytest.mark.parametrize(
    ("answer", "state", "alert"),
    [
        ("will_go", "will_go", "open"),
        ("declined", "declined", "open"),
        ("planned", "planned", "cleared"),
        ("sought_care", "attended", "cleared"),
    ],
)
def test_booking_or_going_ends_the_advice_to_see_a_doctor_soon(
    soon: DoctorPrompt, now: datetime, answer: Answer, state: str, alert: str
) -> None:
    answer_prompt(prompt=soon, answer=answer, reason="r", now=now)
    assert status(soon) == (state, alert)
    answer_prompt(prompt=soon, answer=answer, reason="r", now=now)
    assert AlertEvent.objects.filter(step=answer).count() == 1


@pytest.mark.parametrize("answer", ["will_go", "declined", "planned", "sought_care"])
@pytest.mark.parametrize("code", ["S-TINGLE-LEG", "S-CALF-SWELL", "S-SADDLE"])
def test_no_answer_ends_anything_higher(
    phone: ApiClient, now: datetime, answer: Answer, code: str
) -> None:
    attrs = {"S-CALF-SWELL": {"one_leg": True}, "S-TINGLE-LEG": {"laterality": "left"}}
    rule = {
        "S-TINGLE-LEG": "PR-NEURO-NEW", "S-CALF-SWELL": "RF-DVT", "S-SADDLE": "RF-CES-SADDLE",
    }[code]  # fmt: skip
    prompt = prompt_of(phone, code, rule, **attrs.get(code, {}))
    answer_prompt(prompt=prompt, answer=answer, reason="r", now=now)
    assert status(prompt)[1] == "open"


def test_who_changes_her_mind_is_asked_again(soon: DoctorPrompt, now: datetime) -> None:
    answer_prompt(prompt=soon, answer="planned", reason="", now=now)
    assert status(soon) == ("planned", "cleared")
    answer_prompt(prompt=soon, answer="declined", reason="no time", now=now + DAY)
    assert status(soon) == ("declined", "open")
    assert Alert.objects.filter(rule="SD-CLAUD").count() == 1


@pytest.mark.parametrize(("days", "expected"), [(14, "planned"), (15, "raised")])
def test_a_word_that_a_visit_is_planned_holds_for_two_weeks(
    soon: DoctorPrompt, now: datetime, days: int, expected: str
) -> None:
    answer_prompt(prompt=soon, answer="planned", reason="", now=now)
    # The daily look at midnight comes before the hour of the answer.
    evaluate_due(now=datetime.fromisoformat("2026-05-04T00:00:00+02:00") + days * DAY)
    assert status(soon)[0] == expected


def test_seeing_a_prompt_keeps_what_was_answered(soon: DoctorPrompt, now: datetime) -> None:
    see_prompt(prompt=soon, now=now)
    assert status(soon) == ("seen", "open")
    answer_prompt(prompt=soon, answer="will_go", reason="", now=now)
    see_prompt(prompt=soon, now=now + DAY)
    soon.refresh_from_db()
    assert (soon.state, soon.seen_at) == ("will_go", now)


def test_a_new_report_of_what_a_visit_ended_is_a_new_alert(
    phone: ApiClient, soon: DoctorPrompt, now: datetime
) -> None:
    answer_prompt(prompt=soon, answer="sought_care", reason="", now=now)
    from tests.exercises.triage.test_visits import report

    report(phone, "S-CLAUDICATION")
    assert Alert.objects.filter(rule="SD-CLAUD").count() == 2


def test_the_advice_answers_over_the_api_and_a_closed_one_refuses(
    api: Api, phone: ApiClient, soon: DoctorPrompt, therapist: User, other_patient: Patient
) -> None:
    path = f"me/advice/{soon.pk}/response"
    assert api(other_patient).post(path, {"answer": "planned"}).status_code == 404
    assert phone.post(path, {"answer": "perhaps"}).status_code == 400
    assert phone.post(path, {"answer": "declined"}).json()["errors"][0]["pointer"] == "/reason"
    first, again = phone.post(path, {"answer": "planned"}), phone.post(path, {"answer": "planned"})
    assert (first.status_code, again.json()) == (200, first.json())
    other = prompt_of(phone, "S-TINGLE-LEG", "PR-NEURO-NEW", laterality="left")
    api(therapist).post(f"alerts/{other.alert_id}/resolve", {"reason": "seen"})
    answer = phone.post(f"me/advice/{other.pk}/response", {"answer": "will_go"})
    assert (answer.status_code, answer.json()["code"]) == (409, "prompt_closed")
