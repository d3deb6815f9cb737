from datetime import datetime, timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Clinic, Patient, User
from exercises.triage.levels import Level
from exercises.triage.models import AlertEvent
from notifications.models import Delivery, Message
from notifications.services import relay
from notifications.services.relaying import BATCH
from tests.factories import make_therapist
from tests.notifications.rows import add_event, close_alert, make_alert
from tests.notifications.threads import at_once

pytestmark = pytest.mark.django_db


def kinds(user: User) -> list[str]:
    return sorted(Message.objects.filter(recipient=user).values_list("kind", flat=True))


def test_a_raised_alert_becomes_messages_to_the_patient_and_her_therapist(
    patient: Patient, therapist: User, stranger: User, other_patient: Patient, now: datetime
) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)

    assert relay(now=now) == 1

    assert set(Message.objects.values_list("recipient", "audience", "kind", "about")) == {
        (patient.user_id, "patient", "alert", ""),
        (therapist.pk, "therapist", "alert", ""),
        (None, "team", "escalation", "backup"),
        (None, "team", "escalation", "service_lead"),
    }
    assert Delivery.objects.filter(state="waiting", due_at=now).count() == 6
    assert not AlertEvent.objects.filter(relayed_at=None).exists()


@pytest.mark.parametrize(
    ("level", "to_patient", "to_therapist"),
    [
        (Level.URGENT_SAME_DAY, {"in_app", "push", "email"}, {"in_app", "push", "email"}),
        (Level.PROMPT_DAYS, {"in_app", "push", "email"}, {"in_app"}),
        (Level.SEE_DOCTOR_SOON, {"in_app", "push", "email"}, {"in_app"}),
        (Level.ROUTINE, {"in_app"}, {"in_app"}),
    ],
)
def test_each_level_uses_its_channels(
    patient: Patient,
    therapist: User,
    now: datetime,
    level: Level,
    to_patient: set[str],
    to_therapist: set[str],
) -> None:
    make_alert(patient=patient, level=level, at=now)

    relay(now=now)

    first = Delivery.objects.filter(message__kind="alert")
    assert set(first.filter(message__audience="patient").values_list("channel", flat=True)) == (
        to_patient
    )
    assert set(first.filter(message__audience="therapist").values_list("channel", flat=True)) == (
        to_therapist
    )


def test_relaying_twice_says_it_once(patient: Patient, therapist: User, now: datetime) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)

    assert relay(now=now) == 0
    AlertEvent.objects.update(relayed_at=None)
    assert relay(now=now + timedelta(minutes=1)) == 1

    assert Message.objects.count() == 4
    assert Delivery.objects.count() == 8
    assert set(Message.objects.values_list("created_at", flat=True)) == {now}


def test_the_service_lead_hears_of_an_emergency_after_an_hour(
    patient: Patient, therapist: User, clinic: Clinic, now: datetime
) -> None:
    lead = make_therapist(now=now, clinic=clinic, name="Lena Lead")
    Clinic.objects.filter(pk=clinic.pk).update(service_lead=lead)
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)

    relay(now=now)

    message = Message.objects.get(audience="team", about="service_lead")
    assert (message.kind, message.due_at) == ("escalation", now + timedelta(hours=1))


def test_the_therapist_is_asked_to_call_three_days_after_a_prompt(
    patient: Patient, therapist: User, now: datetime
) -> None:
    make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)

    relay(now=now)

    assert Message.objects.get(kind="call_patient").due_at == now + timedelta(days=3)
    assert kinds(therapist) == ["alert"]


@pytest.mark.parametrize("step", ["retracted", "sought_care", "declined"])
def test_the_therapist_hears_what_became_of_a_red_flag(
    patient: Patient, therapist: User, now: datetime, step: str
) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now, step=step)

    relay(now=now)

    assert kinds(therapist) == [step]
    assert kinds(patient.user) == []


