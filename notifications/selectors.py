"""Reads: what is due, what holds for a message right now, and what stands in an inbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from backend.accounts.access import is_open, open_care_of
from backend.accounts.models import CareRelationship, User
from exercises.triage.levels import Level
from exercises.triage.models import (
    STANDING,
    Alert,
    AlertEvent,
    AlertStatus,
    DoctorPrompt,
    PromptState,
)
from notifications.models import Delivery, DeliveryState, Heartbeat, Message
from notifications.policy import Said, State, Voice, is_stopped, outranks
from notifications.terms import terms

UNDECIDED = ""


def unrelayed_events(patient: UUID | None = None) -> QuerySet[AlertEvent]:
    """The steps of alerts (of one patient) that nobody has turned into messages yet, oldest first."""
    waiting = AlertEvent.objects.filter(relayed_at=None).order_by("pk")
    return waiting if patient is None else waiting.filter(alert__patient=patient)


def claimable(now: datetime) -> QuerySet[Delivery]:
    """Deliveries that are due at `now` and in nobody's hands."""
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    return Delivery.objects.filter(free, state=DeliveryState.WAITING, due_at__lte=now)


def unrung(now: datetime, limit: int) -> list[tuple[UUID, int]]:
    """Due deliveries that no worker was told of lately, as (id, level), the gravest first."""
    lately = now - timedelta(seconds=terms().delivery.ring_again_seconds)
    rows = claimable(now).filter(Q(rung_at=None) | Q(rung_at__lte=lately))
    ordered = rows.order_by("-message__level", "due_at")
    return list(ordered.values_list("pk", "message__level")[:limit])


def next_due_at() -> datetime | None:
    """When the next waiting delivery is due; None when nothing waits."""
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING).order_by("due_at")
    return waiting.values_list("due_at", flat=True).first()


def said(message: Message) -> Said:
    """A message as the policy sees it."""
    return Said(
        audience="patient" if message.audience == "patient" else "therapist",
        kind=message.kind,
        level=Level(message.level),
        step=message.step,
        due_at=message.due_at,
        expires_at=message.expires_at,
    )


def state_of(message: Message, now: datetime) -> State:
    """What holds for `message` at `now`. Its recipient and patient with her user must be loaded."""
    alert = _alert_of(message)
    if alert is None:
        return State(stands=False, review_open=False)
    prompt: DoctorPrompt | None = getattr(alert, "prompt", None)
    level = Level(alert.level)
    for_patient = message.audience == "patient"
    zone = message.patient.user.time_zone
    return State(
        account_active=message.recipient.is_active,
        in_care=for_patient or _is_in_care(message, now),
        zone=zone,
        stands=alert.status in STANDING,
        review_open=alert.review_open,
        outranked=for_patient and outranks(_voice(alert, zone, now), _voices(alert, zone, now)),
        sought_care=_sought_care(prompt),
        stopped_at=_stopped_at(prompt, level),
        heard=prompt is not None and bool(prompt.seen_at or prompt.answered_at),
        taken_up=alert.status == AlertStatus.ACKNOWLEDGED,
    )


def looks_after(user: User, now: datetime) -> QuerySet[CareRelationship]:
    """The open care in which `user` is the therapist, or leads the clinic's service."""
    leads = CareRelationship.objects.filter(is_open(now), clinic__service_lead=user)
    return leads | open_care_of(user, now)


def care_of(patients: Sequence[UUID], now: datetime) -> list[CareRelationship]:
    """The open care of these patients, with the clinics."""
    held = CareRelationship.objects.filter(is_open(now), patient__in=patients)
    return list(held.select_related("clinic").order_by("started_at", "pk"))


@dataclass(frozen=True)
class Owner:
    """Who reads an inbox, and whether she may read of others: a second factor was passed."""

    user: User
    of_others: bool


