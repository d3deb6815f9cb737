"""A fresh proof that it is she: for what cannot be taken back, a session alone is not enough."""

import math
from datetime import datetime, timedelta

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY

from backend.accounts import limits
from backend.accounts.models import User
from backend.accounts.session_store import SessionStore
from backend.accounts.throttling import TooManyAttempts

FRESH = timedelta(minutes=5)
TRIES = limits.Limit(amount=5, seconds=15 * 60)


class NotProven(Exception):
    """The last sign-in or reauthentication of this session is too long ago."""


class WrongPassword(Exception):
    """It is not her password."""


def require_proof(*, user: User, session_key: str, password: str | None, now: datetime) -> None:
    """Returns where `password` is hers or, without one, where she signed in to this session or
    authenticated again in it within `FRESH`.

    Raises `NotProven`, `WrongPassword`, and `TooManyAttempts` before a password is looked at.
    """
    if password is None:
        if not _proven_lately(session_key, now):
            raise NotProven
        return
    name = f"proof:{user.pk}"
    if wait := limits.take(name=name, limit=TRIES, now=now):
        raise TooManyAttempts(math.ceil(wait))
    if not user.check_password(password):
        raise WrongPassword
    limits.refill(name=name)


def _proven_lately(session_key: str, now: datetime) -> bool:
    steps = SessionStore(session_key).get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    return any(
        timedelta(0) <= now - datetime.fromtimestamp(step["at"], tz=now.tzinfo) < FRESH
        for step in steps
        if "at" in step
    )
