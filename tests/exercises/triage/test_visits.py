"""Visits to a doctor close the loop that a prompt opened."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import AuditEvent, Patient, User
from exercises.triage.models import Alert, AlertEvent, DoctorPrompt, Visit
from exercises.triage.services import evaluate_due
from tests.client import ApiClient
from tests.exercises.triage.diary import Diary

Api = Callable[[User | Patient | None], ApiClient]
SetClock = Callable[[datetime], None]
DAY = timedelta(days=1)


def planned(**changes: Any) -> dict[str, Any]:
    """A visit on 8 May."""
    return {
        "state": "planned",
        "tz": "Europe/Berlin",
        "planned_for": "2026-05-08T10:15:00+02:00",
        "with_whom": "Dr. Weber",
    } | changes


def report(phone: ApiClient, code: str, when: str = "2026-05-04", **attrs: Any) -> Any:
    return phone.put(
        f"me/symptom-reports/{uuid4()}",
        {
            "occurred_at": f"{when}T07:30:00Z",
            "tz": "Europe/Berlin",
            "local_date": when,
            "symptoms": [{"code": code, "present": True, "attrs": attrs}],
        },
    )


@pytest.fixture
def phone(api: Api, patient: Patient) -> ApiClient:
    """The phone of `patient`, whose plan has begun."""
    Diary(patient)
    return api(patient)


def prompt_of(phone: ApiClient, code: str, rule: str, **attrs: Any) -> DoctorPrompt:
    report(phone, code, **attrs)
    return DoctorPrompt.objects.get(alert__rule=rule)


@pytest.fixture
def soon(phone: ApiClient) -> DoctorPrompt:
    """A prompt to see a doctor within two weeks."""
    return prompt_of(phone, "S-CLAUDICATION", "SD-CLAUD")


def book(phone: ApiClient, prompt: DoctorPrompt, **changes: Any) -> tuple[str, Any]:
    path = f"me/visits/{uuid4()}"
    answer = phone.put(path, planned(prompts=[str(prompt.pk)], **changes))
    assert answer.status_code == 201, answer.json()
    return path, answer


def status(prompt: DoctorPrompt) -> tuple[str, str]:
    prompt = DoctorPrompt.objects.select_related("alert").get(pk=prompt.pk)
    return prompt.state, prompt.alert.status


def test_a_visit_is_stored_once_however_often_it_is_sent(phone: ApiClient) -> None:
    path = f"me/visits/{uuid4()}"
    first, again = phone.put(path, planned()), phone.put(path, planned())

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == phone.get(path).json()
    assert first["ETag"] == again["ETag"]
    assert first.json()["planned_on"] == "2026-05-08"
    assert first.json()["version"] == 1
    assert phone.get(path, If_None_Match=first["ETag"]).status_code == 304
    assert [item["id"] for item in phone.get("me/visits").json()["items"]] == [first.json()["id"]]


def test_an_edit_names_the_version_that_it_was_made_on(phone: ApiClient) -> None:
    path = f"me/visits/{uuid4()}"
    tag = phone.put(path, planned())["ETag"]
    moved = planned(planned_for="2026-05-12T09:00:00+02:00")

    assert phone.put(path, moved).status_code == 428
    assert phone.put(path, moved, If_Match='"other"').status_code == 412
    edited = phone.put(path, moved, If_Match=tag)
    assert (edited.status_code, edited.json()["version"]) == (200, 2)
    assert phone.put(path, moved, If_Match=tag).json() == edited.json(), "sent again"
    assert phone.put(path, planned(), If_Match=tag).status_code == 412
    assert phone.put(f"me/visits/{uuid4()}", planned(), If_Match=tag).status_code == 412
    kept = Visit.objects.get().versions.order_by("version")
    assert [row.content["planned_for"][:10] for row in kept] == ["2026-05-08", "2026-05-12"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"state": "maybe"}, "/state"),
        ({"tz": "Mars/Olympus"}, "/tz"),
        ({"planned_for": "2026-05-08T10:15:00"}, "/planned_for"),
        ({"planned_for": "0001-01-01T00:00:00Z"}, "/planned_for"),
        ({"state": "cancelled"}, "/reason"),
        ({"state": "cancelled", "reason": "  "}, "/reason"),
        ({"outcome": "all_clear"}, "/outcome"),
        ({"state": "attended", "outcome": "cured"}, "/outcome"),
        ({"with_whom": "x" * 201}, "/with_whom"),
        ({"with_whom": "\u0000"}, "/with_whom"),
        ({"colour": "red"}, "/colour"),
        ({"prompts": [str(uuid4())]}, "/prompts"),
    ],
)
def test_what_does_not_fit_is_said_field_by_field(
    phone: ApiClient, changes: dict[str, Any], pointer: str
) -> None:
    answer = phone.put(f"me/visits/{uuid4()}", planned(**changes))
    assert answer.status_code == 400
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert not Visit.objects.exists()


def test_a_planned_visit_needs_a_day(phone: ApiClient) -> None:
    body = {"state": "planned", "tz": "Europe/Berlin"}
    assert phone.put(f"me/visits/{uuid4()}", body).json()["errors"][0]["pointer"] == "/planned_on"
    body["planned_on"] = "2026-05-08"
    assert phone.put(f"me/visits/{uuid4()}", body).status_code == 201


def test_nobody_finds_the_visit_of_another(
    api: Api, phone: ApiClient, other_patient: Patient, therapist: User, soon: DoctorPrompt
) -> None:
    path, _ = book(phone, soon)
    stranger = api(other_patient)

    assert stranger.get(path).status_code == 404
    assert stranger.get("me/visits").json()["items"] == []
    assert stranger.put(path, planned()).status_code == 201, "an id is the patient's own"
    assert stranger.put(f"me/visits/{uuid4()}", planned(prompts=[str(soon.pk)])).status_code == 400
    assert api(therapist).get(path).status_code == 403
    assert api(None).get(path).status_code == 401
    assert phone.get(path).json()["version"] == 1


def test_a_booked_visit_ends_the_advice_to_see_a_doctor_soon(
    phone: ApiClient, soon: DoctorPrompt
) -> None:
    book(phone, soon)

    assert status(soon) == ("planned", "cleared")
    assert phone.get("me/today").json()["advice"] is None
    advice = phone.get("me/advice").json()["items"]
    assert [(item["id"], item["state"]) for item in advice] == [(str(soon.pk), "planned")]


def test_a_cancelled_visit_brings_the_advice_back_and_asks_again(
    phone: ApiClient, soon: DoctorPrompt
) -> None:
    path, answer = book(phone, soon)
    off = planned(state="cancelled", reason="ill", prompts=[str(soon.pk)])
    assert phone.put(path, off, If_Match=answer["ETag"]).status_code == 200

    assert status(soon) == ("raised", "open")
    soon.refresh_from_db()
    assert (soon.seen_at, soon.answered_at, soon.quiet_until) == (None, None, None)
    assert phone.get("me/today").json()["advice"]["level"] == "see_doctor_soon"
    steps = AlertEvent.objects.filter(alert=soon.alert).order_by("pk")
    assert [*steps.values_list("step", flat=True)] == [
        "raised", "planned", "cleared", "visit_off", "reopened",
    ]  # fmt: skip


def test_of_two_visits_the_one_that_stands_decides(phone: ApiClient, soon: DoctorPrompt) -> None:
    path, answer = book(phone, soon)
    book(phone, soon, with_whom="Dr. Klein")
    off = planned(state="cancelled", reason="too far", prompts=[str(soon.pk)])
    phone.put(path, off, If_Match=answer["ETag"])

    assert status(soon) == ("planned", "cleared")


@pytest.mark.parametrize(("days", "expected"), [(6, "planned"), (7, "raised")])
def test_a_visit_of_which_nothing_was_heard_is_asked_after_again(
    phone: ApiClient, soon: DoctorPrompt, now: datetime, days: int, expected: str
) -> None:
    book(phone, soon)  # on 8 May; three days after it is 12 May, 00:00 in Berlin
    evaluate_due(now=datetime.fromisoformat("2026-05-05T00:00:00+02:00") + days * DAY)

    assert status(soon)[0] == expected


def test_however_late_a_visit_is_the_patient_is_asked_again_after_four_weeks(
    phone: ApiClient, soon: DoctorPrompt, now: datetime
) -> None:
    book(phone, soon, planned_for="2026-11-02T09:00:00Z")
    soon.refresh_from_db()
    assert soon.quiet_until == now + 28 * DAY


def test_an_attended_visit_with_its_outcome_reaches_the_therapist(
    api: Api, phone: ApiClient, soon: DoctorPrompt, patient: Patient, therapist: User
) -> None:
    path, answer = book(phone, soon)
    body = planned(
        state="attended", attended_on="2026-05-04", outcome="referred",
        outcome_text="To the vascular clinic.", prompts=[str(soon.pk)],
    )  # fmt: skip
    assert phone.put(path, body, If_Match=answer["ETag"]).status_code == 200

    assert status(soon) == ("attended", "cleared")
    (seen,) = api(therapist).get(f"patients/{patient.pk}/visits").json()["items"]
    assert (seen["outcome"], seen["outcome_text"]) == ("referred", "To the vascular clinic.")
    event = AlertEvent.objects.get(step="visit_outcome")
    assert (event.alert, event.reason) == (soon.alert, "referred")
    assert AuditEvent.objects.filter(action="visits.read", patient_id=patient.pk).count() == 1


def test_only_who_cares_for_the_patient_reads_her_visits(
    api: Api, phone: ApiClient, patient: Patient, stranger: User
) -> None:
    assert api(stranger).get(f"patients/{patient.pk}/visits").status_code == 404
    assert phone.get(f"patients/{patient.pk}/visits").status_code == 403
    assert api(None).get(f"patients/{patient.pk}/visits").status_code == 401


@pytest.mark.parametrize(
    ("code", "rule"),
    [("S-TINGLE-LEG", "PR-NEURO-NEW"), ("S-SADDLE", "RF-CES-SADDLE")],
)
def test_no_visit_closes_what_only_a_clinician_or_the_symptom_closes(
    phone: ApiClient, code: str, rule: str
) -> None:
    prompt = prompt_of(
        phone, code, rule, **({"laterality": "left"} if code == "S-TINGLE-LEG" else {})
    )
    path, answer = book(phone, prompt)
    assert status(prompt) == ("planned", "open")
    body = planned(state="attended", outcome="all_clear", prompts=[str(prompt.pk)])
    answer = phone.put(path, body, If_Match=answer["ETag"])
    assert status(prompt) == ("attended", "open")
    paused = rule.startswith("RF")
    assert phone.get("me/plan").json()["state"] == ("paused" if paused else "active")
    off = planned(state="cancelled", reason="mixed up", prompts=[str(prompt.pk)])
    phone.put(path, off, If_Match=answer["ETag"])
    assert status(prompt) == ("seen", "open")


def test_a_closed_prompt_stays_closed(
    api: Api, phone: ApiClient, soon: DoctorPrompt, therapist: User
) -> None:
    api(therapist).post(f"alerts/{soon.alert_id}/resolve", {"reason": "seen"})
    book(phone, soon)
    assert status(soon) == ("closed", "resolved")


def trend_prompt(diary: Diary) -> DoctorPrompt:
    """Knee pain of 5 for three weeks."""
    diary.pains(0, [5] * 22)
    return DoctorPrompt.objects.get(alert__rule="SD-PERSIST-3W")


@pytest.mark.parametrize(("days", "count"), [(13, 1), (14, 2)])
def test_a_trend_is_taken_up_again_two_weeks_after_the_visit(
    api: Api, patient: Patient, set_clock: SetClock, days: int, count: int
) -> None:
    diary = Diary(patient)
    prompt = trend_prompt(diary)
    set_clock(datetime.fromisoformat("2026-05-25T18:00:00Z"))
    phone = api(patient)
    body = planned(state="attended", attended_on="2026-05-25", prompts=[str(prompt.pk)])
    assert phone.put(f"me/visits/{uuid4()}", body).status_code == 201
    assert status(prompt) == ("attended", "cleared")
    diary.pains(22, [5] * (days - 1))
    diary.tick(21 + days)

    assert Alert.objects.filter(rule="SD-PERSIST-3W").count() == count


def test_a_booked_trend_is_not_raised_meanwhile_and_ends_with_its_condition(
    api: Api, patient: Patient, set_clock: SetClock
) -> None:
    diary = Diary(patient)
    prompt = trend_prompt(diary)
    set_clock(datetime.fromisoformat("2026-05-25T18:00:00Z"))
    phone = api(patient)
    path, answer = book(phone, prompt, planned_for="2026-06-01T09:00:00Z")
    diary.pains(22, [5, 5, 2, 1, 1, 1, 1])
    assert Alert.objects.filter(rule="SD-PERSIST-3W").count() == 1
    set_clock(datetime.fromisoformat("2026-06-01T18:00:00Z"))
    off = planned(state="cancelled", reason="better", prompts=[str(prompt.pk)])
    phone.put(path, off, If_Match=answer["ETag"])

    assert status(prompt) == ("closed", "cleared"), "it no longer holds"


def test_listing_costs_the_same_for_one_visit_and_for_many(
    phone: ApiClient, soon: DoctorPrompt
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert phone.get("me/visits").status_code == 200
        return len(captured)

    book(phone, soon)
    one = queries()
    for _ in range(5):
        book(phone, soon)
    assert queries() == one


def test_writing_a_visit_costs_a_bounded_number_of_queries(
    phone: ApiClient, soon: DoctorPrompt
) -> None:
    with CaptureQueriesContext(connection) as captured:
        book(phone, soon)
    assert len(captured) <= 30
