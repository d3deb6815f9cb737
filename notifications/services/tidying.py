"""Removes what has been kept for as long as the settings say, a little at a time.

Whoever calls it may call it as often as he likes. What still waits to be sent, and what belongs to an
alert that stands, is kept whatever its age.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef

from backend.accounts import audit, kept_answers, sessions
from backend.accounts.erasures import services as erasures
from exercises.reports.record import exporting
from exercises.triage.models import STANDING, Alert
from notifications.models import Delivery, DeliveryState, Incident, Message

AT_ONCE = 500
UNFINISHED = (DeliveryState.WAITING, DeliveryState.STANDBY)
Say = Callable[[str, int, int], None]


def tidy(*, now: datetime, say: Say | None = None) -> dict[str, int]:
    """One batch of each kind; how many rows of each were removed."""
    parts: dict[str, Callable[[], int]] = {
        "answers": lambda: kept_answers.prune(now),
        "sessions": lambda: sessions.prune(now=now),
        "exports": lambda: exporting.prune(now=now),
        "notifications": lambda: prune_messages(now=now),
        "incidents": lambda: prune_incidents(now=now),
        "audit": lambda: audit.prune(now=now),
        "erasures": lambda: erasures.settle(now=now),
    }
    removed = {}
    for number, (name, part) in enumerate(parts.items(), 1):
        if say:
            say(name, number, len(parts))
        removed[name] = part()
    return removed


def is_more(removed: dict[str, int]) -> bool:
    """Whether a batch was full, so that there may be more to remove."""
    return any(count >= AT_ONCE for count in removed.values())


def prune_messages(*, now: datetime) -> int:
    """Removes the oldest messages with their deliveries; how many messages."""
    until = now - timedelta(days=settings.KEEP_DAYS.notifications)
    unfinished = Delivery.objects.filter(message=OuterRef("pk"), state__in=UNFINISHED)
    standing = Alert.objects.filter(pk=OuterRef("alert_id"), status__in=STANDING)
    old = Message.objects.filter(~Exists(unfinished), ~Exists(standing), created_at__lt=until)
    ids = [*old.order_by("created_at").values_list("pk", flat=True)[:AT_ONCE]]
    Message.objects.filter(pk__in=ids).delete()
    return len(ids)


def prune_incidents(*, now: datetime) -> int:
    """Removes what operators were told of long ago and is over; how many."""
    until = now - timedelta(days=settings.KEEP_DAYS.notifications)
    removed, _ = Incident.objects.filter(closed_at__lt=until).delete()
    return removed
