"""How long a session lasts, and how it ends; the cookie's age is no more than a courtesy.

A session of the pages ends after some idle minutes, and after a working day in any case; one of the
app after half a year, or as configured. Each opens only the door through which its owner signed in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from allauth.core.internal.httpkit import is_headless_request
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from backend.accounts import audit, limits
from backend.accounts.models import StoredSession
from backend.accounts.session_store import BEGAN_AT, DOOR, SEEN_AT, instant

APP, PAGES = "app", "pages"
APP_LASTS = timedelta(days=settings.KEEP_DAYS.sessions)
# A session is written at most this often, so that looking around costs no writes.
NOTED_EVERY = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class SessionRow:
    """A session as its owner sees it."""

    id: int
    is_current: bool
    address: str
    client: str
    began_at: datetime


def begin(request: HttpRequest, *, now: datetime) -> None:
    """Marks the session of `request` as begun now, and by which door."""
    door = APP if is_headless_request(request) else PAGES
    request.session[DOOR] = door
    request.session[BEGAN_AT] = request.session[SEEN_AT] = now.timestamp()


def opens(session: SessionBase, door: str) -> bool:
    """Whether `session` was begun at `door`; one that commands made opens both."""
    return bool(session.get(DOOR, door) == door)


def is_over(session: SessionBase, door: str, now: datetime) -> bool:
    """Whether the time of `session` has run out at `door`."""
    began_at = instant(session, BEGAN_AT) or now
    if door == APP:
        return now - began_at >= APP_LASTS
    seen_at = instant(session, SEEN_AT) or now
    return now - seen_at >= settings.PAGES_IDLE or now - began_at >= settings.PAGES_SESSION


def note_use(session: SessionBase, now: datetime) -> None:
    """The person did something in the pages just now."""
    seen_at = instant(session, SEEN_AT)
    if seen_at and timedelta(0) <= now - seen_at < NOTED_EVERY:
        return
    session[SEEN_AT] = now.timestamp()
    session.setdefault(BEGAN_AT, now.timestamp())
    # The row and the cookie expire with it.
    session.set_expiry(settings.PAGES_IDLE)


def sessions_of(user_id: UUID, *, current: str | None) -> list[SessionRow]:
    """The person's sessions that still hold, the latest first; `current` is her session's key."""
    alive = StoredSession.objects.filter(session_key=OuterRef("session_key"))
    rows = UserSession.objects.filter(Exists(alive), user_id=user_id).order_by("-created_at", "-pk")
    return [
        SessionRow(
            id=row.pk,
            is_current=row.session_key == current,
            address=row.ip,
            client=row.user_agent,
            began_at=row.created_at,
        )
        for row in rows
    ]


@transaction.atomic
def end_others(
    *, user_id: UUID, current: str | None, only: int | None = None, now: datetime
) -> int:
    """Ends the person's sessions but `current`, or `only` one of them; how many. Each is out on its
    next request."""
    rows = UserSession.objects.filter(user_id=user_id).exclude(session_key=current or "")
    if only is not None:
        rows = rows.filter(pk=only)
    keys = list(rows.values_list("session_key", flat=True))
    StoredSession.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    if keys:
        audit.record(actor_id=user_id, action="sessions.ended", now=now)
    return len(keys)


def prune(*, now: datetime) -> int:
    """Removes sessions whose time has run out and allowances that are full again; how many
    sessions. Whoever calls it may call it as often as he likes."""
    removed, _ = StoredSession.objects.filter(expire_date__lte=now).delete()
    alive = StoredSession.objects.filter(session_key=OuterRef("session_key"))
    # One that just began has its row here a moment before the other.
    settled = UserSession.objects.filter(last_seen_at__lt=now - timedelta(hours=1))
    settled.filter(~Exists(alive)).delete()
    limits.prune(now=now)
    return removed
