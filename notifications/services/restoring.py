"""After a restore: what fell due since the backup was most likely said, and is not said again.

Red flags are: a repeat is better than silence. An ordinary message keeps its place in the inbox, and
its next repeat is counted from now.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from backend.core.backups import hooks
from exercises.triage.levels import Level
from notifications import alerts_now, selectors
from notifications.judging import Verdict, topic_of
from notifications.models import Delivery
from notifications.policy import Action, Decision, next_step
from notifications.reminders import ticking
from notifications.services.claiming import Batch, claim
from notifications.services.following import follow_up
from notifications.services.settling import Change, settle

BATCH = 200
ALREADY_SAID = Decision(action=Action.EXPIRE, reason="restored")


def register() -> None:
    """Has each restore do so."""
    hooks.after_restore(
        "messages", 30, lambda now: f"{let_pass(now=now)} deliveries are not said again"
    )


def let_pass(*, now: datetime) -> int:
    """Lets what is ordinary and due expire, wherever it would reach somebody outside of the app;
    how many deliveries that were."""
    while ticking.tick(now=now):
        pass
    passed = 0
    while batch := _next_batch(now):
        passed += batch
    return passed


def _next_batch(now: datetime) -> int:
    due = selectors.claimable(now).filter(is_urgent=False, message__level__lt=Level.URGENT_SAME_DAY)
    ids = list(due.exclude(channel="in_app").values_list("pk", flat=True)[:BATCH])
    if ids:
        with transaction.atomic():
            _expire(claim(ids, now), now)
    return len(ids)


def _expire(batch: Batch, now: datetime) -> None:
    changes = {one.pk: Change.of(ALREADY_SAID) for one in batch.deliveries}
    settle(batch, changes)
    follow_up(batch.deliveries, changes, _verdicts(batch.deliveries, now), now)


def _verdicts(deliveries: Sequence[Delivery], now: datetime) -> dict[UUID, Verdict]:
    alerts = [one for one in deliveries if topic_of(one.message) == "alert"]
    states = alerts_now.states_of([one.message for one in alerts], now)
    return {
        one.pk: Verdict(
            ALREADY_SAID,
            next_step(alerts_now.said(one), ALREADY_SAID, states[one.message_id], now),
        )
        for one in alerts
    }
