"""Delivers: claim with a lease, judge again, send, and only then mark."""

import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F

from exercises.triage.levels import Level
from notifications import selectors
from notifications.channels import CHANNELS, Channel, Envelope, Refused, Unavailable
from notifications.models import Delivery, DeliveryState, Message
from notifications.policy import Action, Decision, State, decide, next_step
from notifications.services.writing import Draft, write_messages
from notifications.terms import terms

logger = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What became of one call of `deliver`."""

    SENT = "sent"
    HELD = "held"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    RETRIED = "retried"
    DEAD = "dead"
    NOT_MINE = "not_mine"


@dataclass(frozen=True)
class _Claim:
    delivery: Delivery
    token: UUID
    state: State
    now: datetime

    @property
    def message(self) -> Message:
        return self.delivery.message


_SETTLED = {
    Action.SEND: (DeliveryState.SENT, Outcome.SENT),
    Action.SUPPRESS: (DeliveryState.SUPPRESSED, Outcome.SUPPRESSED),
    Action.EXPIRE: (DeliveryState.EXPIRED, Outcome.EXPIRED),
}


def deliver(
    *, delivery_id: UUID, now: datetime, channels: Mapping[str, Channel] = CHANNELS
) -> Outcome:
    """Brings one delivery as far as it can be brought at `now`.

    Harmless when it is called twice or for a delivery that is done: `NOT_MINE`. A process that
    dies between sending and marking leaves a lease that runs out; the next attempt sends again
    under the same collapse id.
    """
    claim = _claim(delivery_id, now)
    if claim is None:
        return Outcome.NOT_MINE
    if claim.delivery.attempts > terms().delivery.attempts:
        return _bury(claim, "never_finished")
    decision = decide(selectors.said(claim.message), claim.state, now)
    if decision.action is Action.HOLD:
        return _hold(claim, decision)
    if decision.action is Action.SEND:
        failed = _try_to_send(claim, channels)
        if failed is not None:
            return failed
    return _settle(claim, decision)


def _claim(delivery_id: UUID, now: datetime) -> _Claim | None:
    token = uuid4()
    lease = now + timedelta(seconds=terms().delivery.lease_seconds)
    mine = selectors.claimable(now).filter(pk=delivery_id)
    if not mine.update(lease_until=lease, lease_token=token, attempts=F("attempts") + 1):
        return None
    related = Delivery.objects.select_related("message__recipient", "message__patient__user")
    delivery = related.filter(pk=delivery_id).first()
    if delivery is None:
        return None
    return _Claim(delivery, token, selectors.state_of(delivery.message, now), now)


def _try_to_send(claim: _Claim, channels: Mapping[str, Channel]) -> Outcome | None:
    try:
        channels[claim.delivery.channel].send(_envelope(claim.delivery))
    except Refused as error:
        _log_failure(claim, error)
        return _bury(claim, "refused")
    except Exception as error:
        _log_failure(claim, error)
        return _put_back(claim, error)
    return None


def _envelope(delivery: Delivery) -> Envelope:
    message = delivery.message
    return Envelope(
        delivery=delivery.pk,
        message=message.pk,
        audience="patient" if message.audience == "patient" else "therapist",
        kind=message.kind,
        level=Level(message.level),
        address=message.recipient.email,
        language=message.recipient.language,
        country=message.patient.user.country,
    )


def _hold(claim: _Claim, decision: Decision) -> Outcome:
    # A hold is no failed attempt, and whoever was told of it must be told again when it is due.
    kept = _mark(claim, decision, due_at=decision.until, attempts=0, rung_at=None)
    return Outcome.HELD if kept else Outcome.NOT_MINE


def _put_back(claim: _Claim, error: Exception) -> Outcome:
    if claim.delivery.attempts >= terms().delivery.attempts:
        return _bury(claim, "undeliverable")
    due_at = claim.now + _wait(claim.delivery.attempts, error)
    again = Decision(action=Action.SEND, reason="try_again")
    kept = _mark(claim, again, due_at=due_at, rung_at=None)
    return Outcome.RETRIED if kept else Outcome.NOT_MINE


def _wait(attempts: int, error: Exception) -> timedelta:
    rules = terms().delivery
    seconds = rules.backoff_seconds * 2 ** (attempts - 1)
    chance = 1 + rules.jitter * random.random()  # noqa: S311  (spreads retries, guards nothing)
    wait = timedelta(seconds=seconds * chance)
    asked = error.retry_after if isinstance(error, Unavailable) else None
    return max(wait, asked) if asked else wait


def _bury(claim: _Claim, reason: str) -> Outcome:
    decision = Decision(action=Action.SEND, reason=reason)
    with transaction.atomic():
        if not _mark(claim, decision, state=DeliveryState.DEAD):
            return Outcome.NOT_MINE
        write_messages([*_repeat(claim, decision), *_alarm(claim)], now=claim.now)
    logger.error("delivery %s is dead: %s", claim.delivery.pk, reason)
    return Outcome.DEAD


def _settle(claim: _Claim, decision: Decision) -> Outcome:
    state, outcome = _SETTLED[decision.action]
    sent_at = claim.now if decision.action is Action.SEND else None
    with transaction.atomic():
        if not _mark(claim, decision, state=state, sent_at=sent_at):
            return Outcome.NOT_MINE
        write_messages(_repeat(claim, decision), now=claim.now)
    return outcome


def _mark(claim: _Claim, decision: Decision, **fields: Any) -> bool:
    # Only while the lease is still ours: a later claim has another token.
    mine = Delivery.objects.filter(
        pk=claim.delivery.pk, lease_token=claim.token, state=DeliveryState.WAITING
    )
    return bool(
        mine.update(
            lease_until=None,
            lease_token=None,
            decision=decision.action.value,
            reason=decision.reason,
            decided_at=claim.now,
            **fields,
        )
    )


def _repeat(claim: _Claim, decision: Decision) -> list[Draft]:
    message = claim.message
    if message.kind != "alert":
        return []
    due_at = next_step(selectors.said(message), decision, claim.state, claim.now)
    if due_at is None:
        return []
    channels = terms().of(Level(message.level)).patient_channels
    chain = message.key.rpartition(":")[0]
    return [_draft_from(message, chain, message.step + 1, message.recipient_id, channels, due_at)]


def _alarm(claim: _Claim) -> list[Draft]:
    message = claim.message
    if message.audience != "patient" or message.level < Level.URGENT_SAME_DAY:
        return []
    channels = terms().of(Level(message.level)).therapist_channels
    caring = selectors.care_of([message.patient_id], claim.now)
    return [
        _draft_from(
            message,
            f"{therapist}:{message.alert_id}:delivery_failed",
            0,
            therapist,
            channels,
            claim.now,
        )
        for therapist in dict.fromkeys(care.therapist_id for care in caring)
    ]


def _draft_from(
    message: Message,
    chain: str,
    step: int,
    recipient: UUID,
    channels: tuple[str, ...],
    due_at: datetime,
) -> Draft:
    is_repeat = recipient == message.recipient_id
    return Draft(
        chain=chain,
        step=step,
        recipient=recipient,
        patient=message.patient_id,
        audience="patient" if is_repeat else "therapist",
        kind=message.kind if is_repeat else "delivery_failed",
        level=message.level,
        rule=message.rule,
        alert=message.alert_id,
        channels=channels,
        due_at=due_at,
    )


def _log_failure(claim: _Claim, error: Exception) -> None:
    # An exception's text may quote an address; its class says enough.
    logger.warning(
        "delivery %s by %s failed, attempt %d: %s",
        claim.delivery.pk,
        claim.delivery.channel,
        claim.delivery.attempts,
        type(error).__name__,
    )
