"""Alerts as triage leaves them, and channels that remember what they were given."""

from datetime import datetime
from itertools import count
from uuid import UUID

from backend.accounts.models import Patient
from exercises.triage.levels import Level
from exercises.triage.models import Alert, AlertEvent, AlertStatus, DoctorPrompt
from notifications.channels import Envelope
from notifications.models import Delivery

RULES = {
    Level.EMERGENCY_NOW: "RF-CES-BLADDER",
    Level.URGENT_SAME_DAY: "RF-INFECTION",
    Level.PROMPT_DAYS: "PR-NUMB-PERSIST",
    Level.SEE_DOCTOR_SOON: "SD-PERSIST-3W",
    Level.ROUTINE: "RT-FLARE",
}
_numbers = count(1)


def make_alert(
    *, patient: Patient, level: Level, at: datetime, rule: str = "", step: str = "raised"
) -> Alert:
    """An alert that stands, its prompt, and the step that is still to be relayed."""
    alert = Alert.objects.create(
        patient=patient,
        rule=rule or RULES[level],
        level=level,
        key=f"test:{next(_numbers)}",
        because={"late": False, "matched": [], "sources": []},
        rules_version="test",
        occurred_at=at,
        opened_at=at,
        rev=1,
    )
    if level >= Level.SEE_DOCTOR_SOON:
        DoctorPrompt.objects.create(alert=alert, patient=patient, raised_at=at, rev=1)
    add_event(alert, step, at)
    return alert


def add_event(alert: Alert, step: str, at: datetime) -> AlertEvent:
    """One more step in the life of `alert`."""
    return AlertEvent.objects.create(alert=alert, step=step, at=at)


def close_alert(alert: Alert, at: datetime, status: str = AlertStatus.RESOLVED) -> None:
    """The alert is over; a retracted one stays to be reviewed."""
    Alert.objects.filter(pk=alert.pk).update(
        status=status, closed_at=at, review_open=status == AlertStatus.RETRACTED
    )


def delivery_of(alert: Alert, *, audience: str, channel: str, step: int = 0) -> Delivery:
    """The delivery of one step of the alert's own message."""
    return Delivery.objects.select_related("message").get(
        message__alert_id=alert.pk,
        message__audience=audience,
        message__kind="alert",
        message__step=step,
        channel=channel,
    )


class Recorder:
    """A channel that keeps what it was given."""

    def __init__(self) -> None:
        self.sent: list[Envelope] = []

    def send(self, envelope: Envelope) -> None:
        self.sent.append(envelope)

    def to(self, address: str) -> list[Envelope]:
        """What went to one address."""
        return [envelope for envelope in self.sent if envelope.address == address]


class Breaking:
    """A channel that fails: each call raises the next of `errors`, and then succeeds."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)
        self.sent: list[UUID] = []

    def send(self, envelope: Envelope) -> None:
        self.sent.append(envelope.delivery)
        if self.errors:
            raise self.errors.pop(0)
