"""A passkey made and used in a real Chromium, in the pages and as the app does it."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backend.accounts.models import User
from tests.browser.test_dashboard import inspect
from tests.client import ApiClient
from tests.factories import PASSWORD

pytestmark = pytest.mark.browser

Window = Callable[..., Page]
APP = "/api/auth/app/v1"
# What an app does with the platform's own calls, here with the helpers that the page has loaded.
SIGN_IN_AS_THE_APP = """async (base) => {
    const asked = await fetch(base + '/auth/webauthn/login');
    const { data, meta } = await asked.json();
    const credential = await webauthnJSON.get(data.request_options);
    const headers = { 'Content-Type': 'application/json' };
    if (meta && meta.session_token) { headers['X-Session-Token'] = meta.session_token; }
    const done = await fetch(base + '/auth/webauthn/login', {
        method: 'POST', headers, body: JSON.stringify({ credential }), credentials: 'omit',
    });
    return { status: done.status, body: await done.json() };
}"""


def give_key(page: Page) -> None:
    """Plugs a key in that is unlocked by a finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def enrol(page: Page, base: str, user: User, look: Callable[[Page], None] = lambda _: None) -> None:
    page.goto(f"{base}/dashboard/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    look(page)
    page.get_by_role("link", name="Use a passkey instead").click()
    look(page)
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    look(page)


def test_a_therapist_sets_up_a_passkey_and_signs_in_with_it_alone(
    live_server: Any, window: Window, complaints: list[str], reader: User
) -> None:
    page = window()
    give_key(page)
    enrol(page, live_server.url, reader, look=inspect)
    page.get_by_role("button", name="Sign out").click()

    page.goto(f"{live_server.url}/accounts/login/")
    inspect(page)
    page.get_by_role("button", name="Use a passkey", exact=True).click()
    expect(page.get_by_role("heading", name="My patients")).to_be_visible()

    for heading, path in (
        ("Security", "/accounts/2fa/"),
        ("Passkeys and security keys", "/accounts/2fa/webauthn/"),
        ("Devices and sessions", "/dashboard/sessions/"),
        ("Change the password", "/accounts/password/change/"),
    ):
        page.goto(live_server.url + path)
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        inspect(page)
    assert complaints == []


def test_the_passkey_is_the_second_step_after_the_password_too(
    live_server: Any, window: Window, complaints: list[str], reader: User
) -> None:
    page = window()
    give_key(page)
    enrol(page, live_server.url, reader)
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_label("Email").fill(reader.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Use a passkey or security key").click()
    expect(page.get_by_role("heading", name="My patients")).to_be_visible()
    assert complaints == []


def test_the_app_signs_in_with_the_same_passkey(
    live_server: Any, window: Window, reader: User
) -> None:
    page = window()
    give_key(page)
    enrol(page, live_server.url, reader)
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{live_server.url}/accounts/login/")
    answer = page.evaluate(SIGN_IN_AS_THE_APP, APP)
    assert answer["status"] == 200, answer
    token = answer["body"]["meta"]["session_token"]
    assert ApiClient(token).post("invitations", {}).status_code == 201
