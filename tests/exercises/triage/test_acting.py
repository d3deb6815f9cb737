"""Therapists say what they did about an alert, and pass it on, over the API."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import AuditEvent, Clinic, Patient, User
from exercises.triage.levels import Level
from exercises.triage.models import Alert, AlertEvent, AlertStatus
from notifications.models import Delivery, Message
from notifications.services import deliver, relay
from tests.backend.dashboard.records import make_alert
from tests.client import ApiClient
from tests.factories import make_clinic, make_therapist

Api = Callable[[User | Patient | None], ApiClient]
CALLED = {"action": "called", "reason": "Spoke with her at noon"}


@pytest.fixture
def alert(patient: Patient, therapist: User, now: datetime) -> Alert:
    return make_alert(patient, now=now)


@pytest.mark.parametrize("action", ["called", "messaged", "referred", "no_action"])
def test_what_was_done_is_kept_with_its_author_and_acknowledges(
    api: Api, therapist: User, alert: Alert, action: str
) -> None:
    answer = api(therapist).post(f"alerts/{alert.pk}/act", {"action": action, "reason": "why"})
    assert (answer.status_code, answer.json()["status"]) == (200, "acknowledged")
    steps = answer.json()["steps"]
    assert [step["step"] for step in steps] == ["acknowledged", "acted"]
    assert steps[1] | {"at": ""} == {
        "step": "acted", "at": "", "by": "Theo Therapist", "action": action, "reason": "why",
    }  # fmt: skip
    assert AuditEvent.objects.filter(action=f"alert.{action}", actor_id=therapist.pk).count() == 1


def test_the_same_word_again_changes_nothing_and_another_is_added(
    api: Api, therapist: User, alert: Alert, set_clock: Callable[[datetime], None], now: datetime
) -> None:
    doctor, path = api(therapist), f"patients/{alert.patient_id}/alerts/{alert.pk}/act"
    first, again = doctor.post(path, CALLED), doctor.post(path, CALLED)
    assert first.json() == again.json()
    assert doctor.post(path, {"action": "referred"}).status_code == 200
    set_clock(now + timedelta(hours=2))
    assert doctor.post(path, CALLED).status_code == 200
    acted = AlertEvent.objects.filter(step="acted").order_by("id")
    assert [event.action for event in acted] == ["called", "referred", "called"]


def test_doing_nothing_needs_a_reason(api: Api, therapist: User, alert: Alert) -> None:
    doctor, path = api(therapist), f"alerts/{alert.pk}/act"
    for body in ({"action": "no_action"}, {"action": "no_action", "reason": "  "}):
        answer = doctor.post(path, body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/reason")
    assert doctor.post(path, {"action": "prayed"}).json()["errors"][0]["pointer"] == "/action"
    assert not AlertEvent.objects.exists()


@pytest.mark.parametrize("verb", ["act", "assign"])
def test_nothing_is_done_about_an_alert_that_is_over(
    api: Api, patient: Patient, therapist: User, now: datetime, verb: str
) -> None:
    over = make_alert(patient, now=now, status=AlertStatus.RESOLVED, review_open=False)
    body = CALLED if verb == "act" else {"to": str(therapist.pk)}
    assert api(therapist).post(f"alerts/{over.pk}/{verb}", body).status_code == 409


@pytest.mark.parametrize("verb", ["act", "assign"])
def test_who_does_not_care_for_the_patient_finds_nothing(
    api: Api, patient: Patient, stranger: User, alert: Alert, verb: str
) -> None:
    body = CALLED if verb == "act" else {"to": str(stranger.pk)}
    for path in (f"alerts/{alert.pk}/{verb}", f"patients/{patient.pk}/alerts/{alert.pk}/{verb}"):
        assert api(stranger).post(path, body).status_code == 404
        assert api(patient).post(path, body).status_code == 403
        assert api(None).post(path, body).status_code == 401
    assert api(stranger).get(f"patients/{patient.pk}/colleagues").status_code == 404


def test_an_alert_is_passed_on_to_a_colleague_who_may_then_see_it(
    api: Api, patient: Patient, therapist: User, stranger: User, alert: Alert
) -> None:
    doctor, colleague = api(therapist), api(stranger)
    named = {one["id"] for one in doctor.get(f"patients/{patient.pk}/colleagues").json()["items"]}
    assert named == {str(therapist.pk), str(stranger.pk)}
    assert colleague.get(f"alerts/{alert.pk}").status_code == 404
    body = {"to": str(stranger.pk), "reason": "I am in theatre"}
    first, again = (doctor.post(f"alerts/{alert.pk}/assign", body) for _ in range(2))
    assert (first.status_code, first.json()) == (200, again.json())
    assert first.json()["assigned_to"] == "Stella Stranger"
    assert first.json()["steps"][-1]["to"] == "Stella Stranger"
    assert colleague.get(f"alerts/{alert.pk}").json()["assigned_to"] == "Stella Stranger"


def test_the_colleague_is_told_and_whoever_takes_it_herself_is_not(
    api: Api, therapist: User, stranger: User, alert: Alert, now: datetime
) -> None:
    doctor = api(therapist)
    doctor.post(f"alerts/{alert.pk}/assign", {"to": str(therapist.pk)})
    doctor.post(f"alerts/{alert.pk}/assign", {"to": str(stranger.pk)})
    relay(now=now)
    (told,) = Message.objects.filter(kind="assigned")
    assert told.recipient == stranger
    delivery = Delivery.objects.get(message=told, channel="in_app")
    deliver(delivery_id=delivery.pk, now=now)
    (item,) = api(stranger).get("me/notifications").json()["items"]
    assert item["title"].startswith("Passed on to you: ")


def test_only_a_therapist_of_the_patients_clinics_is_a_colleague(
    api: Api, patient: Patient, therapist: User, alert: Alert, now: datetime
) -> None:
    elsewhere = make_therapist(now=now, clinic=make_clinic(now=now, name="Hill Clinic"))
    for to in (elsewhere.pk, patient.pk, uuid4()):
        answer = api(therapist).post(f"alerts/{alert.pk}/assign", {"to": str(to)})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/to")


def test_a_list_of_alerts_costs_the_same_whatever_was_done_about_them(
    api: Api, patient: Patient, therapist: User, clinic: Clinic, now: datetime
) -> None:
    doctor = api(therapist)

    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            assert doctor.get("alerts").status_code == 200
        return len(found)

    make_alert(patient, now=now)
    doctor.get("alerts")
    before = cost()
    more: list[Any] = [make_alert(patient, now=now, level=Level.URGENT_SAME_DAY) for _ in range(4)]
    for one in more:
        doctor.post(f"alerts/{one.pk}/act", CALLED)
        doctor.post(f"alerts/{one.pk}/assign", {"to": str(therapist.pk)})
    assert cost() == before
