"""Allowances: what is left, for whom, and that no number of attempts at once gets more."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.core.internal import ratelimit
from django.db import connection
from django.test import Client

from backend.accounts import limits, sessions
from backend.accounts.counting import LimitBucket
from backend.accounts.devices import COOKIE, HEADER
from backend.accounts.limits import Limit
from backend.accounts.models import Patient, User
from backend.accounts.services import enable_totp
from tests.backend.accounts.test_signin import sign_in, totp_code
from tests.factories import PASSWORD

FIVE = Limit(amount=5, seconds=300)
Auth = Callable[..., Any]
SetClock = Callable[[datetime], None]
LOGIN = "/api/auth/app/v1/auth/login"


@pytest.fixture
def still(db: None, set_clock: SetClock, now: datetime) -> datetime:
    """The server's clock stands still."""
    set_clock(now)
    return now


def device_token(auth: Auth, user: User) -> str:
    answer = sign_in(auth, user.email)
    assert answer.status_code == 200
    return str(answer[HEADER])


def guess(email: str, guessed: str = "a guess", **headers: str) -> Any:
    body = {"email": email, "password": guessed}
    return Client().post(LOGIN, body, content_type="application/json", headers=headers)


def test_an_allowance_is_used_up_and_comes_back_with_time(db: None, now: datetime) -> None:
    assert [limits.take(name="a", limit=FIVE, now=now) for _ in range(6)] == [0, 0, 0, 0, 0, 60]
    later = now + timedelta(seconds=59)
    assert limits.take(name="a", limit=FIVE, now=later) == pytest.approx(1)
    assert limits.take(name="a", limit=FIVE, now=now + timedelta(seconds=60)) == 0
    assert limits.take(name="a", limit=FIVE, now=now + timedelta(seconds=60)) == pytest.approx(60)


def test_an_allowance_never_grows_beyond_its_size(db: None, now: datetime) -> None:
    limits.take(name="a", limit=FIVE, now=now)
    for _ in range(3):
        limits.give_back(name="a", limit=FIVE)
    next_day = now + timedelta(days=1)
    taken = [limits.take(name="a", limit=FIVE, now=next_day) for _ in range(6)]
    assert [wait == 0 for wait in taken] == [True] * 5 + [False]


def test_a_clock_that_is_behind_gives_and_takes_nothing(db: None, now: datetime) -> None:
    for _ in range(5):
        limits.take(name="a", limit=FIVE, now=now)
    assert limits.take(name="a", limit=FIVE, now=now - timedelta(hours=1)) == pytest.approx(60)
    assert limits.take(name="a", limit=FIVE, now=now + timedelta(seconds=59)) > 0


def test_allowances_do_not_touch_each_other_and_their_names_are_not_kept(
    db: None, now: datetime
) -> None:
    limits.take(name="nora@example.org", limit=FIVE, now=now)
    assert limits.is_left(name="b", limit=Limit(amount=1, seconds=10), now=now)
    assert "nora" not in LimitBucket.objects.get().key


