"""Reads: what is to be relayed, what is due, and what stands in an inbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from backend.accounts.access import is_open, open_care_of
from backend.accounts.consents import agrees
from backend.accounts.models import CareRelationship, Scope, User
from backend.core.remembered import Inputs, remembered
from exercises.triage.levels import Level
from exercises.triage.models import Alert, AlertEvent
from notifications.models import Delivery, DeliveryState, Message, PushEndpoint
from notifications.teams import covered_by
from notifications.terms import terms

UNDECIDED = ""


def unrelayed_events(patient: UUID | None = None) -> QuerySet[AlertEvent]:
    """The steps of alerts (of one patient) that nobody has turned into messages yet, oldest first."""
    waiting = AlertEvent.objects.filter(relayed_at=None).order_by("pk")
    return waiting if patient is None else waiting.filter(alert__patient=patient)


def relayable_events(now: datetime, patient: UUID | None = None) -> QuerySet[AlertEvent]:
    """Those of them that may be tried at `now`: one that failed waits, so that it holds up nobody."""
    hers = Q(relay_trouble=None) | Q(
        relay_trouble__next_try_at__lte=now, relay_trouble__dead_at=None
    )
    return unrelayed_events(patient).filter(hers)


def urgent_events(now: datetime) -> QuerySet[AlertEvent]:
    """Those of them that are about a red flag."""
    return relayable_events(now).filter(alert__level__gte=Level.URGENT_SAME_DAY)


def is_any_relayable(now: datetime) -> bool:
    """Whether there are any steps to relay: all that an idle round asks."""
    return bool(_first_relayable("any", {"now": now}))


def is_any_urgent(now: datetime) -> bool:
    """Whether any of them is about a red flag."""
    return bool(_first_relayable("urgent", {"now": now}))


@remembered
def _first_relayable(shape: str, inputs: Inputs) -> QuerySet[AlertEvent, Any]:
    found = urgent_events if shape == "urgent" else relayable_events
    return found(inputs["now"]).values_list("pk")[:1]


def claimable(now: datetime) -> QuerySet[Delivery]:
    """Deliveries that are due at `now` and in nobody's hands."""
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    return Delivery.objects.filter(free, state=DeliveryState.WAITING, due_at__lte=now)


def due_now(now: datetime, limit: int) -> list[UUID]:
    """Ids of up to `limit` of them, red flags first and then those that waited longest."""
    ordered = claimable(now).order_by("-is_urgent", "due_at", "pk")
    return list(ordered.values_list("pk", flat=True)[:limit])


@dataclass(frozen=True)
class Unrung:
    """Due deliveries that no worker was told of lately, the longest due first: the `urgent`, those
    that were tried before (`again`), and the rest."""

    urgent: list[UUID]
    again: list[UUID]
    rest: list[UUID]


def unrung(now: datetime, limit: int) -> Unrung:
    """Up to `limit` of each kind, read from the indexes of what is due."""
    ordinary = _unrung(now).filter(is_urgent=False)
    others = list(ordinary.values_list("pk", "attempts")[:limit])
    return Unrung(
        urgent=unrung_urgent(now, limit),
        again=[pk for pk, attempts in others if attempts],
        rest=[pk for pk, attempts in others if not attempts],
    )


def unrung_urgent(now: datetime, limit: int) -> list[UUID]:
    """Up to `limit` of the urgent ones."""
    return list(_unrung(now).filter(is_urgent=True).values_list("pk", flat=True)[:limit])


def _unrung(now: datetime) -> QuerySet[Delivery]:
    lately = now - timedelta(seconds=terms().delivery.ring_again_seconds)
    return claimable(now).filter(Q(rung_at=None) | Q(rung_at__lte=lately)).order_by("due_at")


def next_due_at() -> datetime | None:
    """When the next waiting delivery is due; None when nothing waits."""
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING).order_by("due_at")
    return waiting.values_list("due_at", flat=True).first()


def looks_after(user: User, now: datetime) -> QuerySet[CareRelationship]:
    """The open care in which `user` is the therapist or the backup, or leads the clinic's service."""
    held = CareRelationship.objects.filter(is_open(now))
    asked = held.filter(Q(clinic__service_lead=user) | Q(Exists(covered_by(user.pk, now))))
    return asked | open_care_of(user, now)


@dataclass(frozen=True)
class Owner:
    """Who reads an inbox, and whether she may read of others: a second factor was passed."""

    user: User
    of_others: bool


def inbox(owner: Owner, now: datetime) -> QuerySet[Message]:
    """What somebody was told or deliberately not told, newest first; of others only while they
    are in her care, and of those who do not share their diary only what is urgent."""
    user = owner.user
    decided = Delivery.objects.filter(message=OuterRef("pk")).exclude(decision=UNDECIDED)
    about_me = Q(patient__user=user) | Q(patient=None)
    if owner.of_others:
        in_care = Exists(looks_after(user, now).filter(patient=OuterRef("patient")))
        shared = Q(agrees(Scope.DIARY, now, "patient")) | Q(level__gte=Level.URGENT_SAME_DAY)
        about_me |= Q(in_care) & shared
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


def endpoint_names(messages: Sequence[Message]) -> dict[UUID, UUID]:
    """The names that the recipients' devices gave themselves, by the targets of deliveries."""
    deliveries = [one for message in messages for one in message.deliveries.all()]
    targets = {delivery.target for delivery in deliveries if delivery.target is not None}
    if not targets:
        return {}
    return dict(PushEndpoint.objects.filter(pk__in=targets).values_list("pk", "name"))


def _with_parts(items: QuerySet[Message]) -> QuerySet[Message]:
    return items.select_related("patient__user", "recipient").prefetch_related("deliveries__log")
