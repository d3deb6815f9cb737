"""A clinic writes its own exercise and prescribes it, in a real browser: readable for everybody."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backend.simulator.demo.clinic import Demo
from exercises.plans.models import Prescription
from tests.browser.test_clinic import main_link, open_tab, picture
from tests.browser.test_dashboard import inspect

pytestmark = pytest.mark.browser

LONG = "Stand on the lowest stair, hold the rail with both hands and lower one heel slowly. "


def test_an_own_exercise_is_written_with_and_without_scripts(
    desk: Callable[..., Page], demo: Demo
) -> None:
    for number, options in enumerate(({}, {"java_script_enabled": False})):
        page = desk(demo.therapists[0].session_token, **options)
        main_link(page, "Clinic").click()
        open_tab(page, "Exercises")
        page.get_by_role("link", name="New exercise").click()
        page.get_by_label("Based on").select_option(index=1)
        page.get_by_label("Name", exact=True).fill(f"On the stairs {number}")
        page.get_by_label("Steps").fill(LONG * 5)
        page.get_by_role("button", name="Save the exercise").click()
        expect(page.get_by_text("At most 300 characters a step.")).to_be_visible()
        if not options:
            inspect(page)
            picture(page, "exercise-form")
        page.get_by_label("Steps").fill(f"{LONG}\nCome up again.")
        page.get_by_role("button", name="Save the exercise").click()
        card = page.locator("li.card", has_text=f"On the stairs {number}")
        expect(card).to_contain_text("Come up again.")
        if options:
            card.locator("summary", has_text="Retire").click()
            card.get_by_role("button", name="Retire").click()
            expect(card).to_have_count(0)
        else:
            inspect(page)
            picture(page, "exercises")
            card.get_by_role("link", name="Edit").click()
            expect(page.get_by_label("Steps")).to_have_value(f"{LONG.strip()}\nCome up again.")
            inspect(page)


def test_an_own_exercise_is_prescribed_and_named_on_the_plan(
    desk: Callable[..., Page], complaints: list[str], demo: Demo, live_server: Any
) -> None:
    row = Prescription.objects.filter(
        plan__patient__in=[one.id for one in demo.patients],
        plan__closed_at=None,
        ends_on=None,
        flare=None,
        plan__patient__care__therapist=demo.therapists[0].id,
    ).latest("id")
    page = desk(demo.therapists[0].session_token)
    main_link(page, "Clinic").click()
    open_tab(page, "Exercises")
    page.get_by_role("link", name="New exercise").click()
    page.get_by_label("Based on").select_option(row.exercise)
    page.get_by_label("Name", exact=True).fill("Our own way")
    page.get_by_label("Steps").fill("Stand.\nSit.")
    page.get_by_role("button", name="Save the exercise").click()
    expect(page.get_by_role("heading", name="Our own way")).to_be_visible()
    patient = row.plan.patient_id
    page.goto(f"{live_server.url}/dashboard/patients/{patient}/plan/prescriptions/{row.pk}/")
    choice = page.locator("select#exercise option", has_text="Our own way")
    page.locator("select#exercise").select_option(choice.get_attribute("value"))
    page.get_by_role("button", name="Look at the next 14 days", exact=True).click()
    inspect(page)
    picture(page, "exercise-prescribed")
    expect(page.get_by_role("rowheader", name="Our own way")).to_be_visible()
    page.get_by_label("Why?", exact=True).fill("Her wish")
    page.get_by_role("button", name="Order it").click()
    expect(page.get_by_text("What the patient reads: Stand. Sit.")).to_be_visible()
    inspect(page)
    picture(page, "exercise-on-plan")
    assert complaints == []
