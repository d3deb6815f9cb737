"""Therapists work with alerts over the API."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import AuditEvent, Patient, User
from exercises.triage.models import Alert, AlertEvent, DoctorPrompt
from tests.client import ApiClient

Api = Callable[[User | Patient | None], ApiClient]
INTAKE = {
    "answers": {"age": 44, "pregnant": "no", "first_episode": False, "history": [], "red_flags": []}
}


def report(phone: ApiClient, code: str, **attrs: Any) -> Any:
    """One symptom, reported now."""
    return phone.put(
        f"me/symptom-reports/{uuid4()}",
        {
            "occurred_at": "2026-05-04T07:30:00Z",
            "tz": "Europe/Berlin",
            "local_date": "2026-05-04",
            "symptoms": [{"code": code, "present": True, "attrs": attrs}],
        },
    )


@pytest.fixture
def emergency(api: Api, patient: Patient, therapist: User) -> Alert:
    """`patient` reported a red flag."""
    phone = api(patient)
    phone.put("me/intake", INTAKE)
    report(phone, "S-SADDLE")
    return Alert.objects.get(rule="RF-CES-SADDLE")


def test_acknowledging_keeps_the_alert_and_the_pause(
    api: Api, patient: Patient, therapist: User, emergency: Alert
) -> None:
    doctor, path = api(therapist), f"alerts/{emergency.pk}/acknowledge"
    first, again = doctor.post(path), doctor.post(path)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["status"] == "acknowledged"
    assert again.json() == first.json()
    assert AlertEvent.objects.filter(step="acknowledged").count() == 1
    assert api(patient).get("me/plan").json()["state"] == "paused"
    audited = AuditEvent.objects.filter(action="alert.acknowledged", actor_id=therapist.pk)
    assert audited.count() == 1


def test_resolving_needs_a_reason_and_resumes_the_plan(
    api: Api, patient: Patient, therapist: User, emergency: Alert
) -> None:
    doctor = api(therapist)
    path = f"patients/{patient.pk}/alerts/{emergency.pk}/resolve"
    assert doctor.post(path, {}).json()["errors"][0]["pointer"] == "/reason"
    assert doctor.post(path, {"reason": ""}).status_code == 400
    first = doctor.post(path, {"reason": "Seen in the emergency department, all clear."})
    again = doctor.post(path, {"reason": "Seen in the emergency department, all clear."})
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["status"] == "resolved"
    assert api(patient).get("me/plan").json()["state"] == "active"
    assert DoctorPrompt.objects.get(alert=emergency).state == "closed"
    assert AlertEvent.objects.filter(step="resolved").count() == 1


def test_a_new_report_of_a_resolved_red_flag_is_a_new_alert(
    api: Api, patient: Patient, therapist: User, emergency: Alert
) -> None:
    api(therapist).post(f"alerts/{emergency.pk}/resolve", {"reason": "checked"})
    report(api(patient), "S-SADDLE")
    assert Alert.objects.filter(rule="RF-CES-SADDLE").count() == 2
    assert api(patient).get("me/plan").json()["state"] == "paused"


def test_who_acknowledges_may_say_what_she_makes_of_it(
    api: Api, therapist: User, emergency: Alert
) -> None:
    path = f"alerts/{emergency.pk}/acknowledge"
    assert api(therapist).post(path, {"reason": "Called her"}).status_code == 200
    assert emergency.events.get(step="acknowledged").reason == "Called her"
    assert api(therapist).post(path).status_code == 200
    assert api(therapist).post(path, {"surprise": 1}).status_code == 400


def test_reopening_counts_again(
    api: Api, patient: Patient, therapist: User, emergency: Alert
) -> None:
    doctor = api(therapist)
    assert doctor.post(f"alerts/{emergency.pk}/reopen", {"reason": "x"}).status_code == 409
    doctor.post(f"alerts/{emergency.pk}/resolve", {"reason": "checked"})
    answer = doctor.post(f"alerts/{emergency.pk}/reopen", {"reason": "it came back"})
    assert answer.json()["status"] == "open"
    assert api(patient).get("me/plan").json()["state"] == "paused"


@pytest.mark.parametrize("verb", ["acknowledge", "resolve", "reopen"])
def test_who_does_not_care_for_the_patient_finds_nothing(
    api: Api, patient: Patient, stranger: User, emergency: Alert, verb: str
) -> None:
    path = f"alerts/{emergency.pk}/{verb}"
    missing = api(stranger).post(f"alerts/{uuid4()}/{verb}", {"reason": "x"})
    refused = api(stranger).post(path, {"reason": "x"})
    assert refused.status_code == missing.status_code == 404
    assert refused.json() | {"trace_id": ""} == missing.json() | {"trace_id": ""}
    assert api(patient).post(path, {"reason": "x"}).status_code == 403
    assert api(None).post(path, {"reason": "x"}).status_code == 401
    emergency.refresh_from_db()
    assert emergency.status == "open"


def test_an_alert_is_not_found_under_another_patient(
    api: Api, therapist: User, other_patient: Patient, emergency: Alert
) -> None:
    path = f"patients/{other_patient.pk}/alerts/{emergency.pk}/acknowledge"
    assert api(therapist).post(path).status_code == 404


def test_the_work_list_is_highest_first_audited_and_pages(
    api: Api, patient: Patient, therapist: User, emergency: Alert
) -> None:
    report(api(patient), "S-CONSTIPATION")
    report(api(patient), "S-CALF-SWELL", one_leg=True, new_or_changed=True)
    doctor = api(therapist)
    first = doctor.get("alerts?limit=2").json()
    assert [item["level"] for item in first["items"]] == ["emergency_now", "urgent_same_day"]
    assert first["items"][0]["because"]["sources"]
    rest = doctor.get(f"alerts?limit=2&cursor={first['next_cursor']}").json()
    assert [item["rule"] for item in rest["items"]] == ["RT-CONSTIPATION"]
    assert rest["next_cursor"] is None
    assert doctor.get("alerts?limit=0").status_code == 400
    assert doctor.get("alerts?cursor=forged").status_code == 400
    audited = AuditEvent.objects.filter(action="alerts.read", patient_id=patient.pk)
    assert audited.count() == 2


def test_the_work_list_costs_the_same_for_one_alert_and_for_many(
    api: Api, patient: Patient, therapist: User, emergency: Alert
) -> None:
    doctor = api(therapist)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            doctor.get("alerts")
        return len(captured)

    one = queries()
    for _ in range(10):
        report(api(patient), "S-CONSTIPATION")
    assert queries() == one


def test_ended_care_is_effective_on_the_next_request(
    api: Api, patient: Patient, therapist: User, emergency: Alert, now: datetime
) -> None:
    doctor = api(therapist)
    assert doctor.get(f"alerts/{emergency.pk}").status_code == 200
    patient.care.update(ended_at=now - timedelta(seconds=1))
    assert doctor.get(f"alerts/{emergency.pk}").status_code == 404
    assert doctor.get("alerts").json()["items"] == []


def test_a_retraction_that_comes_first_leaves_no_alert_but_a_review(
    patient: Patient, therapist: User, now: datetime, api: Api
) -> None:
    from exercises.sync.services import accept
    from exercises.tracking.facts import Retraction, SymptomItem, SymptomReport
    from exercises.tracking.models import FactType
    from exercises.tracking.services import Report

    api(patient).put("me/intake", INTAKE)
    flag, day = uuid4(), now.date()
    common: dict[str, Any] = {"occurred_at": now, "tz": "UTC", "local_date": day}
    withdrawal = Retraction(target=flag, confirmed_none=True, **common)
    said = SymptomReport(symptoms=[SymptomItem(code="S-SADDLE", present=True)], **common)
    accept(patient=patient, reports=[Report(uuid4(), FactType.RETRACTION, withdrawal)], now=now)
    (outcome,) = accept(patient=patient, reports=[Report(flag, FactType.SYMPTOM, said)], now=now)
    assert outcome.alerts == ()
    row = Alert.objects.get()
    assert (row.status, row.opened_at, row.review_open) == ("retracted", None, True)
    action = "alert.retracted_before_arrival"
    assert AuditEvent.objects.filter(action=action, patient_id=patient.pk).count() == 1
    assert api(patient).get("me/plan").json()["state"] == "active"
    answer = api(therapist).post(f"alerts/{row.pk}/resolve", {"reason": "called her"})
    assert answer.json()["review_open"] is False
    assert api(therapist).get("alerts").json()["items"] == []