def inbox(owner: Owner, now: datetime) -> QuerySet[Message]:
    """What somebody was told or deliberately not told, newest first; of others only while they
    are in her care."""
    user = owner.user
    decided = Delivery.objects.filter(message=OuterRef("pk")).exclude(decision=UNDECIDED)
    about_me = Q(patient__user=user)
    if owner.of_others:
        about_me |= Q(Exists(looks_after(user, now).filter(patient=OuterRef("patient"))))
    mine = Message.objects.filter(Exists(decided), about_me, recipient=user)
    return mine.order_by("-created_at", "-pk")


def inbox_page(owner: Owner, now: datetime, after: list[Any] | None, limit: int) -> list[Message]:
    """Up to `limit` items after the key `[created_at, id]`, with what presenting them needs."""
    items = inbox(owner, now)
    if after is not None:
        at, last = datetime.fromisoformat(after[0]), UUID(after[1])
        items = items.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=last))
    return list(_with_parts(items)[:limit])


def inbox_item(owner: Owner, now: datetime, message_id: UUID) -> Message | None:
    """One item of an inbox, or None."""
    return _with_parts(inbox(owner, now)).filter(pk=message_id).first()


def late_alerts(messages: Sequence[Message]) -> set[UUID]:
    """Those of the messages' alerts whose report was old when it arrived."""
    ids = {message.alert_id for message in messages if message.alert_id}
    because = Alert.objects.filter(pk__in=ids).values_list("pk", "because")
    return {pk for pk, why in because if isinstance(why, dict) and why.get("late")}


def _with_parts(items: QuerySet[Message]) -> QuerySet[Message]:
    return items.select_related("patient__user", "recipient").prefetch_related("deliveries")


def _alert_of(message: Message) -> Alert | None:
    if message.alert_id is None:
        return None
    return Alert.objects.select_related("prompt").filter(pk=message.alert_id).first()


def _is_in_care(message: Message, now: datetime) -> bool:
    return looks_after(message.recipient, now).filter(patient=message.patient_id).exists()


def _voices(alert: Alert, zone: str, now: datetime) -> list[Voice]:
    standing = Alert.objects.select_related("prompt").filter(
        patient=alert.patient_id, status__in=STANDING, level__gte=alert.level
    )
    return [_voice(other, zone, now) for other in standing]


def _voice(alert: Alert, zone: str, now: datetime) -> Voice:
    prompt: DoctorPrompt | None = getattr(alert, "prompt", None)
    level = Level(alert.level)
    stopped = is_stopped(level, _stopped_at(prompt, level), zone, now)
    return Voice(
        alert=alert.pk,
        level=level,
        rule=alert.rule,
        opened_at=alert.opened_at or alert.occurred_at,
        speaks=not (stopped or _sought_care(prompt)),
    )


def _sought_care(prompt: DoctorPrompt | None) -> bool:
    return prompt is not None and (prompt.sought_care or prompt.state == PromptState.ATTENDED)


def _stopped_at(prompt: DoctorPrompt | None, level: Level) -> datetime | None:
    stopped_by = terms().of(level).stopped_by
    if prompt is None or stopped_by == "sought_care":
        return None
    if stopped_by == "seen" and prompt.seen_at is not None:
        return prompt.seen_at
    return prompt.answered_at


@dataclass(frozen=True)
class Health:
    """How delivery is doing; counts and ages alone, nobody's data."""

    oldest_due_age_s: float
    waiting: int
    dead: int
    unrelayed: int
    last_tick_at: datetime | None


def health(now: datetime) -> Health:
    """`oldest_due_age_s` is how long the longest overdue delivery waits, 0 when none does;
    `waiting` counts those that are not yet due as well."""
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING)
    oldest = waiting.filter(due_at__lte=now).aggregate(at=Min("due_at"))["at"]
    tick = Heartbeat.objects.order_by("-at").values_list("at", flat=True).first()
    return Health(
        oldest_due_age_s=(now - oldest).total_seconds() if oldest else 0.0,
        waiting=waiting.count(),
        dead=Delivery.objects.filter(state=DeliveryState.DEAD).count(),
        unrelayed=unrelayed_events().count(),
        last_tick_at=tick,
    )
