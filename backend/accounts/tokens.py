"""Who is behind a session token, in one statement.

Rows are looked at anew with each request: a session that was ended, a password that was changed, a
person who was switched off is out on the next one. A test compares this with what allauth makes of
the same session, in every state.
"""

import hashlib
import hmac
import re
from datetime import datetime
from functools import cache

from django.conf import settings
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare

from backend.accounts.models import StoredSession, User
from backend.accounts.sessions import APP, APP_LASTS
from backend.core.compiled import compiled

HEADER = "HTTP_X_SESSION_TOKEN"
_SALT = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
is_token = re.compile(r"[0-9A-Za-z]{8,40}").fullmatch


def known(token: str) -> QuerySet[StoredSession]:
    """The session of this token with its user and her patient, whether or not it holds."""
    rows = StoredSession.objects.filter(pk=token, user__isnull=False)
    return rows.select_related("user__patient").defer("session_data")


def find(token: str) -> StoredSession | None:
    """The same session, by the remembered statement."""
    return _known.first(token)


def holds(session: StoredSession, now: datetime) -> bool:
    """Whether a session that is `known` opens the API at `now`."""
    user = session.user
    if user is None or not user.is_active or session.door not in ("", APP):
        return False
    is_over = session.began_at is not None and now - session.began_at >= APP_LASTS
    return now < session.expire_date and not is_over and _is_of_her_password(session, user)


def _is_of_her_password(session: StoredSession, user: User) -> bool:
    """As Django does: the session ends with the password that it was begun with. One that was begun
    under a secret of before (SECRET_KEY_FALLBACKS) holds."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(
        constant_time_compare(session.auth_hash, auth_hash(user.password, secret))
        for secret in secrets
    )


def auth_hash(password: str, secret: str) -> str:
    """What Django's `get_session_auth_hash` makes of a stored password."""
    return hmac.digest(_key(secret), password.encode(), "sha256").hex()


@cache
def _key(secret: str) -> bytes:
    # Django's `salted_hmac`, which derives it each time.
    return hashlib.sha256((_SALT + secret).encode()).digest()


@compiled
def _known(token: str) -> QuerySet[StoredSession]:
    return known(token)
