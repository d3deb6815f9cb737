"""The pages of a clinic and the work list, over the demo clinic: readable for everybody."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from backend.simulator.demo.clinic import Demo
from tests.browser.test_dashboard import WIDTHS, inspect

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("STEPWISE_SHOTS")
OF_THERAPIST = ("Members", "Invitations", "Templates", "Exercises", "Workload", "Report")
OF_MANAGER = ("Members", "Invitations", "Workload", "Report", "Audit")
Window = Callable[..., Page]


def picture(page: Page, name: str) -> None:
    """Keeps pictures of the page, in light and dark, narrow and wide, where they are asked for."""
    if not SHOTS:
        return
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width in (WIDTHS[0], WIDTHS[-1]):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(
                path=Path(SHOTS) / f"clinic-{name}-{scheme}-{width}.png", full_page=True
            )


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Clinic", exact=True).get_by_role(
        "link", name=name, exact=True
    ).click()


def main_link(page: Page, name: str) -> Any:
    return page.get_by_role("navigation", name="Main").get_by_role("link", name=name)


def test_a_therapist_walks_through_her_work_and_her_clinic(
    desk: Callable[..., Page], complaints: list[str], demo: Demo
) -> None:
    page = desk(demo.therapists[0].session_token)
    expect(main_link(page, "Patients")).to_have_attribute("aria-current", "page")
    main_link(page, "Work list").click()
    expect(page.get_by_role("heading", name="Work list")).to_be_visible()
    expect(page.get_by_role("heading", name="Not acknowledged")).to_be_visible()
    inspect(page)
    picture(page, "work")
    main_link(page, "Clinic").click()
    for name in OF_THERAPIST:
        open_tab(page, name)
        here = page.get_by_role("navigation", name="Clinic", exact=True)
        expect(here.locator("[aria-current=page]")).to_have_text(name)
        inspect(page)
        picture(page, f"therapist-{name.lower()}")
    assert complaints == []


def test_a_manager_keeps_the_clinic_and_sees_no_patient(
    desk: Callable[..., Page], complaints: list[str], demo: Demo
) -> None:
    page = desk(demo.staff[0].session_token)
    expect(page.get_by_role("heading", name="Members", level=1)).to_be_visible()
    for name in OF_MANAGER:
        open_tab(page, name)
        inspect(page)
        picture(page, f"manager-{name.lower()}")
        for patient in demo.patients:
            assert patient.email not in page.content()
            assert str(patient.id) not in page.content()
    open_tab(page, "Members")
    card = page.locator("li.card", has_text="ben@")
    card.locator("summary", has_text="Stands in").click()
    card.get_by_label("Who stands in for Ben").select_option(label="Thea Brandt (demo)")
    inspect(page)
    picture(page, "manager-members-open")
    card.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved who stands in.")).to_be_visible()
    assert complaints == []


def test_an_auditor_lands_on_the_audit_and_searches_it(
    desk: Callable[..., Page], complaints: list[str], demo: Demo
) -> None:
    page = desk(demo.staff[1].session_token)
    expect(page.get_by_role("heading", name="Audit")).to_be_visible()
    inspect(page)
    page.get_by_label("What (begins with)").fill("A'B")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("Such as patient")).to_be_visible()
    inspect(page)
    page.get_by_label("What (begins with)").fill("template")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("ol.audit > li").first).to_contain_text("template.made")
    inspect(page)
    picture(page, "auditor-audit")
    assert [entry for entry in complaints if "400" not in entry] == []


def test_a_code_is_made_shown_once_and_printed(
    desk: Callable[..., Page], complaints: list[str], demo: Demo
) -> None:
    page = desk(demo.therapists[0].session_token)
    main_link(page, "Clinic").click()
    open_tab(page, "Invitations")
    page.get_by_role("button", name="Make a code").click()
    code = page.locator(".slip-code")
    expect(code).to_be_visible()
    inspect(page)
    picture(page, "invitation-made")
    page.emulate_media(media="print")
    expect(code).to_be_visible()
    expect(page.get_by_role("button", name="Make a code")).to_be_hidden()
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    page.emulate_media(media="screen")
    shown = code.inner_text()
    open_tab(page, "Invitations")
    expect(page.get_by_text("Codes that still work")).to_be_visible()
    assert shown not in page.content()
    assert complaints == []


def test_a_template_is_written_with_and_without_scripts(
    desk: Callable[..., Page], demo: Demo
) -> None:
    for number, options in enumerate(({}, {"java_script_enabled": False})):
        page = desk(demo.therapists[0].session_token, **options)
        main_link(page, "Clinic").click()
        open_tab(page, "Templates")
        page.get_by_role("link", name="New template").click()
        if not options:
            inspect(page)
        page.get_by_label("Name", exact=True).fill(f"Calm {number}")
        page.get_by_role("checkbox").nth(2).check()
        page.get_by_role("button", name="Set doses").click()
        page.get_by_label("Sets").fill("99")
        page.get_by_role("button", name="Save the template").click()
        expect(page.get_by_text("Sets: From 1 to 6.")).to_be_visible()
        if not options:
            inspect(page)
            picture(page, "template-form")
        page.get_by_label("Sets").fill("2")
        page.get_by_role("button", name="Save the template").click()
        expect(page.get_by_role("heading", name=f"Edit “Calm {number}”")).to_be_visible()


def test_the_bar_is_worked_by_keyboard_and_keeps_the_colours(
    desk: Callable[..., Page], complaints: list[str], demo: Demo
) -> None:
    page = desk(demo.therapists[0].session_token)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.locator("details.menu > summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Devices and sessions")).to_be_visible()
    inspect(page)
    picture(page, "menu")
    page.emulate_media(color_scheme="light")
    before = page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
    page.get_by_role("button", name="Dark").click()
    after = page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
    assert before != after
    page.emulate_media(color_scheme="light")
    assert Axe().run(page).violations_count == 0
    page.locator("details.menu > summary").click()
    page.get_by_role("button", name="As the device").click()
    page.emulate_media(color_scheme="light")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == before
    assert complaints == []
