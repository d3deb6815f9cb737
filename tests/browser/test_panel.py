"""The list of patients in a real browser: filters, pages, and a refresh that disturbs nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from backend.accounts.models import Clinic, Patient, User
from backend.accounts.services import enable_totp
from exercises.triage.levels import Level
from tests.backend.dashboard.caseload import Caseload, open_caseload
from tests.backend.dashboard.records import heard, make_alert
from tests.browser.test_dashboard import inspect, sign_in
from tests.factories import make_care, make_patient

pytestmark = pytest.mark.browser

Window = Callable[..., Page]


@pytest.fixture
def caseload(reader: User, practice: Clinic, instant: datetime) -> Caseload:
    """Seven patients with something to tell, and forty-six of whom there is nothing."""
    for number in range(46):
        one = make_patient(now=instant - timedelta(days=9), name=f"Quiet {number:02}")
        make_care(patient=one, therapist=reader, clinic=practice, now=instant)
        heard(one, at=instant - timedelta(hours=number))
    return open_caseload(therapist=reader, clinic=practice, now=instant)


def rows(page: Page) -> Any:
    return page.locator("ol.rows > li")


def refresh(page: Page) -> None:
    with page.expect_response(lambda answer: "seen=" in answer.url):
        page.clock.fast_forward(15_000)


def test_a_therapist_narrows_the_list_down_and_turns_its_pages(
    live_server: Any, window: Window, complaints: list[str], reader: User, caseload: Caseload
) -> None:
    page = window()
    sign_in(page, live_server.url, reader, enable_totp(reader))
    expect(rows(page).first).to_contain_text("Mira Solberg")
    expect(rows(page).first).to_contain_text("2 new")
    expect(page.locator(".pages")).to_contain_text("1 to 50 of 53")
    inspect(page)

    page.get_by_role("link", name="Next page").click()
    expect(page.locator(".pages")).to_contain_text("51 to 53 of 53")
    expect(rows(page)).to_have_count(3)
    inspect(page)
    # The emergency is nowhere on this page, and still the first thing on it.
    page.get_by_role("link", name="1 emergency is not on this page").click()
    expect(rows(page)).to_have_count(1)
    expect(rows(page).first).to_contain_text("Mira Solberg")

    page.get_by_role("link", name="All 53").click()
    page.locator("#only-silent").click()
    expect(page.locator("#only-silent")).to_have_attribute("aria-current", "true")
    page.get_by_label("Phase").select_option("initial")
    expect(rows(page)).to_have_count(1)
    expect(rows(page).first).to_contain_text("Bruno Keller")
    page.wait_for_url("**/dashboard/?sort=risk&phase=initial&silent=true")
    page.get_by_label("Find by name").fill("nobody of that name")
    expect(page.get_by_role("heading", name="No patient of yours has")).to_be_visible()
    inspect(page)
    page.get_by_role("link", name="Show all of your patients").click()
    expect(rows(page)).to_have_count(50)
    assert complaints == []


def test_a_refresh_keeps_page_focus_and_what_is_being_typed(
    live_server: Any, window: Window, complaints: list[str], reader: User, caseload: Caseload
) -> None:
    page = window()
    page.clock.install()
    sign_in(page, live_server.url, reader, enable_totp(reader))
    page.get_by_role("link", name="Next page").click()
    expect(rows(page)).to_have_count(3)
    last = Patient.objects.get(user__name="Quiet 45")
    link = page.get_by_role("link", name="Quiet 45")
    link.focus()
    before = page.evaluate("window.scrollY")
    make_alert(Patient.objects.get(user__name="Quiet 05"), now=timezone.now())
    refresh(page)
    expect(page.get_by_role("link", name="2 emergencies are not on this page")).to_be_visible()
    expect(page).to_have_title("(5) My patients · Stepwise")
    expect(link).to_be_focused()
    assert page.evaluate("window.scrollY") == before

    page.get_by_label("Find by name").fill("qui")
    page.clock.fast_forward(400)
    expect(rows(page)).to_have_count(46)
    make_alert(last, now=timezone.now(), level=Level.URGENT_SAME_DAY)
    refresh(page)
    expect(page.locator("#tally")).to_contain_text("2 same day")
    expect(page.get_by_label("Find by name")).to_have_value("qui")
    expect(page.get_by_label("Find by name")).to_be_focused()
    assert complaints == []


def test_filters_and_pages_work_without_scripts(
    live_server: Any, window: Window, reader: User, caseload: Caseload
) -> None:
    page = window(java_script_enabled=False)
    sign_in(page, live_server.url, reader, enable_totp(reader))
    page.locator("#only-unread").click()
    expect(rows(page)).to_have_count(4)
    page.get_by_label("Phase").select_option("rehab")
    page.get_by_role("button", name="Find").click()
    expect(rows(page)).to_have_count(3)
    page.get_by_role("link", name="Name", exact=True).click()
    expect(rows(page).first).to_contain_text("Amara Okafor")
    assert page.url.endswith("?sort=name&phase=rehab&unread=true")
