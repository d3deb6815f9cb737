"""Writes messages with their deliveries, each exactly once however often it is asked for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from exercises.triage.levels import Level
from notifications.bulk import insert_missing
from notifications.models import Delivery, DeliveryState, Message

_IDS = uuid5(NAMESPACE_URL, "urn:stepwise:message")

Audience = Literal["patient", "therapist", "team", "clinic"]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A message to be written. `chain` names recipient and cause; with `step` it is the key.

    `channels` are used at `due_at`, in_app | push | email (push stands for every live endpoint of
    the recipient at the claim). `second` are those that follow: `second_after` that time unless
    the message was received by then, and without it only when none of the others could bring it.
    A reminder has level 0 (`Level.NONE`), its kind, `about` what it reminds of and an
    `expires_at`; whether it is still wanted is judged at the claim.
    """

    chain: str
    step: int = 0
    recipient: UUID | None
    patient: UUID | None
    audience: Audience
    kind: str
    level: int = Level.NONE
    rule: str = ""
    alert: UUID | None = None
    clinic: UUID | None = None
    about: str = ""
    local_date: date | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
    channels: tuple[str, ...]
    second: tuple[str, ...] = ()
    second_after: timedelta | None = None
    due_at: datetime
    expires_at: datetime | None = None

    @property
    def key(self) -> str:
        """What makes the message unique."""
        return f"{self.chain}:{self.step}"


def message_id(key: str) -> UUID:
    """The id of the message with that key, whether or not it is written yet."""
    return uuid5(_IDS, key)


def delivery_id(message: UUID, channel: str, target: UUID | None = None) -> UUID:
    """The id of the delivery of `message` by `channel` to `target`."""
    return uuid5(message, f"{channel}:{target}" if target else channel)


def write_messages(drafts: Iterable[Draft], *, now: datetime) -> None:
    """Writes what is not there yet, in two statements, inside the caller's transaction.

    Ids follow from the key, so a second writer's rows collide with the first's, deliveries
    included, and are ignored.
    """
    wanted = list(drafts)
    messages = [_message(draft, now) for draft in wanted]
    deliveries = [
        delivery
        for draft, message in zip(wanted, messages, strict=True)
        for delivery in _deliveries(draft, message)
    ]
    insert_missing(messages)
    insert_missing(deliveries)


def write_deliveries(parents: Iterable[tuple[Delivery, str, UUID]], *, now: datetime) -> None:
    """Writes a delivery that is due now for each (parent, channel, target) that has none."""
    insert_missing(
        [
            Delivery(
                id=delivery_id(parent.message_id, channel, target),
                message_id=parent.message_id,
                channel=channel,
                target=target,
                is_second=parent.is_second,
                is_urgent=parent.is_urgent,
                due_at=now,
            )
            for parent, channel, target in parents
        ]
    )


def wake_seconds(messages: Iterable[UUID], *, now: datetime) -> int:
    """Lets the second channels of these messages go now; how many that were."""
    asleep = Delivery.objects.filter(message__in=list(messages), is_second=True)
    on_standby = asleep.filter(state=DeliveryState.STANDBY)
    waiting = asleep.filter(state=DeliveryState.WAITING, due_at__gt=now, attempts=0, decision="")
    woken = on_standby.update(state=DeliveryState.WAITING, due_at=now)
    return woken + waiting.update(due_at=now)


def _deliveries(draft: Draft, message: Message) -> Iterator[Delivery]:
    first = [(channel, False) for channel in draft.channels]
    second = [(channel, True) for channel in draft.second if channel not in draft.channels]
    for channel, is_second in (*first, *second):
        waits = is_second and draft.second_after is None
        later = draft.second_after if is_second and draft.second_after else timedelta(0)
        yield Delivery(
            id=delivery_id(message.pk, channel),
            message=message,
            channel=channel,
            is_second=is_second,
            is_urgent=draft.level >= Level.URGENT_SAME_DAY,
            state=DeliveryState.STANDBY if waits else DeliveryState.WAITING,
            due_at=draft.due_at + later,
        )


def _message(draft: Draft, now: datetime) -> Message:
    return Message(
        id=message_id(draft.key),
        key=draft.key,
        recipient_id=draft.recipient,
        patient_id=draft.patient,
        clinic_id=draft.clinic,
        audience=draft.audience,
        kind=draft.kind,
        level=draft.level,
        rule=draft.rule,
        alert_id=draft.alert,
        about=draft.about,
        local_date=draft.local_date,
        content=dict(draft.content),
        step=draft.step,
        created_at=now,
        due_at=draft.due_at,
        expires_at=draft.expires_at,
    )
