"""A therapist acts where she sees it, in a real browser and over the demo clinic: every action."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backend.accounts.models import Patient
from backend.core.ids import uuid7
from backend.simulator.demo.clinic import Demo
from exercises.conversation.models import CareMessage, CareNote
from exercises.conversation.services import send_message
from exercises.plans.models import ClinicTemplate, RecoveryPlan
from exercises.triage.levels import Level
from exercises.triage.models import Alert, AlertEvent, KnownStable, ThresholdSet
from tests.backend.dashboard.records import make_alert
from tests.browser.test_dashboard import inspect

pytestmark = pytest.mark.browser
COLLEAGUE = "Ben Okafor (demo)"
SHOTS = os.environ.get("STEPWISE_SHOTS")


@pytest.fixture
def her(demo: Demo) -> Patient:
    """The demo's patient whose pain does not ease: her plan runs, and one alert waits."""
    found = next(patient for patient in demo.patients if patient.story == "plateau")
    return Patient.objects.select_related("user").get(pk=found.id)


@pytest.fixture
def page(desk: Callable[..., Page], demo: Demo, live_server: Any, her: Patient) -> Page:
    """The patient's page, open before the demo's first therapist."""
    found = desk(demo.therapists[0].session_token)
    found.goto(f"{live_server.url}/dashboard/patients/{her.pk}/")
    return found


def look(page: Page, name: str) -> None:
    """Readable for everybody; kept as a picture where one is asked for."""
    inspect(page)
    for width in (360, 1440) if SHOTS else ():
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(
                path=Path(str(SHOTS)) / f"acting-{name}-{width}-{scheme}.png", full_page=True
            )


def nav(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="This patient").get_by_role("link", name=name).click()


def test_an_alert_is_noted_passed_on_resolved_and_taken_back_up(
    page: Page, her: Patient, complaints: list[str]
) -> None:
    page.locator("summary", has_text="Note what was done").click()
    page.get_by_label("Called the patient").check()
    page.get_by_label("In a few words").fill("She is well")
    page.get_by_role("button", name="Note it").click()
    expect(page.get_by_text("Noted what was done.")).to_be_visible()
    page.get_by_role("link", name="Pass on, history").click()
    look(page, "alert")
    page.get_by_label("Who takes it on?").select_option(label=COLLEAGUE)
    page.get_by_role("button", name="Pass on").click()
    expect(page.get_by_text(f"Passed on to {COLLEAGUE}")).to_be_visible()
    page.get_by_label("Reason to resolve").fill("x")
    page.get_by_role("button", name="Resolve alert").click()
    page.get_by_label("Why take it back up?").fill("It came back")
    page.get_by_role("button", name="Take back up").click()
    expect(page.get_by_text("Alert open again.")).to_be_visible()
    steps = AlertEvent.objects.filter(alert__patient=her, by__isnull=False).order_by("id")
    assert [event.step for event in steps] == [
        "acknowledged", "acted", "assigned", "resolved", "reopened",
    ]  # fmt: skip
    assert Alert.objects.get(patient=her).status == "open"
    assert complaints == []


def test_an_emergency_is_acknowledged_where_it_is_seen(
    page: Page, demo: Demo, live_server: Any, complaints: list[str]
) -> None:
    him = next(patient for patient in demo.patients if patient.story == "cauda_equina")
    page.goto(f"{live_server.url}/dashboard/patients/{him.id}/")
    for left in (1, 0):
        page.get_by_role("button", name="Acknowledge").first.click()
        expect(page.get_by_text("Alert acknowledged.")).to_be_visible()
        expect(page.get_by_role("button", name="Acknowledge")).to_have_count(left)
    assert {alert.status for alert in Alert.objects.filter(patient=him.id)} == {"acknowledged"}
    assert complaints == []


def test_a_known_symptom_and_stricter_numbers_are_set(
    page: Page, her: Patient, instant: datetime, complaints: list[str]
) -> None:
    matched = [{"what": "symptom", "code": "S-NUMB-LEG", "attrs": {}, "local_date": "2026-05-04"}]
    make_alert(her, now=instant, level=Level.PROMPT_DAYS, matched=matched)
    page.reload()
    page.get_by_role("link", name="Pass on, history").first.click()
    page.get_by_role("link", name="Mark as known and stable").click()
    look(page, "rules")
    page.get_by_label("How do you know it?").fill("Since the operation")
    page.get_by_role("button", name="Mark as known and stable").click()
    expect(page.get_by_text("Kept. A worse")).to_be_visible()
    page.get_by_label("Pain counts as severe from").fill("6")
    page.get_by_label("Why?").fill("Lives alone")
    page.get_by_role("button", name="Set the numbers").click()
    expect(page.get_by_text("Set. The patient's trends")).to_be_visible()
    assert ThresholdSet.objects.get(patient=her).values == {"severe_from": 6}
    assert KnownStable.objects.get(patient=her).symptom == "S-NUMB-LEG"
    assert complaints == []


def test_a_plan_is_held_released_moved_on_back_paused_and_resumed(
    page: Page, her: Patient, complaints: list[str]
) -> None:
    nav(page, "Plan")
    look(page, "plan")
    for number, title in enumerate((
        "Hold in this phase", "Release the hold", "Move on to Rehabilitation",
        "Step back to Initial", "Pause the plan", "Resume the plan",
    )):  # fmt: skip
        page.get_by_role("button", name=f"Look at: {title}").click()
        expect(
            page.get_by_role("heading", name="The next 14 days, if you order it")
        ).to_be_visible()
        if number in (0, 2):
            look(page, f"order-{number}")
        page.get_by_label("Why?").fill("Seen in clinic")
        page.get_by_role("button", name=title).click()
        expect(page.get_by_text("Ordered. The phone gets the plan")).to_be_visible()
    assert RecoveryPlan.objects.get(patient=her).orders.count() == 6
    assert complaints == []


