"""Writes messages with their deliveries, each exactly once however often it is asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from notifications.models import Delivery, Message
from notifications.policy import Audience

_IDS = uuid5(NAMESPACE_URL, "urn:stepwise:message")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A message to be written. `chain` names recipient and cause; with `step` it is the key."""

    chain: str
    step: int
    recipient: UUID
    patient: UUID
    audience: Audience
    kind: str
    level: int
    rule: str
    alert: UUID | None
    channels: tuple[str, ...]
    due_at: datetime
    expires_at: datetime | None = None

    @property
    def key(self) -> str:
        """What makes the message unique."""
        return f"{self.chain}:{self.step}"


def write(drafts: Iterable[Draft], *, now: datetime) -> None:
    """Writes what is not there yet, inside the caller's transaction.

    Ids follow from the key, so a second writer's rows collide with the first's, deliveries
    included, and are ignored.
    """
    wanted = list(drafts)
    messages = [_message(draft, now) for draft in wanted]
    deliveries = [
        Delivery(
            id=uuid5(message.pk, channel), message=message, channel=channel, due_at=draft.due_at
        )
        for draft, message in zip(wanted, messages, strict=True)
        for channel in draft.channels
    ]
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)


def _message(draft: Draft, now: datetime) -> Message:
    return Message(
        id=uuid5(_IDS, draft.key),
        key=draft.key,
        recipient_id=draft.recipient,
        patient_id=draft.patient,
        audience=draft.audience,
        kind=draft.kind,
        level=draft.level,
        rule=draft.rule,
        alert_id=draft.alert,
        step=draft.step,
        created_at=now,
        due_at=draft.due_at,
        expires_at=draft.expires_at,
    )
