"""The doors to one's own messages; patients and therapists use the same."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal, cast
from uuid import UUID

from django.http import HttpResponse
from msgspec import UNSET, UnsetType
from rest_framework.request import Request

from backend.accounts import audit
from backend.accounts.authentication import Credential
from backend.accounts.doors import UserDoor
from backend.core.api import respond
from backend.core.cursors import page_limit, read_cursor, write_cursor
from backend.core.problems import not_found
from backend.core.schema import describe
from backend.core.wire import Instant, Wire
from exercises.triage.levels import Level, LevelCode
from notifications import selectors, services
from notifications.models import Delivery, Message
from notifications.texts import item_text

CURSOR = "notifications"
DecisionCode = Literal["send", "hold", "suppress", "expire"]


class AttemptView(Wire, frozen=True, kw_only=True):
    """What was decided at one moment, and why."""

    decision: DecisionCode
    reason: str
    at: Instant


class DeliveryView(Wire, frozen=True, kw_only=True):
    """What was decided last for one channel, why, and when; `log` is all of it, oldest first.
    `endpoint` is the device where it went."""

    channel: str
    decision: DecisionCode
    reason: str
    at: Instant
    endpoint: UUID | UnsetType = UNSET
    log: tuple[AttemptView, ...]


class WaitingItem(Wire, frozen=True, kw_only=True):
    """An alert on a therapist's daily list."""

    alert: UUID
    level: LevelCode


class NotificationView(Wire, frozen=True, kw_only=True):
    """A message as its recipient reads it, with the log of why it was sent, held or not sent.

    `patient` names whom it is about where that is somebody else, `about` what a reminder reminds
    of, `items` what stands on a daily list. `level` is `none` for what is no alert.
    """

    id: UUID
    kind: str
    level: LevelCode
    rule: str
    title: str
    body: str
    created_at: Instant
    read_at: Instant | UnsetType = UNSET
    alert: UUID | UnsetType = UNSET
    patient: UUID | UnsetType = UNSET
    about: str | UnsetType = UNSET
    local_date: date | UnsetType = UNSET
    items: tuple[WaitingItem, ...] | UnsetType = UNSET
    deliveries: tuple[DeliveryView, ...]


class NotificationPage(Wire, frozen=True, kw_only=True):
    """A page of messages, newest first."""

    items: tuple[NotificationView, ...]
    next_cursor: str | None


class NotificationReceipt(Wire, frozen=True, kw_only=True):
    """What happened to a message on the device."""

    event: Literal["delivered", "opened", "dismissed"]
    occurred_at: Instant | UnsetType = UNSET


class InboxDoor(UserDoor):
    """A door to one's own messages."""

    @property
    def owner(self) -> selectors.Owner:
        """Who is asking; without a second factor nobody reads of her patients."""
        credential = cast(Credential, self.request.auth)
        return selectors.Owner(self.user, of_others=credential.second_factor)

    def _mine(self, message_id: UUID) -> Message:
        message = selectors.inbox_item(self.owner, self.now, message_id)
        if message is None:
            raise not_found()
        self._audited([message])
        return message

    def _audited(self, messages: Sequence[Message]) -> None:
        """Notes, before they leave, that the messages about other people were read."""
        others = {message.patient_id for message in messages} - {self.user.pk, None}
        audit.record_many(
            actor_id=self.user.pk,
            action="notification.read",
            patient_ids=cast("set[UUID]", others),
            trace_id=self.trace_id,
            now=self.now,
        )


class Notifications(InboxDoor):
    @describe(
        "My messages, newest first",
        response=NotificationPage,
        query={"limit": (int, "1 to 200, default 50"), "cursor": (str, "next_cursor of a page")},
        tags=("notifications",),
    )
    def get(self, request: Request) -> HttpResponse:
        limit = page_limit(request._request)
        after = read_cursor(request._request, CURSOR)
        found = selectors.inbox_page(self.owner, self.now, after, limit + 1)
        page, last = found[:limit], found[limit - 1 : limit]
        self._audited(page)
        more = len(found) > limit
        cursor = (
            write_cursor(CURSOR, last[0].created_at.isoformat(), str(last[0].pk)) if more else None
        )
        return respond(
            NotificationPage(items=_present(page, self.reader.language), next_cursor=cursor)
        )


class Notification(InboxDoor):
    @describe("One message", response=NotificationView, errors=(401, 404), tags=("notifications",))
    def get(self, _request: Request, message_id: UUID) -> HttpResponse:
        return respond(_present([self._mine(message_id)], self.reader.language)[0])


class NotificationEvents(InboxDoor):
    @describe(
        "A message arrived, was opened or dismissed",
        request=NotificationReceipt,
        response=NotificationView,
        errors=(401, 404),
        tags=("notifications",),
    )
    def post(self, _request: Request, message_id: UUID) -> HttpResponse:
        receipt = self.body(NotificationReceipt)
        self._mine(message_id)
        services.record_receipt(
            message_id=message_id,
            receipt=receipt.event,
            occurred_at=None if receipt.occurred_at is UNSET else receipt.occurred_at,
            now=self.now,
        )
        return respond(_present([self._mine(message_id)], self.reader.language)[0])


def _present(messages: Sequence[Message], language: str) -> tuple[NotificationView, ...]:
    late = selectors.late_alerts(messages)
    names = selectors.endpoint_names(messages)
    return tuple(
        _view(message, language, names, late=message.alert_id in late) for message in messages
    )


def _view(
    message: Message, language: str, names: Mapping[UUID, UUID], *, late: bool
) -> NotificationView:
    patient = message.patient
    country = patient.user.country if patient else ""
    text = item_text(message, country=country, language=language, late=late)
    is_mine = patient is None or patient.user_id == message.recipient_id
    return NotificationView(
        id=message.pk,
        kind=message.kind,
        level=Level(message.level).code,
        rule=message.rule,
        title=text.title,
        body=text.body,
        created_at=message.created_at,
        read_at=message.read_at or UNSET,
        alert=message.alert_id or UNSET,
        patient=UNSET if is_mine or patient is None else patient.pk,
        about=message.about or UNSET,
        local_date=message.local_date or UNSET,
        items=_items(message),
        deliveries=tuple(
            _log(item, item.decided_at, names)
            for item in message.deliveries.all()
            if item.decided_at
        ),
    )


def _items(message: Message) -> tuple[WaitingItem, ...] | UnsetType:
    items = message.content.get("items")
    if items is None:
        return UNSET
    return tuple(WaitingItem(alert=UUID(one["alert"]), level=one["level"]) for one in items)


def _log(delivery: Delivery, at: datetime, names: Mapping[UUID, UUID]) -> DeliveryView:
    return DeliveryView(
        channel=delivery.channel,
        decision=cast(DecisionCode, delivery.decision),
        reason=delivery.reason,
        at=at,
        endpoint=names.get(delivery.target, UNSET) if delivery.target else UNSET,
        log=tuple(
            AttemptView(decision=cast(DecisionCode, one.decision), reason=one.reason, at=one.at)
            for one in sorted(delivery.log.all(), key=lambda one: one.pk)
        ),
    )