def test_an_exercise_is_changed_and_another_is_refused(
    page: Page, her: Patient, complaints: list[str]
) -> None:
    nav(page, "Plan")
    page.get_by_role("link", name="Change or end: Pelvic tilt").click()
    page.get_by_label("Repetitions, from").fill("4")
    page.get_by_label("Repetitions, to").fill("6")
    page.get_by_role("button", name="Look at the next 14 days", exact=True).click()
    look(page, "prescription")
    page.get_by_label("Why?").fill("Too much")
    page.get_by_role("button", name="Order it").click()
    expect(page.get_by_text("Changed: Pelvic tilt")).to_be_visible()
    page.get_by_role("link", name="Add an exercise").click()
    page.get_by_label("Exercise", exact=True).select_option(label="Glute bridge")
    page.get_by_role("button", name="Look at the next 14 days").click()
    expect(page.get_by_text("Something stands against this exercise.")).to_be_visible()
    look(page, "against")
    plan = RecoveryPlan.objects.get(patient=her)
    assert [order.action for order in plan.prescription_orders.all()] == ["change"]
    # The answer to what is refused is 409, and the browser notes that.
    assert [said for said in complaints if "409" not in said] == []


def test_an_exercise_is_added_exchanged_and_ended(
    page: Page, her: Patient, complaints: list[str]
) -> None:
    nav(page, "Plan")
    page.get_by_role("link", name="Change or end: Pelvic tilt").click()
    page.get_by_label("Why does it end?").fill("No longer needed")
    page.get_by_role("button", name="Look at the next 14 days without it").click()
    page.get_by_role("button", name="End it").click()
    expect(page.get_by_text("Ended: Pelvic tilt")).to_be_visible()
    page.get_by_role("link", name="Add an exercise").click()
    _ordered(page, "Pelvic tilt", "Added: Pelvic tilt")
    page.get_by_role("link", name="Change or end: Knee rolls").click()
    _ordered(page, "Prone on elbows", "Exchanged")
    plan = RecoveryPlan.objects.get(patient=her)
    assert sorted(order.action for order in plan.prescription_orders.all()) == [
        "add", "retire", "swap",
    ]  # fmt: skip
    assert complaints == []


def _ordered(page: Page, exercise: str, said: str) -> None:
    page.get_by_label("Exercise", exact=True).select_option(label=exercise)
    page.get_by_role("button", name="Look at the next 14 days", exact=True).click()
    page.get_by_label("Why?").fill("Seen in clinic")
    page.get_by_role("button", name="Order it").click()
    expect(page.get_by_text(said)).to_be_visible()


def test_a_template_is_applied(page: Page, her: Patient, complaints: list[str]) -> None:
    nav(page, "Plan")
    page.get_by_role("link", name="Apply a template").click()
    page.get_by_label("Template", exact=True).select_option(label="Gentle start")
    page.get_by_role("button", name="Look at the next 14 days").click()
    look(page, "apply")
    page.get_by_label("Why?").fill("Start gently")
    page.get_by_role("button", name="Apply it").click()
    expect(page.get_by_text("Applied a template")).to_be_visible()
    template = ClinicTemplate.objects.get()
    plan = RecoveryPlan.objects.get(patient=her)
    said = {item["exercise"] for item in template.phases["initial"]}
    assert {row.exercise for row in plan.prescriptions.filter(ends_on=None)} == said
    assert complaints == []


def test_messages_are_read_and_answered_and_a_note_is_kept(
    page: Page, her: Patient, instant: datetime, complaints: list[str]
) -> None:
    for text in ("May I cycle again?", "Since today I am numb between my legs"):
        send_message(patient=her, message_id=uuid7(), text=text, by=her.user, now=instant)
    nav(page, "Messages")
    look(page, "messages")
    page.get_by_role("button", name="Mark as read").click()
    expect(page.get_by_text("Nothing unread")).to_be_visible()
    page.get_by_role("textbox", name="Message").fill("Please answer the symptom questions now.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Sent. The patient is told")).to_be_visible()
    nav(page, "Notes")
    page.get_by_role("textbox", name="Note").fill("Afraid of bending")
    page.get_by_role("button", name="Keep the note").click()
    page.get_by_role("link", name="Correct the note").click()
    page.get_by_role("textbox", name="Note").fill("Afraid of lifting")
    page.get_by_role("button", name="Keep the correction").click()
    expect(page.get_by_text("corrected since")).to_be_visible()
    look(page, "notes")
    written = CareMessage.objects.filter(patient=her), CareNote.objects.filter(patient=her)
    assert [rows.count() for rows in written] == [3, 2]
    assert complaints == []


def test_everything_works_without_scripts(
    desk: Callable[..., Page], demo: Demo, live_server: Any, her: Patient
) -> None:
    page = desk(demo.therapists[0].session_token, java_script_enabled=False)
    page.goto(f"{live_server.url}/dashboard/patients/{her.pk}/plan/")
    page.get_by_role("button", name="Look at: Pause the plan").click()
    page.get_by_label("Why?").fill("On holiday")
    page.get_by_role("button", name="Pause the plan").click()
    expect(page.get_by_text("Paused: a therapist paused it.")).to_be_visible()
