"""Who is asking: allauth's session token, which dies at once when it is revoked."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY
from allauth.account.internal.userkit import user_id_to_str
from allauth.headless.internal.sessionkit import lookup_session
from allauth.headless.tokens.strategies.sessions import SessionTokenStrategy
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from backend.accounts import sessions, tokens
from backend.accounts.models import StoredSession, User
from backend.core import clock

Finder = Callable[[HttpRequest, str], StoredSession | None]


@dataclass(frozen=True, slots=True)
class Credential:
    """The session behind a request (`request.auth`), and whether it passed a second factor."""

    session: StoredSession

    @property
    def session_key(self) -> str:
        """The token."""
        return self.session.session_key

    @property
    def second_factor(self) -> bool:
        """Whether whoever signed in passed a second factor."""
        return self.session.second_factor


class SessionTokenAuthentication(BaseAuthentication):
    """allauth's scheme (`X-Session-Token`), in one statement, with the header that turns "no
    credential" into 401 instead of 403.

    `find` gives the session of a token with its user and her patient, whether or not it holds; a
    door that reads more in the same statement brings one of its own (`tokens.known`).
    """

    def __init__(self, find: Finder | None = None) -> None:
        self._find = find or _find

    def authenticate(self, request: Request) -> tuple[User, Credential] | None:
        plain = request._request
        token = plain.META.get(tokens.HEADER, "")
        session = self._find(plain, token) if tokens.is_token(token) else None
        if session is None or session.user is None or not tokens.holds(session, clock.now()):
            return None
        return session.user, Credential(session)

    def authenticate_header(self, _request: Request) -> str:
        return 'X-Session-Token realm="api"'


def _find(_request: HttpRequest, token: str) -> StoredSession | None:
    return tokens.find(token)


class AppTokens(SessionTokenStrategy):
    """The tokens that allauth's own API takes: the same ones, by the same rules."""

    def lookup_session(self, session_token: str) -> SessionBase | None:
        return app_session(session_token)


def app_session(token: str) -> SessionBase | None:
    """The session that `token` stands for in the API. A browser's cookie is no such token: it
    would outlive the browser's limits."""
    session: SessionBase | None = lookup_session(token)
    if session is None or not sessions.opens(session, sessions.APP):
        return None
    return None if sessions.is_over(session, sessions.APP, clock.now()) else session


def note_methods(session: SessionBase, user: User, methods: Iterable[str], now: datetime) -> None:
    """Writes into `session` that `user` proved herself by `methods`, in allauth's own form."""
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = user_id_to_str(user)
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": method, "at": now.timestamp()} for method in methods
    ]
