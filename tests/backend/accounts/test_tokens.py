"""Whom a token opens the API for: the look-up in one statement, beside what allauth makes of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.core.internal.sessionkit import get_session_user
from allauth.headless.internal.sessionkit import lookup_session
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.core import signing
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from backend.accounts import sessions, tokens
from backend.accounts.authentication import app_session
from backend.accounts.models import Patient, StoredSession, User
from backend.accounts.services import make_session_token
from backend.accounts.session_store import SessionStore, has_second_factor
from backend.core import clock
from tests.client import ApiClient

SetClock = Callable[[datetime], None]
Who = tuple[User, bool, bool]


def by_columns(token: str, now: datetime) -> Who | None:
    """Who the one statement says it is: user, second factor, whether she is a patient."""
    found = tokens.find(token) if tokens.is_token(token) else None
    if found is None or found.user is None or not tokens.holds(found, now):
        return None
    return found.user, found.second_factor, hasattr(found.user, "patient")


def by_allauth(token: str) -> Who | None:
    """Who allauth says it is, by the session's data."""
    session = app_session(token)
    user = get_session_user(session) if session else None
    if session is None or not isinstance(user, User):
        return None
    return user, has_second_factor(session), Patient.objects.filter(user=user).exists()


def reopened(token: str) -> SessionBase:
    found: SessionBase | None = lookup_session(token)
    assert found is not None
    return found


def put(token: str, **entries: Any) -> None:
    session = reopened(token)
    session.update(entries)
    session.save()


def expire(token: str) -> None:
    StoredSession.objects.filter(pk=token).update(expire_date=clock.now() - timedelta(seconds=1))


def switch_off(token: str) -> None:
    User.objects.filter(pk=StoredSession.objects.get(pk=token).user_id).update(is_active=False)


def change_password(token: str) -> None:
    user = StoredSession.objects.get(pk=token).user
    assert user is not None
    user.set_password("a wholly new passphrase")
    user.save()


STATES: dict[str, Callable[[str], object]] = {
    "signed in": lambda _: None,
    "ended": lambda token: StoredSession.objects.filter(pk=token).delete(),
    "flushed": lambda token: reopened(token).flush(),
    "expired": expire,
    "person switched off": switch_off,
    "person gone": lambda _: User.objects.all().delete(),
    "password changed": change_password,
    "hash missing": lambda token: put(token, **{HASH_SESSION_KEY: ""}),
    "hash of another": lambda token: put(token, **{HASH_SESSION_KEY: "0" * 64}),
    "way in closed": lambda token: put(token, **{BACKEND_SESSION_KEY: "a.way.in"}),
    "begun in the pages": lambda token: put(token, stepwise_door="pages"),
    "begun in the app": lambda token: put(
        token, stepwise_door="app", stepwise_began_at=clock.now().timestamp()
    ),
    "begun half a year ago": lambda token: put(
        token, stepwise_began_at=(clock.now() - timedelta(days=180)).timestamp()
    ),
    "begun a day less than that ago": lambda token: put(
        token, stepwise_began_at=(clock.now() - timedelta(days=179)).timestamp()
    ),
    "no step noted": lambda token: put(token, account_authentication_methods=[]),
    "password alone": lambda token: put(
        token, account_authentication_methods=[{"method": "password", "at": 1.0}]
    ),
    "second factor set up since": lambda token: put(
        token,
        account_authentication_methods=[{"method": "password"}, {"method": "mfa", "type": "totp"}],
    ),
    "no longer a patient": lambda _: Patient.objects.all().delete(),
}


@pytest.mark.parametrize("state", STATES)
def test_the_columns_say_what_allauth_says_of_the_data(state: str, patient: Patient) -> None:
    now = clock.now()
    token = make_session_token(patient.user, now)
    assert by_columns(token, now) == by_allauth(token) == (patient.user, True, True)
    STATES[state](token)
    found = by_columns(token, clock.now())
    assert found == by_allauth(token)
    assert (found is None) == (
        state
        not in (
            "signed in",
            "begun in the app",
            "begun a day less than that ago",
            "no step noted",
            "password alone",
            "second factor set up since",
            "no longer a patient",
        )
    )


def test_a_session_of_nobody_opens_nothing(db: None, now: datetime) -> None:
    session = SessionStore()
    session["something"] = "kept"
    session.save()
    assert (
        by_columns(session.session_key or "", now) is by_allauth(session.session_key or "") is None
    )


@pytest.mark.parametrize(
    "token", ["", "short", "x" * 41, "w" * 32, "ä" * 32, "a\x00b" * 10, "%s" * 9]
)
def test_what_is_no_token_is_nobodys(token: str, db: None, now: datetime) -> None:
    assert by_columns(token, now) is None


def test_what_is_no_token_costs_no_statement(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert ApiClient("no token; at all").get("me").status_code == 401


def test_a_new_secret_signs_nobody_out(patient: Patient, now: datetime, settings: Any) -> None:
    token = make_session_token(patient.user, now)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret of fifty letters and more, for a test"
    phone = ApiClient(token)
    assert [phone.get("me").status_code for _ in range(3)] == [200, 200, 200]
    settings.SECRET_KEY_FALLBACKS = []
    assert phone.get("me").status_code == 401


def test_one_statement_finds_session_person_and_patient(
    patient: Patient, now: datetime, django_assert_num_queries: Any
) -> None:
    token = make_session_token(patient.user, now)
    with django_assert_num_queries(1):
        found = tokens.find(token)
        assert found is not None
        assert found.user is not None
        assert found.user.patient == patient


def test_each_sign_in_writes_its_columns(patient: Patient, now: datetime) -> None:
    token = make_session_token(patient.user, now, second_factor=False)
    put(token, stepwise_door=sessions.APP, stepwise_began_at=now.timestamp())
    row = StoredSession.objects.get(pk=token)
    assert (row.user, row.door, row.began_at, row.second_factor) == (
        patient.user,
        "app",
        now,
        False,
    )


@pytest.mark.django_db(transaction=True)
def test_whoever_was_signed_in_before_the_table_stays_so(patient: Patient, now: datetime) -> None:
    token = make_session_token(patient.user, now)
    kept = StoredSession.objects.get(pk=token)
    Session.objects.create(
        session_key=token, session_data=kept.session_data, expire_date=kept.expire_date
    )
    Session.objects.create(
        session_key="f" * 32, session_data=signing.dumps({}, salt="?"), expire_date=now
    )
    StoredSession.objects.all().delete()
    executor = MigrationExecutor(connection)
    move = executor.loader.get_migration("accounts", "0011_sessions_move").operations[0]
    state = executor.loader.project_state([("accounts", "0011_sessions_move")])
    move.code(state.apps, None)  # type: ignore[attr-defined]
    assert by_columns(token, now) == by_allauth(token) == (patient.user, True, True)
    (moved,) = StoredSession.objects.all()
    columns = ("user_id", "auth_hash", "second_factor", "door", "began_at", "expire_date")
    assert [getattr(moved, name) for name in columns] == [getattr(kept, name) for name in columns]


@pytest.mark.parametrize("password", ["argon2$argon2id$v=19$m=65536", "", "!unusable", "pässwörd"])
def test_a_password_is_hashed_as_django_hashes_it(password: str, settings: Any) -> None:
    for secret in ("a secret", "another", "geheim-ä"):
        settings.SECRET_KEY = secret
        user = User(password=password)
        assert tokens.auth_hash(password, secret) == user.get_session_auth_hash()