@pytest.mark.parametrize("step", ["acknowledged", "resolved", "cleared", "seen", "will_go"])
def test_other_steps_are_marked_and_say_nothing(
    patient: Patient, therapist: User, now: datetime, step: str
) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now, step=step)

    assert relay(now=now) == 1

    assert not Message.objects.exists()
    assert not AlertEvent.objects.filter(relayed_at=None).exists()


def test_a_reopened_alert_is_said_again(patient: Patient, therapist: User, now: datetime) -> None:
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)
    Delivery.objects.update(state="sent")
    add_event(alert, "reopened", now + timedelta(hours=1))

    relay(now=now + timedelta(hours=1))

    assert kinds(patient.user) == ["alert", "alert"]


def test_a_reopened_alert_is_not_said_twice_while_its_repeats_go_on(
    patient: Patient, therapist: User, now: datetime
) -> None:
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)
    add_event(alert, "reopened", now + timedelta(minutes=1))

    relay(now=now + timedelta(minutes=1))

    assert kinds(patient.user) == ["alert"]


def test_a_patient_without_a_clinic_is_told_all_the_same(patient: Patient, now: datetime) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)

    relay(now=now)

    assert kinds(patient.user) == ["alert"]


def test_relaying_takes_the_oldest_first_and_no_more_than_asked(
    patient: Patient, now: datetime
) -> None:
    first = make_alert(patient=patient, level=Level.ROUTINE, at=now)
    make_alert(patient=patient, level=Level.ROUTINE, at=now)

    assert relay(now=now, limit=1) == 1

    assert [message.alert_id for message in Message.objects.all()] == [first.pk]


def test_an_alert_that_closed_meanwhile_is_still_relayed(patient: Patient, now: datetime) -> None:
    close_alert(make_alert(patient=patient, level=Level.URGENT_SAME_DAY, at=now), now)

    assert relay(now=now) == 1
    assert Message.objects.count() == 1


def test_a_row_that_cannot_be_read_stops_nobody_else(
    patient: Patient,
    other_patient: Patient,
    therapist: User,
    now: datetime,
    caplog: pytest.LogCaptureFixture,
) -> None:
    User.objects.filter(pk=patient.user_id).update(time_zone="Nowhere/Land")
    stuck = make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)
    make_alert(patient=other_patient, level=Level.EMERGENCY_NOW, at=now)

    assert relay(now=now) == 1

    assert kinds(other_patient.user) == ["alert"]
    assert AlertEvent.objects.get(relayed_at=None).alert == stuck
    assert "cannot be relayed: ZoneInfoNotFoundError" in caplog.text


def test_many_steps_cost_no_more_queries_than_one(
    patient: Patient, therapist: User, now: datetime
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            relay(now=now)
        return len(captured)

    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    one = queries()
    for _ in range(5):
        make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)

    assert queries() == one


def test_with_nothing_to_relay_nothing_is_locked(db: None, now: datetime) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert relay(now=now) == 0
    assert len(captured) == 1


@pytest.mark.django_db(transaction=True)
def test_relays_that_run_at_once_say_each_thing_once(
    patient: Patient, therapist: User, now: datetime
) -> None:
    alerts = 2 * BATCH // 10
    for _ in range(alerts):
        make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)

    def work() -> int:
        try:
            done = 0
            while taken := relay(now=now, limit=3):
                done += taken
            return done
        finally:
            connections.close_all()

    done = at_once(work, copies=4)

    assert sum(done) == alerts
    assert Message.objects.count() == 4 * alerts
    assert Delivery.objects.count() == 8 * alerts


def test_red_flags_can_be_relayed_before_all_else(
    patient: Patient, other_patient: Patient, now: datetime
) -> None:
    make_alert(patient=other_patient, level=Level.PROMPT_DAYS, at=now)
    make_alert(patient=patient, level=Level.URGENT_SAME_DAY, at=now)
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)

    assert relay(now=now, urgent=True) == 2

    waiting = AlertEvent.objects.filter(relayed_at=None)
    assert [event.alert.level for event in waiting] == [Level.PROMPT_DAYS]
    assert relay(now=now, urgent=True) == 0
    assert relay(now=now) == 1
