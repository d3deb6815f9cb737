from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from backend.accounts.models import CareRelationship, Clinic, Membership, Patient, User
from exercises.triage.levels import Level
from exercises.triage.models import Alert, AlertStatus, DoctorPrompt
from notifications.models import Delivery, DeliveryState, Message
from notifications.selectors import next_due_at
from notifications.services import Outcome, deliver, drain, relay
from tests.factories import make_therapist
from tests.notifications.rows import (
    Recorder,
    close_alert,
    delivery_of,
    make_alert,
)

pytestmark = pytest.mark.django_db
Channels = dict[str, Recorder]


def mail_of(alert: Alert, step: int = 0) -> Delivery:
    return delivery_of(alert, audience="patient", channel="email", step=step)


def play(channels: Channels, until: datetime) -> list[datetime]:
    """Moves the clock from one due delivery to the next; the instants at which it stopped."""
    stops = []
    while (due := next_due_at()) is not None and due <= until:
        stops.append(due)
        drain(now=due, channels=channels)
    return stops


def test_an_emergency_goes_to_both_at_once_on_both_channels(
    patient: Patient, therapist: User, now: datetime, channels: Channels
) -> None:
    night = now + timedelta(hours=14)
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=night)

    assert drain(now=night, channels=channels) == 6

    for channel in channels.values():
        assert {envelope.address for envelope in channel.sent} == {
            patient.user.email,
            therapist.email,
        }
    first = Delivery.objects.filter(message__step=0, message__kind="alert").exclude(channel="push")
    assert set(first.values_list("state", "sent_at")) == {("sent", night)}


def test_a_delivery_that_is_sent_is_not_sent_again(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    drain(now=now, channels=channels)

    outcome = deliver(delivery_id=mail_of(alert).pk, now=now, channels=channels)

    assert outcome is Outcome.NOT_MINE
    assert len(channels["email"].sent) == 1


@pytest.mark.parametrize("minutes", [-1, 0])
def test_a_delivery_is_claimed_when_it_is_due_and_not_before(
    patient: Patient, now: datetime, channels: Channels, minutes: int
) -> None:
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)

    at = now + timedelta(minutes=minutes)
    outcome = deliver(delivery_id=mail_of(alert).pk, now=at, channels=channels)

    assert outcome is (Outcome.NOT_MINE if minutes else Outcome.SENT)


def test_a_missing_delivery_is_nobodys(db: None, now: datetime) -> None:
    assert deliver(delivery_id=uuid4(), now=now) is Outcome.NOT_MINE


