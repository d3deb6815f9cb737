"""What the phone or the dashboard says of a message: it arrived, it was opened or dismissed."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import F, Value
from django.db.models.functions import Coalesce

from notifications.models import Message

Receipt = Literal["delivered", "opened", "dismissed"]


def record_receipt(
    *, message_id: UUID, receipt: Receipt, occurred_at: datetime | None, now: datetime
) -> None:
    """Keeps the first receipt of each kind; a later or repeated one changes nothing.

    An instant in the future (a wrong clock) counts as `now`.
    """
    at = Value(min(occurred_at or now, now))
    times = {"received_at": Coalesce(F("received_at"), at)}
    if receipt != "delivered":
        times["read_at"] = Coalesce(F("read_at"), at)
    Message.objects.filter(pk=message_id).update(**times)
