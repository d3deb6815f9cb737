"""Sessions: how long they last, where they open, how they end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from backend.accounts import sessions
from backend.accounts.models import Patient, StoredSession, User
from backend.accounts.services import enable_totp, make_session_token
from backend.core import clock
from tests.backend.accounts.test_signin import sign_in, totp_code
from tests.client import ApiClient
from tests.factories import PASSWORD

Auth = Callable[..., Any]
SetClock = Callable[[datetime], None]
LIST = "/dashboard/sessions/"


@pytest.fixture
def present() -> datetime:
    """The real present: codes of the second factor are of now."""
    return clock.now()


@pytest.fixture
def browser(therapist: User) -> Client:
    """A browser in which the therapist has just signed in, second factor and all."""
    return enter(therapist, enable_totp(therapist))


def enter(user: User, secret: str, **headers: str) -> Client:
    client = Client(headers=headers)
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": totp_code(secret)})
    return client


def is_in(client: Client) -> bool:
    return bool(client.get("/dashboard/").status_code == 200)


def test_a_quarter_of_an_hour_without_a_click_signs_out(
    present: datetime, browser: Client, set_clock: SetClock
) -> None:
    assert is_in(browser)
    set_clock(present + timedelta(minutes=14))
    assert is_in(browser)
    set_clock(present + timedelta(minutes=28))
    assert is_in(browser)
    set_clock(present + timedelta(minutes=44))
    assert not is_in(browser)
    set_clock(present + timedelta(minutes=28))
    assert not is_in(browser)


def test_a_page_that_refreshes_itself_keeps_nobody_in(
    present: datetime, browser: Client, set_clock: SetClock
) -> None:
    for minutes in range(1, 16):
        set_clock(present + timedelta(minutes=minutes))
        browser.get("/dashboard/?seen=tag", headers={"HX-Request": "true"})
    set_clock(present + timedelta(minutes=16))
    assert not is_in(browser)


def test_after_a_working_day_everybody_signs_in_again(
    present: datetime, browser: Client, set_clock: SetClock
) -> None:
    for minutes in range(10, 12 * 60, 10):
        set_clock(present + timedelta(minutes=minutes))
        assert is_in(browser), minutes
    set_clock(present + timedelta(hours=12, minutes=1))
    assert not is_in(browser)


def test_the_idle_time_can_be_set(
    present: datetime, browser: Client, set_clock: SetClock, settings: Any
) -> None:
    settings.PAGES_IDLE = timedelta(minutes=5)
    set_clock(present + timedelta(minutes=6))
    assert not is_in(browser)


def test_the_phone_stays_signed_in_for_half_a_year(
    patient: Patient, auth: Auth, set_clock: SetClock
) -> None:
    began = clock.now()
    phone = ApiClient(sign_in(auth, patient.user.email).json()["meta"]["session_token"])
    set_clock(began + timedelta(days=179))
    assert phone.get("me").status_code == 200
    set_clock(began + timedelta(days=181))
    assert phone.get("me").status_code == 401


def test_a_browsers_cookie_is_no_token_of_the_app(browser: Client, auth: Auth) -> None:
    cookie = browser.cookies["sessionid"].value
    assert ApiClient(cookie).get("me").status_code == 401
    assert auth("get", "auth/session", "", cookie).status_code == 410
    assert is_in(browser)


def test_a_token_of_the_app_opens_no_page_and_stays_what_it_is(therapist: User, auth: Auth) -> None:
    secret = enable_totp(therapist)
    half = sign_in(auth, therapist.email).json()["meta"]["session_token"]
    done = auth("post", "auth/2fa/authenticate", {"code": totp_code(secret)}, half)
    token = done.json()["meta"]["session_token"]
    client = Client()
    client.cookies["sessionid"] = token
    assert client.get("/dashboard/").status_code == 302
    assert ApiClient(token).get("me").status_code == 200


def test_ones_own_sessions_are_listed_and_ended_at_once(
    therapist: User, browser: Client, now: datetime
) -> None:
    lost = make_session_token(therapist, now)
    page = browser.get(LIST)
    rows = page.context["rows"]
    assert [row.is_current for row in rows].count(True) == 1
    (other,) = [row for row in rows if not row.is_current]
    ended = browser.post(f"{LIST}{other.id}/end/", follow=True)
    assert b"Signed out there." in ended.content
    assert ApiClient(lost).get("me").status_code == 401
    assert is_in(browser)
    assert browser.post(f"{LIST}{other.id}/end/").status_code == 302


def test_all_other_sessions_are_ended_at_once(
    therapist: User, browser: Client, now: datetime
) -> None:
    others = [make_session_token(therapist, now) for _ in range(2)]
    browser.post(f"{LIST}end-others/")
    assert [ApiClient(token).get("me").status_code for token in others] == [401, 401]
    assert len(browser.get(LIST).context["rows"]) == 1


def test_nobody_ends_somebody_elses(
    therapist: User, stranger: User, browser: Client, now: datetime
) -> None:
    hers = make_session_token(stranger, now)
    row = UserSession.objects.get(session_key=hers)
    browser.post(f"{LIST}{row.pk}/end/")
    assert ApiClient(hers).get("me").status_code == 200


def test_the_list_needs_the_second_factor_and_a_role(patient: Patient, therapist: User) -> None:
    assert Client().get(LIST).status_code == 302
    half = Client()
    half.post("/accounts/login/", {"login": therapist.email, "password": PASSWORD})
    assert half.get(LIST).status_code == 302
    outside = Client()
    outside.post("/accounts/login/", {"login": patient.user.email, "password": PASSWORD})
    assert outside.get(LIST).status_code == 403


def test_a_new_password_ends_the_other_sessions_and_not_this_one(
    patient: Patient, auth: Auth, now: datetime
) -> None:
    other = make_session_token(patient.user, now)
    mine = sign_in(auth, patient.user.email).json()["meta"]["session_token"]
    body = {"current_password": PASSWORD, "new_password": "a wholly new passphrase"}
    answer = auth("post", "account/password/change", body, mine)
    assert answer.status_code == 200
    mine = answer.json()["meta"].get("session_token", mine)
    assert ApiClient(other).get("me").status_code == 401
    assert ApiClient(mine).get("me").status_code == 200


def test_a_therapist_changes_her_password_in_the_pages(
    therapist: User, browser: Client, now: datetime
) -> None:
    other = make_session_token(therapist, now)
    page = "/accounts/password/change/"
    form = {"oldpassword": PASSWORD, "password1": "a wholly new passphrase"}
    done = browser.post(page, {**form, "password2": "a wholly new passphrase"})
    assert done.status_code == 302
    assert is_in(browser)
    assert ApiClient(other).get("me").status_code == 401


def test_what_has_expired_is_removed_and_what_holds_stays(patient: Patient, now: datetime) -> None:
    old, new = (make_session_token(patient.user, now) for _ in range(2))
    StoredSession.objects.filter(session_key=old).update(expire_date=now - timedelta(days=1))
    StoredSession.objects.filter(session_key=new).update(expire_date=now + timedelta(days=1))
    assert sessions.prune(now=now) == 1
    assert sessions.prune(now=now) == 0
    later = now + timedelta(hours=2)
    sessions.prune(now=later)
    assert [row.session_key for row in UserSession.objects.all()] == [new]
