"""Django's sessions in a table of our own: what each API call asks of one stands in columns.

Everything that is kept of a session is written through here, so the columns say what its data say.
Reading them saves decoding and checking the data, which costs more than the whole look-up.
"""

from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from backend.accounts.models import StoredSession

DOOR, BEGAN_AT, SEEN_AT = "stepwise_door", "stepwise_began_at", "stepwise_seen_at"


class SessionStore(DatabaseStore):
    """The session engine (`SESSION_ENGINE`)."""

    @classmethod
    def get_model_class(cls) -> type[StoredSession]:
        return StoredSession

    def create_model_instance(self, data: dict[str, Any]) -> StoredSession:
        """The row, its columns filled from `data`."""
        row = cast(StoredSession, super().create_model_instance(data))
        row.user_id = _user_of(data)
        row.auth_hash = data.get(HASH_SESSION_KEY, "")
        row.second_factor = has_second_factor(data)
        row.door = data.get(DOOR, "")
        row.began_at = instant(data, BEGAN_AT)
        return row


def has_second_factor(data: Any) -> bool:
    """Whether whoever signed in to this session passed a second factor, or set one up in it."""
    steps = data.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    return any(step.get("method") == "mfa" for step in steps)


def instant(data: Any, name: str) -> datetime | None:
    """An instant that is noted in a session's data."""
    noted = data.get(name)
    return datetime.fromtimestamp(noted, UTC) if noted else None


def _user_of(data: dict[str, Any]) -> UUID | None:
    # Whoever came by a way that is closed now is not signed in.
    is_open = data.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
    return UUID(data[SESSION_KEY]) if is_open and SESSION_KEY in data else None