def test_an_ordinary_message_waits_for_the_morning_and_says_why(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    night = datetime.fromisoformat("2026-05-04T02:31:00+02:00")
    morning = datetime.fromisoformat("2026-05-04T08:00:00+02:00")
    alert = make_alert(patient=patient, level=Level.SEE_DOCTOR_SOON, at=night)

    drain(now=night, channels=channels)

    held = mail_of(alert)
    assert (held.state, held.decision, held.reason) == ("waiting", "hold", "quiet_hours")
    assert held.due_at == morning
    assert channels["email"].sent == []
    drain(now=morning, channels=channels)
    assert len(channels["email"].sent) == 1


def test_an_emergency_is_repeated_until_care_was_sought(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    drain(now=now, channels=channels)

    stops = play(channels, now + timedelta(hours=5))
    assert stops == [now + timedelta(minutes=m) for m in (15, 60, 240)]
    DoctorPrompt.objects.filter(alert=alert).update(sought_care=True)
    play(channels, now + timedelta(days=3))

    assert len(channels["email"].sent) == 4
    assert mail_of(alert, step=4).reason == "sought_care"
    assert not Delivery.objects.filter(state=DeliveryState.WAITING).exists()


def test_an_emergency_that_nobody_answers_is_repeated_daily_one_row_at_a_time(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    drain(now=now, channels=channels)

    play(channels, now + timedelta(days=10))

    assert len(channels["email"].sent) == 4 + 9
    assert Message.objects.filter(deliveries__state="waiting").distinct().count() == 1


def test_an_answer_ends_an_urgent_message(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    alert = make_alert(patient=patient, level=Level.URGENT_SAME_DAY, at=now)
    drain(now=now, channels=channels)
    DoctorPrompt.objects.update(seen_at=now)
    play(channels, now + timedelta(hours=3))
    DoctorPrompt.objects.update(answered_at=now + timedelta(hours=3))

    play(channels, now + timedelta(days=2))

    assert len(channels["email"].sent) == 2
    assert mail_of(alert, step=2).reason == "already_acknowledged"


@pytest.mark.parametrize(
    "status", [AlertStatus.RESOLVED, AlertStatus.CLEARED, AlertStatus.RETRACTED]
)
def test_repeats_stop_when_the_alert_is_over(
    patient: Patient, now: datetime, channels: Channels, status: str
) -> None:
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    drain(now=now, channels=channels)
    close_alert(alert, now, status)

    play(channels, now + timedelta(days=2))

    assert len(channels["email"].sent) == 1
    assert mail_of(alert, step=1).reason == "alert_closed"


def test_the_therapist_is_told_of_an_alert_that_was_retracted_before_she_heard(
    patient: Patient, therapist: User, now: datetime, channels: Channels
) -> None:
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    close_alert(alert, now, AlertStatus.RETRACTED)

    drain(now=now, channels=channels)

    assert channels["email"].to(patient.user.email) == []
    assert len(channels["email"].to(therapist.email)) == 1


def test_the_patient_hears_one_message_and_the_lower_one_once_the_higher_is_closed(
    patient: Patient, therapist: User, now: datetime, channels: Channels
) -> None:
    high = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    low = make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)
    drain(now=now, channels=channels)

    assert [e.level for e in channels["email"].to(patient.user.email)] == [Level.EMERGENCY_NOW]
    assert len(channels["in_app"].to(therapist.email)) == 2
    assert (mail_of(low).decision, mail_of(low).reason) == ("hold", "superseded")

    close_alert(high, now)
    play(channels, now + timedelta(days=1))
    assert mail_of(low).state == "sent"


def test_two_red_flags_of_one_report_are_one_message(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now, rule="RF-CES-SADDLE")
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now, rule="RF-CES-BLADDER")

    drain(now=now, channels=channels)

    (envelope,) = channels["email"].sent
    assert Message.objects.get(pk=envelope.message).rule == "RF-CES-BLADDER"


def test_a_new_red_flag_is_said_although_an_older_one_stands(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    old = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    drain(now=now, channels=channels)
    DoctorPrompt.objects.filter(alert=old).update(sought_care=True)
    later = now + timedelta(hours=10)
    make_alert(patient=patient, level=Level.URGENT_SAME_DAY, at=later)

    drain(now=later, channels=channels)

    assert channels["email"].sent[-1].level is Level.URGENT_SAME_DAY


def test_nothing_goes_to_an_inactive_account(
    patient: Patient, now: datetime, channels: Channels
) -> None:
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    User.objects.filter(pk=patient.user_id).update(is_active=False)

    drain(now=now, channels=channels)

    assert channels["email"].sent == []
    assert mail_of(alert).reason == "account_inactive"


def test_nothing_goes_to_a_therapist_whose_care_has_ended(
    patient: Patient, therapist: User, now: datetime, channels: Channels
) -> None:
    alert = make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    relay(now=now)
    CareRelationship.objects.update(ended_at=now)

    drain(now=now, channels=channels)

    assert channels["email"].to(therapist.email) == []
    assert delivery_of(alert, audience="therapist", channel="email").reason == "care_ended"


@pytest.mark.parametrize("acknowledged", [False, True])
def test_the_service_lead_is_told_if_nobody_acknowledged_in_time(
    patient: Patient,
    therapist: User,
    clinic: Clinic,
    now: datetime,
    channels: Channels,
    acknowledged: bool,
) -> None:
    lead = make_therapist(now=now, clinic=clinic, name="Lena Lead")
    Clinic.objects.filter(pk=clinic.pk).update(service_lead=lead)
    backup = make_therapist(now=now, clinic=clinic, name="Bea Backup")
    Membership.objects.filter(user=therapist).update(backup=backup)
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    drain(now=now, channels=channels)
    if acknowledged:
        Alert.objects.update(status=AlertStatus.ACKNOWLEDGED, acknowledged_at=now)

    play(channels, now + timedelta(minutes=59))
    assert channels["email"].to(lead.email) == []
    play(channels, now + timedelta(hours=2))

    assert len(channels["email"].to(lead.email)) == (0 if acknowledged else 1)
