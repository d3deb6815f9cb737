"""What follows from settled deliveries: the next repeat, the next channel, an alarm."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from exercises.triage.levels import Level
from notifications.judging import Verdict
from notifications.models import Audience, Delivery, DeliveryState, Message
from notifications.services.settling import Change
from notifications.services.writing import Draft, message_id, wake_seconds, write_messages
from notifications.teams import NOBODY, teams_of
from notifications.terms import terms

logger = logging.getLogger(__name__)

UNREACHED = ("no_endpoint", "endpoint_gone", "email_switched_off", "nobody_there")


def follow_up(
    deliveries: Sequence[Delivery],
    changes: Mapping[UUID, Change],
    verdicts: Mapping[UUID, Verdict],
    now: datetime,
) -> None:
    """Writes what follows from deliveries that were settled just now, inside the transaction that
    settled them. Everything that it writes has a key, so that it is written once."""
    dead = [one for one in deliveries if changes[one.pk].state == DeliveryState.DEAD]
    unreached = [one for one in deliveries if changes[one.pk].decision.reason in UNREACHED]
    drafts = _unwritten(_repeats(deliveries, changes, verdicts))
    if dead:
        drafts += _alarms([one.message for one in dead], now)
    if drafts:
        write_messages(drafts, now=now)
    if dead or unreached:
        _use_second_channel([one.message_id for one in (*dead, *unreached)], now)
    _tell_operators(dead, unreached, changes)


def _unwritten(drafts: Iterable[Draft]) -> list[Draft]:
    # Each channel of a message brings the same repeat; most often another one wrote it before.
    by_id = {message_id(draft.key): draft for draft in drafts}
    written = (
        set(Message.objects.filter(pk__in=by_id).values_list("pk", flat=True)) if by_id else ()
    )
    return [draft for pk, draft in by_id.items() if pk not in written]


def _repeats(
    deliveries: Sequence[Delivery],
    changes: Mapping[UUID, Change],
    verdicts: Mapping[UUID, Verdict],
) -> Iterator[Draft]:
    for delivery in deliveries:
        is_settled = changes[delivery.pk].state != DeliveryState.WAITING
        verdict = verdicts.get(delivery.pk)
        due_at = verdict.again_at if verdict else None
        message = delivery.message
        if is_settled and due_at is not None and message.kind == "alert":
            yield from _next(message, due_at)


def _next(message: Message, due_at: datetime) -> Iterator[Draft]:
    if message.audience != Audience.PATIENT or message.recipient_id is None:
        return
    level = terms().of(Level(message.level))
    # Who is told again has not answered: from now on every channel is used.
    channels = (*level.patient_channels, *level.patient_second)
    yield Draft(
        chain=message.key.rpartition(":")[0],
        step=message.step + 1,
        recipient=message.recipient_id,
        patient=message.patient_id,
        audience="patient",
        kind=message.kind,
        level=message.level,
        rule=message.rule,
        alert=message.alert_id,
        content=message.content,
        channels=channels,
        due_at=due_at,
    )


def _alarms(messages: Sequence[Message], now: datetime) -> list[Draft]:
    grave = [
        message
        for message in messages
        if message.audience == Audience.PATIENT and message.level >= Level.URGENT_SAME_DAY
    ]
    teams = teams_of([one.patient_id for one in grave if one.patient_id], now) if grave else {}
    return [
        Draft(
            chain=f"{therapist}:{message.alert_id}:delivery_failed",
            recipient=therapist,
            patient=message.patient_id,
            audience="therapist",
            kind="delivery_failed",
            level=message.level,
            rule=message.rule,
            alert=message.alert_id,
            channels=terms().of(Level(message.level)).therapist_channels,
            due_at=now,
        )
        for message in grave
        for therapist in (
            teams.get(message.patient_id, NOBODY) if message.patient_id else NOBODY
        ).at_step("therapist")
    ]


def _use_second_channel(messages: Sequence[UUID], now: datetime) -> None:
    # Two endpoints that fail at the same moment would each see the other still trying: the lock
    # puts one after the other.
    list(Message.objects.select_for_update().filter(pk__in=messages).order_by("pk").values("pk"))
    trying = Q(state=DeliveryState.SENT) | Q(state=DeliveryState.WAITING)
    first = Delivery.objects.filter(trying, message__in=messages, is_second=False)
    reached = set(first.exclude(channel="in_app").values_list("message", flat=True))
    alone = [message for message in messages if message not in reached]
    if alone:
        wake_seconds(alone, now=now)


def _tell_operators(
    dead: Sequence[Delivery], unreached: Sequence[Delivery], changes: Mapping[UUID, Change]
) -> None:
    for delivery in dead:
        reason = changes[delivery.pk].decision.reason
        logger.error("delivery %s is dead: %s", delivery.pk, reason)
    for delivery in unreached:
        if delivery.is_urgent and delivery.channel == "team":
            logger.error("delivery %s reaches nobody", delivery.pk)
