"""A brief as an answer: as JSON, or as a PDF that is drawn only where the client has another one."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from backend.accounts.models import Patient
from backend.core.conditional import etag, unchanged
from exercises.catalog.selectors import content_version
from exercises.reports.brief_loading import brief_for
from exercises.reports.brief_page import Page, page_of
from exercises.reports.brief_pdf import pdf_of, tag_of
from exercises.reports.brief_wire import Brief
from exercises.triage.rules.pack import default_pack


@dataclass(frozen=True)
class Shown:
    """A brief with its lines, and what it was made from (`footer`)."""

    brief: Brief
    page: Page
    footer: str


def shown(patient: Patient, now: datetime, *, language: str, with_questions: bool) -> Shown:
    """The brief of `patient` (with her user) at `now`."""
    brief = brief_for(patient, now, language=language, with_questions=with_questions)
    page = page_of(brief)
    footer = page.text.say(
        "page",
        "made",
        date=page.text.day(brief.on),
        rules=default_pack().version,
        content=content_version(),
    )
    return Shown(brief, page, footer)


def pdf_answer(request: HttpRequest, found: Shown) -> HttpResponse:
    """The PDF, or 304 where the client has it; its name says nothing of whose it is."""
    tag = etag("brief", tag_of(found.page, footer=found.footer))
    known = unchanged(request, tag)
    if known is not None:
        return known
    answer = HttpResponse(pdf_of(found.page, footer=found.footer), content_type="application/pdf")
    answer["Cache-Control"] = "no-store"
    answer["ETag"] = tag
    answer["Content-Disposition"] = f'inline; filename="visit-brief-{found.brief.on}.pdf"'
    return answer
