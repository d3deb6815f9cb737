"""What becomes of deliveries that a channel could not bring."""

import logging
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from notifications.channels import AddressGone, Refused, Unavailable
from notifications.models import Delivery, DeliveryState, PushEndpoint, Webhook
from notifications.policy import Action, Decision
from notifications.services.settling import Change
from notifications.terms import terms

logger = logging.getLogger(__name__)


def given_up(reason: str) -> Change:
    """No further attempt."""
    return Change(decision=Decision(action=Action.SEND, reason=reason), state=DeliveryState.DEAD)


def without_address(deliveries: Iterable[Delivery]) -> dict[UUID, Change]:
    """Their endpoint is gone; that is nobody's failure, and the others go on."""
    gone = Change.of(Decision(action=Action.SUPPRESS, reason="endpoint_gone"))
    return {one.pk: gone for one in deliveries}


def changes_for(
    failed: Mapping[UUID, Exception], by_id: Mapping[UUID, Delivery], now: datetime
) -> dict[UUID, Change]:
    """What becomes of each delivery that failed: tried again later, given up, or let go."""
    chance = random.random()  # noqa: S311  (spreads retries, guards nothing)
    changes = {}
    for pk, error in failed.items():
        _log_failure(by_id[pk], error)
        changes[pk] = _change(by_id[pk], error, now, chance)
    return changes


def disable_endpoints(deliveries: Sequence[Delivery], now: datetime) -> None:
    """Nothing more goes to the endpoints at which these were told that nobody is there."""
    fields = {"disabled_at": now, "disabled_reason": "gone"}
    for model, channels in ((PushEndpoint, ("fcm", "web_push")), (Webhook, ("webhook",))):
        targets = [one.target for one in deliveries if one.target and one.channel in channels]
        if targets:
            model.objects.filter(pk__in=targets, disabled_at=None).update(**fields)


def _change(delivery: Delivery, error: Exception, now: datetime, chance: float) -> Change:
    if isinstance(error, AddressGone):
        if delivery.target is not None:
            return without_address([delivery])[delivery.pk]
        return given_up("refused")
    if isinstance(error, Refused):
        return given_up("refused")
    if delivery.attempts >= terms().delivery.attempts:
        return given_up("undeliverable")
    again = Decision(action=Action.SEND, reason="try_again")
    return Change(decision=again, due_at=now + _wait(delivery.attempts, error, chance))


def _wait(attempts: int, error: Exception, chance: float) -> timedelta:
    rules = terms().delivery
    seconds = rules.backoff_seconds * 2 ** (attempts - 1) * (1 + rules.jitter * chance)
    asked = error.retry_after if isinstance(error, Unavailable) else None
    longest = timedelta(seconds=rules.longest_wait_seconds)
    return max(timedelta(seconds=seconds), min(asked, longest) if asked else timedelta(0))


def _log_failure(delivery: Delivery, error: Exception) -> None:
    # An exception's text may quote an address; its class says enough.
    logger.warning(
        "delivery %s by %s failed, attempt %d: %s",
        delivery.pk,
        delivery.channel,
        delivery.attempts,
        type(error).__name__,
    )
