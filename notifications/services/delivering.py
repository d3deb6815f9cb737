"""Delivers: claim with a lease, judge again, send, and only then mark."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import DatabaseError, transaction

from backend.core.crashpoints import reached
from notifications.channels import CHANNELS, AddressGone, Channel
from notifications.judging import Verdict, judge
from notifications.models import Delivery, DeliveryState
from notifications.policy import Action, Decision
from notifications.services import failing
from notifications.services.addressing import Addresses, NoAddress
from notifications.services.claiming import Batch, claim
from notifications.services.following import follow_up
from notifications.services.passing_on import is_passed_on, pass_on
from notifications.services.sending import Parcel, Results, Stopwatch, send
from notifications.services.settling import Change, put_back, settle
from notifications.terms import terms


class Outcome(StrEnum):
    """What became of one delivery in one call."""

    SENT = "sent"
    PASSED_ON = "passed_on"
    HELD = "held"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    RETRIED = "retried"
    DEAD = "dead"
    NOT_MINE = "not_mine"


Outcomes = dict[UUID, Outcome]


def deliver(
    *, delivery_id: UUID, now: datetime, channels: Mapping[str, Channel] = CHANNELS
) -> Outcome:
    """Brings one delivery as far as it can be brought at `now`; see `deliver_many`."""
    return deliver_many(delivery_ids=[delivery_id], now=now, channels=channels)[delivery_id]


def deliver_many(
    *, delivery_ids: Sequence[UUID], now: datetime, channels: Mapping[str, Channel] = CHANNELS
) -> Outcomes:
    """Brings deliveries as far as they can be brought at `now`; a fixed number of queries but for
    those that fail.

    Harmless when it is called twice or for deliveries that are done: `NOT_MINE`. One that fails
    does not stop the others. A process that dies between sending and marking leaves a lease that
    runs out; the next attempt sends again under the same collapse id. What there is no time for
    within the lease is put back and is nobody's.
    """
    watch = Stopwatch()
    outcomes = dict.fromkeys(delivery_ids, Outcome.NOT_MINE)
    batch = claim(delivery_ids, now)
    if not batch.deliveries:
        return outcomes
    verdicts, unreadable = _judged(batch)
    to_send: list[Delivery] = []
    fans: list[Delivery] = []
    changes = failing.changes_for(unreadable, {one.pk: one for one in batch.deliveries}, now)
    for delivery in batch.deliveries:
        if delivery.pk in changes:
            continue
        decision = verdicts[delivery.pk].decision
        if decision.action is not Action.SEND:
            changes[delivery.pk] = Change.of(decision)
        elif delivery.attempts > terms().delivery.attempts:
            # The claim has counted this attempt already; five that never ended are enough.
            changes[delivery.pk] = failing.given_up("never_finished")
        else:
            (fans if is_passed_on(delivery) else to_send).append(delivery)
    with transaction.atomic():
        outcomes |= _apply(batch, changes, verdicts)
        outcomes |= _pass_on(batch, fans, verdicts)
    reached("worker.before_send")
    return outcomes | _send(batch, to_send, verdicts, channels, watch)


def _judged(batch: Batch) -> tuple[dict[UUID, Verdict], dict[UUID, Exception]]:
    try:
        return judge(batch.deliveries, batch.now), {}
    except DatabaseError:
        raise
    except Exception:
        return _judged_one_by_one(batch)


def _judged_one_by_one(batch: Batch) -> tuple[dict[UUID, Verdict], dict[UUID, Exception]]:
    # One row that cannot be read must not keep everybody else's messages from being sent.
    verdicts: dict[UUID, Verdict] = {}
    unreadable: dict[UUID, Exception] = {}
    for delivery in batch.deliveries:
        try:
            verdicts |= judge([delivery], batch.now)
        except DatabaseError:
            raise
        except Exception as error:
            unreadable[delivery.pk] = error
    return verdicts, unreadable


def _pass_on(
    batch: Batch, deliveries: Sequence[Delivery], verdicts: Mapping[UUID, Verdict]
) -> Outcomes:
    if not deliveries:
        return {}
    reaching_nobody = pass_on(deliveries, batch.now)
    nobody = Decision(action=Action.SUPPRESS, reason="nobody_there")
    changes = {
        one.pk: Change.of(nobody)
        if one.pk in reaching_nobody
        else Change(decision=verdicts[one.pk].decision, state=DeliveryState.PASSED_ON)
        for one in deliveries
    }
    return _apply(batch, changes, verdicts)


def _send(
    batch: Batch,
    deliveries: Sequence[Delivery],
    verdicts: Mapping[UUID, Verdict],
    channels: Mapping[str, Channel],
    watch: Stopwatch,
) -> Outcomes:
    outcomes: Outcomes = {}
    by_id = {one.pk: one for one in deliveries}
    parcels, homeless = _packed(deliveries, batch.now)
    if homeless:
        with transaction.atomic():
            outcomes |= _apply(batch, failing.without_address(homeless), verdicts)
    for results in send(parcels, channels, watch):
        outcomes |= _record(batch, by_id, results, verdicts)
    return outcomes


def _packed(deliveries: Sequence[Delivery], now: datetime) -> tuple[list[Parcel], list[Delivery]]:
    addresses = Addresses(deliveries, now)
    parcels, homeless = [], []
    for delivery in deliveries:
        try:
            parcels.append(addresses.parcel(delivery))
        except NoAddress:
            homeless.append(delivery)
    return parcels, homeless


def _record(
    batch: Batch,
    by_id: Mapping[UUID, Delivery],
    results: Results,
    verdicts: Mapping[UUID, Verdict],
) -> Outcomes:
    changes = {pk: Change.of(verdicts[pk].decision) for pk in results.sent}
    changes |= failing.changes_for(results.failed, by_id, batch.now)
    gone = [pk for pk, error in results.failed.items() if isinstance(error, AddressGone)]
    with transaction.atomic():
        put_back(batch, results.unsent)
        failing.disable_endpoints([by_id[pk] for pk in gone], batch.now)
        outcomes = _apply(batch, changes, verdicts)
        reached("worker.before_mark_commit")
    reached("worker.after_mark")
    return outcomes


def _apply(
    batch: Batch, changes: Mapping[UUID, Change], verdicts: Mapping[UUID, Verdict]
) -> Outcomes:
    if not changes:
        return {}
    kept = settle(batch, changes)
    mine = [one for one in batch.deliveries if one.pk in kept]
    follow_up(mine, changes, verdicts, batch.now)
    return {pk: _outcome(changes[pk]) for pk in kept}


def _outcome(change: Change) -> Outcome:
    if change.state == DeliveryState.WAITING:
        return Outcome.HELD if change.decision.action is Action.HOLD else Outcome.RETRIED
    return Outcome(change.state)
