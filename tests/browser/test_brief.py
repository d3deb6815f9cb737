"""The visit brief in a real browser: behind a link, and in the dashboard."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backend.accounts.models import Clinic, User
from backend.accounts.services import enable_totp
from exercises.reports.services import make_link, write_questions
from tests.backend.dashboard.caseload import open_caseload
from tests.browser.test_dashboard import inspect, sign_in

pytestmark = pytest.mark.browser

Window = Callable[..., Page]


def test_a_doctor_without_an_account_reads_the_brief_behind_a_link(
    live_server: Any,
    window: Window,
    complaints: list[str],
    reader: User,
    practice: Clinic,
    instant: datetime,
) -> None:
    patient = open_caseload(therapist=reader, clinic=practice, now=instant).alert.patient
    questions = ["May I run again?", "Do I need a scan?"]
    write_questions(patient=patient, questions=questions, base_version=0, now=instant)
    _, token = make_link(patient=patient, days=7, now=instant)
    page = window()
    page.goto(f"{live_server.url}/brief/{token}/")
    expect(page.get_by_role("heading", name="Mira Solberg")).to_be_visible()
    expect(page.get_by_text("May I run again?")).to_be_visible()
    expect(page.get_by_role("table").first).to_be_visible()
    inspect(page)
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="Save as PDF")).to_be_hidden()
    assert page.evaluate("document.cookie") == ""
    assert complaints == []


def test_a_therapist_reads_it_between_the_pages_of_the_patient(
    live_server: Any,
    window: Window,
    complaints: list[str],
    reader: User,
    practice: Clinic,
    instant: datetime,
) -> None:
    patient = open_caseload(therapist=reader, clinic=practice, now=instant).alert.patient
    page = window()
    sign_in(page, live_server.url, reader, enable_totp(reader))
    page.goto(f"{live_server.url}/dashboard/patients/{patient.pk}/brief/")
    expect(page.get_by_role("link", name="Brief")).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("heading", name="Pain by week")).to_be_visible()
    inspect(page)
    link = page.get_by_role("link", name="Save as PDF").get_attribute("href")
    pdf = page.request.get(f"{live_server.url}{link}")
    assert (pdf.status, pdf.headers["content-type"]) == (200, "application/pdf")
    assert complaints == []
