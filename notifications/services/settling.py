"""Settles what was claimed: the row is marked, the decision logged, and the lease let go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from notifications.models import Attempt, Delivery, DeliveryState
from notifications.policy import Action, Decision
from notifications.services.claiming import Batch


@dataclass(frozen=True, kw_only=True)
class Change:
    """What becomes of a delivery. `starts_over` forgets the attempts so far, and whoever was told
    of it must be told again when it is due."""

    decision: Decision
    state: str = DeliveryState.WAITING
    due_at: datetime | None = None
    starts_over: bool = False

    @classmethod
    def of(cls, decision: Decision) -> "Change":
        """What a decision alone brings about."""
        if decision.action is Action.HOLD:
            return cls(decision=decision, due_at=decision.until, starts_over=True)
        return cls(decision=decision, state=_STATES[decision.action])


_STATES = {
    Action.SEND: DeliveryState.SENT,
    Action.SUPPRESS: DeliveryState.SUPPRESSED,
    Action.EXPIRE: DeliveryState.EXPIRED,
}


def settle(batch: Batch, changes: Mapping[UUID, Change]) -> set[UUID]:
    """Writes `changes` (by delivery) inside the caller's transaction; those that were still ours.

    Only while the lease is ours: a later claim has another token, and its holder settles. Equal
    changes share a statement.
    """
    kept = _still_ours(batch, changes)
    alike: dict[Change, list[UUID]] = {}
    for pk in kept:
        alike.setdefault(changes[pk], []).append(pk)
    for change, ids in alike.items():
        Delivery.objects.filter(pk__in=ids).update(**_fields(change, batch.now))
    Attempt.objects.bulk_create(_log(changes[pk].decision, pk, batch.now) for pk in kept)
    return set(kept)


def put_back(batch: Batch, ids: Iterable[UUID]) -> None:
    """Lets go of what there was no time for; it was no attempt, and is due as before."""
    mine = Delivery.objects.filter(pk__in=list(ids), lease_token=batch.token)
    mine.update(lease_until=None, lease_token=None, rung_at=None, attempts=F("attempts") - 1)


def _still_ours(batch: Batch, changes: Mapping[UUID, Change]) -> list[UUID]:
    mine = Delivery.objects.filter(
        pk__in=list(changes), lease_token=batch.token, state=DeliveryState.WAITING
    )
    return list(mine.select_for_update().order_by("pk").values_list("pk", flat=True))


def _fields(change: Change, now: datetime) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "lease_until": None,
        "lease_token": None,
        "state": change.state,
        "decision": change.decision.action.value,
        "reason": change.decision.reason,
        "decided_at": now,
    }
    if change.state == DeliveryState.SENT:
        fields["sent_at"] = now
    if change.due_at is not None:
        fields |= {"due_at": change.due_at, "rung_at": None}
    if change.starts_over:
        fields["attempts"] = 0
    return fields


def _log(decision: Decision, delivery: UUID, now: datetime) -> Attempt:
    return Attempt(
        delivery_id=delivery, at=now, decision=decision.action.value, reason=decision.reason
    )
