"""A therapist's morning in a real browser: signs in, sees who needs her first, acts, leaves."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from backend.accounts.models import Clinic, User
from backend.accounts.services import enable_totp
from exercises.triage.models import AlertStatus
from tests.backend.accounts.test_signin import totp_code
from tests.backend.dashboard.caseload import Caseload, open_caseload
from tests.backend.dashboard.records import make_alert
from tests.factories import PASSWORD

pytestmark = pytest.mark.browser

WIDTHS = (360, 768, 1440)
Window = Callable[..., Page]


@pytest.fixture
def caseload(reader: User, practice: Clinic, instant: datetime) -> Caseload:
    return open_caseload(therapist=reader, clinic=practice, now=instant)


def inspect(page: Page) -> None:
    """Readable for everybody: no finding of axe in light or dark, and no page wider than its window."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0, f"{page.url} is {wider} px too wide at {width}"


def sign_in(page: Page, base: str, user: User, secret: str) -> None:
    page.goto(f"{base}/dashboard/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code").fill(totp_code(secret))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="My patients")).to_be_visible()


def test_a_therapist_finds_the_emergency_first_and_acknowledges_it(
    live_server: Any, window: Window, complaints: list[str], reader: User, caseload: Caseload
) -> None:
    secret = enable_totp(reader)
    page = window()
    page.goto(f"{live_server.url}/dashboard/")
    inspect(page)
    sign_in(page, live_server.url, reader, secret)
    inspect(page)

    first = page.locator("ol.rows > li").first
    expect(first.get_by_role("heading")).to_have_text("Mira Solberg")
    expect(first.locator(".badge")).to_have_text("Emergency")
    first.get_by_role("link", name="Mira Solberg").click()
    expect(page.get_by_role("img", name="Pain from")).to_be_visible()
    page.locator("summary", has_text="Sources and rule").first.click()
    page.locator("summary", has_text="Resolve").first.click()
    inspect(page)

    page.get_by_role("button", name="Acknowledge").first.click()
    expect(page.get_by_text("Alert acknowledged.")).to_be_visible()
    caseload.alert.refresh_from_db()
    assert caseload.alert.status == AlertStatus.ACKNOWLEDGED
    inspect(page)

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to Stepwise")).to_be_visible()
    page.goto(f"{live_server.url}/dashboard/")
    expect(page.get_by_role("heading", name="Sign in to Stepwise")).to_be_visible()
    assert complaints == []


def test_the_list_refreshes_itself_without_losing_the_place(
    live_server: Any, window: Window, complaints: list[str], reader: User, caseload: Caseload
) -> None:
    secret = enable_totp(reader)
    page = window()
    page.clock.install()
    sign_in(page, live_server.url, reader, secret)
    page.set_viewport_size({"width": 1000, "height": 500})
    quiet = caseload.others[-1]
    link = page.get_by_role("link", name="Lena Fuchs")
    link.focus()
    before = page.evaluate("window.scrollY")
    assert before > 0
    make_alert(quiet, now=timezone.now())
    with page.expect_response(lambda answer: "seen=" in answer.url):
        page.clock.fast_forward(15_000)
    expect(page.locator("ol.rows > li").nth(1).get_by_role("heading")).to_have_text("Lena Fuchs")
    expect(page.get_by_text("2 emergency")).to_be_visible()
    expect(link).to_be_focused()
    assert page.evaluate("window.scrollY") == before

    page.get_by_label("Find by name").fill("amara")
    page.clock.fast_forward(400)
    expect(page.locator("ol.rows > li")).to_have_count(1)
    assert page.url.endswith("?sort=risk&q=amara")
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "Mira Solberg" not in kept
    assert complaints == []


def test_everything_works_without_scripts(
    live_server: Any, window: Window, reader: User, caseload: Caseload
) -> None:
    secret = enable_totp(reader)
    page = window(java_script_enabled=False)
    sign_in(page, live_server.url, reader, secret)
    page.get_by_label("Find by name").fill("mira")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Mira Solberg").click()
    page.locator("summary", has_text="Resolve").first.click()
    page.get_by_label("Reason to resolve").first.fill("Seen in the emergency department")
    page.get_by_role("button", name="Resolve alert").first.click()
    expect(page.get_by_text("Alert resolved.")).to_be_visible()
    caseload.alert.refresh_from_db()
    assert caseload.alert.status == AlertStatus.RESOLVED


def test_pages_around_the_dashboard_are_as_readable(
    live_server: Any, window: Window, complaints: list[str], reader: User
) -> None:
    page = window()
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_label("Email").fill(reader.email)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    inspect(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    # She has no second factor yet, and setting one up asks for the password once more.
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_label("Authenticator code")).to_be_visible()
    inspect(page)
    assert complaints == []
    page.goto(f"{live_server.url}/nothing/")
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
    inspect(page)