def test_allowances_that_are_full_again_are_removed(db: None, now: datetime) -> None:
    limits.take(name="old", limit=FIVE, now=now - timedelta(days=3))
    limits.take(name="new", limit=FIVE, now=now)
    sessions.prune(now=now)
    assert LimitBucket.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_forty_at_once_get_exactly_five(now: datetime) -> None:
    together = threading.Barrier(40)

    def one(_: int) -> float:
        together.wait()
        try:
            return limits.take(name="a", limit=FIVE, now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(40) as pool:
        waits = list(pool.map(one, range(40)))
    assert sorted(waits)[:6] == [0, 0, 0, 0, 0, 60]


@pytest.mark.django_db(transaction=True)
def test_forty_wrong_passwords_at_once_cost_five_looks_and_do_not_keep_the_victim_out(
    patient: Patient,
    auth: Auth,
    set_clock: SetClock,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_clock(now)
    hers = device_token(auth, patient.user)
    looks: list[str] = []
    monkeypatch.setattr(
        User, "check_password", lambda _, raw: bool(looks.append(raw)) or raw == PASSWORD
    )
    together = threading.Barrier(40)

    def one(_: int) -> int:
        together.wait()
        status: int = guess(patient.user.email).status_code
        connection.close()
        return status

    with ThreadPoolExecutor(40) as pool:
        statuses = list(pool.map(one, range(40)))

    assert statuses.count(400) == 5
    assert statuses.count(429) == 35
    assert len(looks) == 5
    assert guess(patient.user.email, PASSWORD).status_code == 429
    assert guess(patient.user.email, PASSWORD, **{HEADER: hers}).status_code == 200


def test_too_many_attempts_are_answered_with_when_to_come_back(
    still: datetime, patient: Patient
) -> None:
    for _ in range(5):
        assert guess(patient.user.email).status_code == 400
    refused = guess(patient.user.email)
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    assert refused["Retry-After"] == "60"
    assert refused.json()["code"] == "too_many_attempts"
    assert refused.json()["retry"] == "later"


def test_the_pages_answer_the_same_plainly(still: datetime, therapist: User) -> None:
    browser = Client()
    body = {"login": therapist.email, "password": "a guess"}
    for _ in range(5):
        assert browser.post("/accounts/login/", body).status_code == 200
    refused = browser.post("/accounts/login/", body)
    assert refused.status_code == 429
    assert refused["Retry-After"] == "60"
    assert b"Too many attempts" in refused.content


def test_a_known_device_has_five_attempts_of_its_own(
    still: datetime, patient: Patient, auth: Auth
) -> None:
    hers = device_token(auth, patient.user)
    tried = [guess(patient.user.email, **{HEADER: hers}).status_code for _ in range(6)]
    assert tried == [400] * 5 + [429]
    assert guess(patient.user.email, PASSWORD).status_code == 200


def test_a_device_that_knows_another_account_is_a_stranger(
    still: datetime, patient: Patient, other_patient: Patient, auth: Auth
) -> None:
    his = device_token(auth, other_patient.user)
    for _ in range(5):
        guess(patient.user.email)
    assert guess(patient.user.email, PASSWORD, **{HEADER: his}).status_code == 429


@pytest.mark.parametrize("token", ["x", "a:b:c", "é", "W10:1x:y" * 50])
def test_a_made_up_device_is_a_stranger(still: datetime, patient: Patient, token: str) -> None:
    for _ in range(5):
        guess(patient.user.email, **{HEADER: token})
    assert guess(patient.user.email, **{HEADER: token}).status_code == 429


def test_a_browser_keeps_its_device_in_a_cookie_that_scripts_cannot_read(
    still: datetime, therapist: User, settings: Any
) -> None:
    settings.SESSION_COOKIE_SECURE = True
    browser = Client()
    browser.post("/accounts/login/", {"login": therapist.email, "password": PASSWORD})
    kept = browser.cookies[COOKIE]
    assert (kept["httponly"], kept["samesite"], kept["secure"]) == (True, "Lax", True)
    for _ in range(5):
        guess(therapist.email)
    browser.cookies.pop(settings.SESSION_COOKIE_NAME)
    entered = browser.post("/accounts/login/", {"login": therapist.email, "password": PASSWORD})
    assert entered.status_code == 302


def test_many_accounts_from_one_address_share_its_allowance_whatever_it_claims_to_be(
    still: datetime,
) -> None:
    tried = [
        guess(f"p{number}@example.org", **{"X-Forwarded-For": f"198.51.100.{number}"}).status_code
        for number in range(11)
    ]
    assert tried == [400] * 10 + [429]


def test_behind_a_proxy_the_address_that_it_saw_counts(still: datetime, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    tried = [
        guess(f"p{number}@example.org", **{"X-Forwarded-For": f"10.0.0.{number}, 198.51.100.7"})
        for number in range(11)
    ]
    assert tried[-1].status_code == 429
    elsewhere = guess("p11@example.org", **{"X-Forwarded-For": "198.51.100.8"})
    assert elsewhere.status_code == 400


def test_a_request_past_the_proxy_counts_for_where_it_came_from(
    still: datetime, settings: Any
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    assert guess("p@example.org", **{"X-Forwarded-For": "10.0.0.1"}).status_code == 400


def test_guesses_at_a_second_factor_are_counted_and_do_not_keep_a_known_device_out(
    still: datetime, therapist: User, auth: Auth
) -> None:
    secret = enable_totp(therapist)
    half = sign_in(auth, therapist.email).json()["meta"]["session_token"]
    done = auth("post", "auth/2fa/authenticate", {"code": totp_code(secret)}, half)
    hers = {HEADER: done[HEADER]}

    def attempt(code: str, **headers: str) -> int:
        stage = guess(therapist.email, PASSWORD, **headers).json()["meta"]["session_token"]
        path = "/api/auth/app/v1/auth/2fa/authenticate"
        named = {"X-Session-Token": stage, **headers}
        answer = Client().post(path, {"code": code}, content_type="application/json", headers=named)
        return int(answer.status_code)

    assert [attempt("000000") for _ in range(6)] == [400] * 5 + [429]
    assert attempt(totp_code(secret, steps_ago=-1)) == 429
    assert attempt(totp_code(secret, steps_ago=-1), **hers) == 200


def test_a_reset_by_mail_opens_the_door_again(
    still: datetime,
    patient: Patient,
    auth: Auth,
    code_in: Callable[..., str],
    mailoutbox: list[Any],
) -> None:
    for _ in range(5):
        guess(patient.user.email)
    asked = auth("post", "auth/password/request", {"email": patient.user.email})
    body = {"key": code_in(mailoutbox[0]), "password": "a wholly new passphrase"}
    done = auth("post", "auth/password/reset", body, asked.json()["meta"]["session_token"])
    hers = done[HEADER]
    for _ in range(6):
        guess(patient.user.email)
    entered = guess(patient.user.email, "a wholly new passphrase", **{HEADER: hers})
    assert entered.status_code == 200


LIMITED = {
    "auth/signup": ({"email": "{}@example.org", "password": "short"}, 20),
    "auth/password/request": ({"email": "nobody@example.org"}, 5),
    "auth/password/reset": ({"key": "x", "password": "y"}, 20),
}


@pytest.mark.parametrize("path", LIMITED)
def test_every_other_way_in_is_limited_too_without_a_cache(
    still: datetime, auth: Auth, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ratelimit, "cache", None)
    body, allowed = LIMITED[path]
    statuses = [auth("post", path, body).status_code for _ in range(allowed + 1)]
    assert 429 not in statuses[:allowed]
    assert statuses[-1] == 429
