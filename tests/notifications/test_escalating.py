"""Who is asked when nobody answers, as the rota has it when the hour comes."""

from datetime import datetime, timedelta

import pytest

from backend.accounts.access import patients_visible_to
from backend.accounts.models import (
    CareRelationship,
    Clinic,
    Leave,
    Membership,
    Patient,
    User,
)
from exercises.triage.levels import Level
from exercises.triage.models import Alert, AlertEvent, AlertStatus
from notifications.models import Message
from notifications.selectors import next_due_at
from notifications.services import drain
from tests.factories import make_care, make_therapist
from tests.notifications.rows import Recorder, make_alert

pytestmark = pytest.mark.django_db
Channels = dict[str, Recorder]


@pytest.fixture
def backup(therapist: User, clinic: Clinic, now: datetime) -> User:
    """Stands in for the therapist."""
    user = make_therapist(now=now, clinic=clinic, name="Bea Backup")
    Membership.objects.filter(user=therapist).update(backup=user)
    return user


@pytest.fixture
def lead(clinic: Clinic, now: datetime) -> User:
    """Leads the clinic's service."""
    user = make_therapist(now=now, clinic=clinic, name="Lena Lead")
    Clinic.objects.filter(pk=clinic.pk).update(service_lead=user)
    return user


def play(channels: Channels, until: datetime) -> None:
    """From the alert on, whatever falls due up to `until`."""
    for event in AlertEvent.objects.filter(relayed_at=None):
        drain(now=event.at, channels=channels)
    while (due := next_due_at()) is not None and due <= until:
        drain(now=due, channels=channels)


def heard(user: User) -> list[tuple[str, datetime]]:
    rows = Message.objects.filter(recipient=user).order_by("due_at")
    return list(rows.values_list("kind", "due_at"))


def test_an_emergency_goes_on_to_the_backup_and_then_to_the_lead(
    patient: Patient, backup: User, lead: User, now: datetime, channels: Channels
) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    play(channels, now + timedelta(hours=2))

    assert heard(backup) == [("escalation", now + timedelta(minutes=15))]
    assert heard(lead) == [("escalation", now + timedelta(minutes=60))]
    assert len(channels["email"].to(backup.email)) == 1


def test_whoever_is_asked_can_open_the_record_for_a_week_and_only_then(
    patient: Patient, backup: User, lead: User, now: datetime, channels: Channels
) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    play(channels, now + timedelta(minutes=14))
    assert not patients_visible_to(backup, now).exists()

    play(channels, now + timedelta(minutes=16))
    asked_at = now + timedelta(minutes=15)
    assert [*patients_visible_to(backup, asked_at)] == [patient]
    assert not patients_visible_to(lead, asked_at).exists()
    assert not patients_visible_to(backup, asked_at + timedelta(days=7, minutes=1)).exists()

    CareRelationship.objects.update(ended_at=asked_at)
    assert not patients_visible_to(backup, asked_at).exists()


@pytest.mark.parametrize("minutes", [14, 59])
def test_an_acknowledgement_ends_the_escalation(
    patient: Patient, backup: User, lead: User, now: datetime, channels: Channels, minutes: int
) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    play(channels, now + timedelta(minutes=minutes))
    Alert.objects.update(status=AlertStatus.ACKNOWLEDGED, acknowledged_at=now)
    play(channels, now + timedelta(hours=2))

    assert len(heard(backup)) == (0 if minutes == 14 else 1)
    assert heard(lead) == []
    last = Message.objects.get(audience="team", about="service_lead")
    assert last.deliveries.get().reason == "already_acknowledged"


def test_without_a_backup_the_lead_is_asked_at_once(
    patient: Patient, therapist: User, lead: User, now: datetime, channels: Channels
) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    play(channels, now + timedelta(minutes=20))

    assert heard(lead) == [("escalation", now + timedelta(minutes=15))]


def test_an_escalation_that_reaches_nobody_is_said_to_operators(
    patient: Patient,
    therapist: User,
    now: datetime,
    channels: Channels,
    caplog: pytest.LogCaptureFixture,
) -> None:
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    play(channels, now + timedelta(hours=2))

    assert caplog.text.count("reaches nobody") == 2


def test_while_the_therapist_is_away_her_backup_is_told_first(
    patient: Patient, therapist: User, backup: User, now: datetime, channels: Channels
) -> None:
    Leave.objects.create(membership=therapist.memberships.get(), started_at=now)
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    drain(now=now, channels=channels)

    assert heard(backup) == [("alert", now)]
    assert heard(therapist) == []


def test_whoever_has_the_patient_when_the_hour_comes_is_asked_to_call(
    patient: Patient, therapist: User, clinic: Clinic, now: datetime, channels: Channels
) -> None:
    make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now)
    drain(now=now, channels=channels)
    CareRelationship.objects.update(ended_at=now + timedelta(days=1))
    new = make_therapist(now=now, clinic=clinic, name="Nora New")
    make_care(patient=patient, therapist=new, clinic=clinic, now=now + timedelta(days=1))

    play(channels, now + timedelta(days=3))

    assert heard(new) == [("call_patient", now + timedelta(days=3))]
    assert "call_patient" not in dict(heard(therapist))


def test_two_steps_that_lead_to_one_person_at_one_hour_are_one_message(
    patient: Patient, therapist: User, lead: User, now: datetime, channels: Channels
) -> None:
    make_alert(patient=patient, level=Level.URGENT_SAME_DAY, at=now)
    play(channels, now + timedelta(hours=5))

    assert heard(lead) == [("escalation", now + timedelta(hours=4))]


@pytest.mark.parametrize("away", [False, True])
def test_a_patient_is_told_when_no_therapist_is_on_duty(
    patient: Patient, therapist: User, now: datetime, channels: Channels, away: bool
) -> None:
    if away:
        Leave.objects.create(membership=therapist.memberships.get(), started_at=now)
    make_alert(patient=patient, level=Level.URGENT_SAME_DAY, at=now)
    drain(now=now, channels=channels)

    message = Message.objects.get(audience="patient", step=0)
    assert bool(message.content.get("nobody_on_duty")) is away
