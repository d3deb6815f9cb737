"""The claim: deliveries that are in this worker's hands for as long as the lease runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db.models import F, QuerySet

from backend.core.compiled import compiled
from backend.core.crashpoints import reached
from notifications import selectors
from notifications.models import Delivery
from notifications.terms import terms


@dataclass(frozen=True)
class Batch:
    """What was claimed together, at `now`, under one `token`."""

    deliveries: Sequence[Delivery]
    token: UUID
    now: datetime


def claim(ids: Sequence[UUID], now: datetime) -> Batch:
    """Takes those of `ids` that are due and in nobody's hands, in two statements.

    Whoever else was told of them gets none: the update is the claim. The rest of what judging
    needs is loaded with them.
    """
    reached("worker.before_claim")
    token = uuid4()
    lease = now + timedelta(seconds=terms().delivery.lease_seconds)
    mine = selectors.claimable(now).filter(pk__in=list(ids))
    if not mine.update(lease_until=lease, lease_token=token, attempts=F("attempts") + 1):
        return Batch((), token, now)
    held = _held(token)
    reached("worker.after_claim")
    return Batch(held, token, now)


@compiled
def _held(token: UUID) -> QuerySet[Delivery]:
    held = Delivery.objects.filter(lease_token=token).select_related(
        "message__recipient", "message__patient__user", "message__clinic"
    )
    return held.order_by("-is_urgent", "due_at", "pk")
