"""What holds at a checkpoint: level, plan, alerts, and what was said to whom."""

from datetime import datetime
from typing import Literal

from django.db.models import QuerySet
from msgspec import Struct

from backend.accounts.models import Patient
from exercises.plans import selectors as plans
from exercises.triage.advice import Because, because_of
from exercises.triage.levels import Level
from exercises.triage.models import STANDING, Alert, AlertStatus
from exercises.triage.selectors import alerts_of
from notifications.models import Delivery, DeliveryState


class AlertSeen(Struct, frozen=True, kw_only=True):
    """An alert raised so far, and how it stands now."""

    rule: str
    level: str
    status: str
    opened_at: datetime
    because: list[Because]


class NotificationSeen(Struct, frozen=True, kw_only=True):
    """A message that was decided on so far. `due_at` is when it was due, or is due after a hold;
    a message whose time is still to come is not decided and does not appear."""

    audience: Literal["patient", "therapist"]
    kind: str
    rule: str
    due_at: datetime
    sent_at: datetime | None
    decision: str
    reason: str


class Observation(Struct, frozen=True, kw_only=True):
    """The state at one moment; `alerts` and `notifications` are all there were up to it."""

    at: datetime
    level: str
    plan_state: str
    phase: str
    alerts: list[AlertSeen]
    therapist_review_open: bool
    notifications: list[NotificationSeen]


def observe(patient: Patient, at: datetime) -> Observation:
    """The patient's state as it is in the database, told of the moment `at`."""
    alerts = [*alerts_of(patient.pk).order_by("rev")]
    standing = (Level(alert.level) for alert in alerts if alert.status in STANDING)
    plan = plans.open_plan(patient.pk)
    return Observation(
        at=at,
        level=max(standing, default=Level.NONE).code,
        plan_state=plans.plan_state(plan)[0] if plan else "none",
        phase=plan.phase if plan else "none",
        alerts=[_alert(alert, alert.opened_at) for alert in alerts if alert.opened_at],
        therapist_review_open=any(
            alert.status == AlertStatus.RETRACTED and alert.review_open for alert in alerts
        ),
        notifications=_notifications(patient),
    )


def _alert(alert: Alert, opened_at: datetime) -> AlertSeen:
    return AlertSeen(
        rule=alert.rule,
        level=Level(alert.level).code,
        status=alert.status,
        opened_at=opened_at,
        because=[because_of(alert)],
    )


def _notifications(patient: Patient) -> list[NotificationSeen]:
    # The channels of one message are decided alike; the first of them to be sent speaks for it.
    speaking: dict[object, Delivery] = {}
    for delivery in _decided(patient):
        known = speaking.setdefault(delivery.message_id, delivery)
        if known.state != DeliveryState.SENT and delivery.state == DeliveryState.SENT:
            speaking[delivery.message_id] = delivery
    said = [_notification(delivery) for delivery in speaking.values()]
    # What was due at one instant has ids in no order; played again, a history reads the same.
    return sorted(said, key=lambda one: (one.due_at, one.audience, one.kind, one.rule, one.reason))


def _decided(patient: Patient) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(message__patient=patient).exclude(decision="")
    return rows.select_related("message").order_by("message__due_at", "message_id", "channel")


def _notification(delivery: Delivery) -> NotificationSeen:
    message = delivery.message
    return NotificationSeen(
        audience="patient" if message.audience == "patient" else "therapist",
        kind=message.kind,
        rule=message.rule,
        due_at=delivery.due_at,
        sent_at=delivery.sent_at,
        decision=delivery.decision,
        reason=delivery.reason,
    )
