"""A patient withdraws what her care team may see: it holds on the next request, on every door."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from backend.accounts.models import AuditEvent, Patient, User
from backend.accounts.services import make_session_token
from exercises.tracking.models import FactType
from exercises.triage.levels import Level
from exercises.triage.models import Alert, AlertStatus
from notifications.models import Delivery
from notifications.services import deliver, relay
from tests.backend.dashboard.records import (
    make_alert,
    make_fact,
    make_pain_days,
    make_plan,
    make_prescription,
)
from tests.client import ApiClient
from tests.notifications import rows

Api = Callable[[User | Patient | None], ApiClient]
TODAY = date(2026, 5, 4)
SECRET = "my landlord must not know"
CANARY = "saddle-canary"


@pytest.fixture
def record(patient: Patient, therapist: User, now: datetime) -> Patient:
    """A patient with a plan, a note, an emergency that matched `CANARY`, and a lesser alert."""
    make_prescription(make_plan(patient, start=TODAY - timedelta(days=12), now=now))
    make_pain_days(patient, last=TODAY, knee=[4] * 7)
    make_fact(
        patient,
        kind=FactType.PAIN,
        day=TODAY,
        data={"site": "knee", "kind": "now", "score": 4, "note": SECRET},
        now=now,
    )
    make_alert(patient, now=now, rule="RF-CES-BLADDER", matched=[{"symptom": CANARY}])
    make_alert(patient, level=Level.SEE_DOCTOR_SOON, now=now)
    return patient


def withdraw(api: Api, patient: Patient, scope: str) -> None:
    answer = api(patient).post("me/consents", {"scope": scope, "granted": False, "version": 1})
    assert answer.status_code == 200, answer.content


def pages(user: User, patient: Patient, now: datetime) -> list[str]:
    browser = Client(headers={})
    browser.cookies["sessionid"] = make_session_token(user, now)
    paths = ("/dashboard/", f"/dashboard/patients/{patient.pk}/")
    return [browser.get(path).content.decode() for path in paths]


def test_before_everything_is_there(
    api: Api, therapist: User, record: Patient, now: datetime
) -> None:
    answer = api(therapist).get(f"patients/{record.pk}").json()
    assert (answer["diary"], answer["phase"]) == ("shared", "initial")
    assert SECRET in str(answer["reports"])
    assert SECRET in pages(therapist, record, now)[1]


def test_a_withdrawn_diary_leaves_level_rule_and_date_of_the_emergency(
    api: Api, therapist: User, record: Patient
) -> None:
    phone = api(therapist)
    withdraw(api, record, "diary")
    [row] = phone.get("patients").json()["items"]
    page = phone.get(f"patients/{record.pk}").json()
    for seen in (row, page):
        [reason] = seen["reasons"]
        assert (seen["diary"], seen["level"]) == ("not_shared", "emergency_now")
        assert (reason["rule"], reason["since"]) == ("RF-CES-BLADDER", "2026-05-03T22:00:00Z")
        assert not {"phase", "day", "adherence", "last_report_at", "plan_state"} & set(seen)
        assert seen["pain"]["week"] == {"logged_days": 0}
    assert (page["reports"], page["pain_days"], page["prescriptions"]) == ([], [], [])


def test_a_withdrawn_diary_hides_the_alerts_below_urgent_and_what_matched(
    api: Api, therapist: User, record: Patient
) -> None:
    phone = api(therapist)
    lesser = Alert.objects.get(level=Level.SEE_DOCTOR_SOON)
    assert CANARY in phone.get("alerts").content.decode()
    withdraw(api, record, "diary")
    for path in ("alerts", f"patients/{record.pk}/alerts"):
        answer = phone.get(path)
        [item] = answer.json()["items"]
        assert (item["rule"], item["level"]) == ("RF-CES-BLADDER", "emergency_now")
        assert CANARY not in answer.content.decode()
    assert phone.get(f"alerts/{lesser.pk}").status_code == 404
    assert phone.post(f"alerts/{lesser.pk}/acknowledge").status_code == 404


def test_the_emergency_can_still_be_seen_to(api: Api, therapist: User, record: Patient) -> None:
    withdraw(api, record, "diary")
    alert = Alert.objects.get(level=Level.EMERGENCY_NOW)
    phone = api(therapist)
    assert phone.get(f"alerts/{alert.pk}").json()["because"]["matched"] == []
    for verb, body in (("acknowledge", None), ("resolve", {"reason": "Called her; seen today."})):
        answer = phone.post(f"alerts/{alert.pk}/{verb}", body)
        assert answer.status_code == 200
        assert CANARY not in answer.content.decode()
    alert.refresh_from_db()
    assert alert.status == AlertStatus.RESOLVED
    assert alert.because["matched"] == [{"symptom": CANARY}]
    assert alert.occurred_at.hour == 8
    assert phone.get(f"alerts/{alert.pk}").status_code == 404


@pytest.mark.parametrize("path", ["plan", "hints", "visits", "known-stable", "plan/preview"])
def test_what_is_made_of_the_diary_is_refused_with_the_reason(
    api: Api, therapist: User, stranger: User, record: Patient, path: str
) -> None:
    withdraw(api, record, "diary")
    address = f"patients/{record.pk}/{path}"
    answer = api(therapist).get(address)
    assert (answer.status_code, answer.json()["code"]) == (403, "diary_not_shared")
    assert api(stranger).get(address).status_code == 404


def test_no_page_of_the_dashboard_says_more(
    api: Api, therapist: User, record: Patient, now: datetime
) -> None:
    withdraw(api, record, "diary")
    for text in pages(therapist, record, now):
        assert "Diary not shared" in text
        assert "Emergency" in text
        # The list's filters name every phase, whoever is in it.
        said = re.sub(r"<select.*?</select>", "", text, flags=re.DOTALL)
        for hidden in (SECRET, CANARY, "Initial", "day 12", "SD-PERSIST-3W"):
            assert hidden not in said
    assert AuditEvent.objects.filter(action="patient.read", patient_id=record.pk).exists()


def test_withdrawn_notes_hide_the_free_text_alone(
    api: Api, therapist: User, record: Patient, now: datetime
) -> None:
    withdraw(api, record, "notes")
    page = api(therapist).get(f"patients/{record.pk}").json()
    [report] = page["reports"]
    assert report["data"] == {"site": "knee", "kind": "now", "score": 4}
    assert SECRET not in pages(therapist, record, now)[1]
    assert page["diary"] == "shared"


def test_the_patient_herself_sees_everything_as_before(
    api: Api, therapist: User, record: Patient
) -> None:
    phone = api(record)
    withdraw(api, record, "diary")
    withdraw(api, record, "notes")
    assert phone.get("me/plan").status_code == 200
    assert phone.get("me/advice").status_code == 200


def test_a_yes_brings_it_back_at_once(api: Api, therapist: User, record: Patient) -> None:
    phone = api(therapist)
    withdraw(api, record, "diary")
    assert phone.get(f"patients/{record.pk}/plan").status_code == 403
    api(record).post("me/consents", {"scope": "diary", "granted": True, "version": 1})
    assert phone.get(f"patients/{record.pk}/plan").status_code == 200


def test_an_answer_kept_for_a_repeated_call_is_not_given_out_after_a_no(
    api: Api, therapist: User, record: Patient
) -> None:
    alert = Alert.objects.get(level=Level.EMERGENCY_NOW)
    phone, key = api(therapist), {"Idempotency_Key": "0b8d8c54-3e0f-4a37-8a35-1f4f6a3d1c11"}
    first: Any = phone.post(f"alerts/{alert.pk}/acknowledge", None, **key)
    assert CANARY in first.content.decode()
    withdraw(api, record, "diary")
    again = phone.post(f"alerts/{alert.pk}/acknowledge", None, **key)
    assert CANARY not in again.content.decode()


def told(patient: Patient, level: Level, now: datetime) -> set[tuple[str, str]]:
    """What became of the in-app messages about a new alert of that level, as (decision, reason)."""
    alert = rows.make_alert(patient=patient, level=level, at=now)
    relay(now=now)
    waiting = Delivery.objects.filter(message__alert_id=alert.pk, message__audience="therapist")
    for delivery in waiting.filter(channel="in_app", due_at__lte=now):
        deliver(delivery_id=delivery.pk, now=now)
    done = waiting.exclude(decision="")
    return set(done.values_list("decision", "reason"))


def test_the_inbox_keeps_what_is_urgent_and_hides_the_rest(
    api: Api, therapist: User, patient: Patient, now: datetime
) -> None:
    for level in (Level.EMERGENCY_NOW, Level.PROMPT_DAYS):
        assert {decision for decision, _ in told(patient, level, now)} == {"send"}
    phone = api(therapist)
    assert len(phone.get("me/notifications").json()["items"]) == 2
    withdraw(api, patient, "diary")
    [kept] = phone.get("me/notifications").json()["items"]
    assert kept["level"] == "emergency_now"


def test_a_message_is_judged_again_when_it_is_sent(
    api: Api, therapist: User, patient: Patient, now: datetime
) -> None:
    withdraw(api, patient, "diary")
    assert {decision for decision, _ in told(patient, Level.EMERGENCY_NOW, now)} == {"send"}
    assert told(patient, Level.PROMPT_DAYS, now) == {("suppress", "diary_not_shared")}


def test_withdrawn_reminders_leave_emergencies_to_be_told(
    api: Api, therapist: User, patient: Patient, now: datetime
) -> None:
    withdraw(api, patient, "reminders")
    assert {decision for decision, _ in told(patient, Level.EMERGENCY_NOW, now)} == {"send"}
