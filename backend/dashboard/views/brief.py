"""A patient's visit brief as her therapist sees it: a page to read and print, and the PDF."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from backend.accounts import audit
from backend.accounts.consents import shared_by
from backend.accounts.models import Patient
from backend.accounts.readers import reader_of
from backend.core import clock
from backend.dashboard.views.pages import patient_of, reader, therapist_page, trace
from exercises.reports.brief_answers import Shown, pdf_answer, shown
from exercises.reports.brief_pdf import PdfUnavailable

FORBIDDEN = 403


@require_GET
@therapist_page
def brief(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The brief as a page; a word instead where the patient does not share her diary."""
    now = clock.now()
    patient = patient_of(request, patient_id, now)
    found = _brief(request, patient, now)
    if found is None:
        return _not_shared(request, patient)
    context = {
        "patient": patient,
        "page": found.page,
        "words": found.page.text.groups,
        "footer": found.footer,
    }
    return render(request, "dashboard/brief.html", context)


@require_GET
@therapist_page
def brief_pdf(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The brief as a PDF."""
    now = clock.now()
    patient = patient_of(request, patient_id, now)
    found = _brief(request, patient, now)
    if found is None:
        return _not_shared(request, patient)
    try:
        return pdf_answer(request, found)
    except PdfUnavailable as problem:
        context = {"patient": patient}
        return render(request, "dashboard/brief_no_pdf.html", context, status=problem.status)


def _brief(request: HttpRequest, patient: Patient, now: datetime) -> Shown | None:
    user = reader(request)
    audit.record(
        actor_id=user.pk,
        action="brief.read",
        patient_id=patient.pk,
        trace_id=trace(request),
        now=now,
    )
    shared = shared_by([patient.pk], now)[patient.pk]
    if not shared.diary:
        return None
    language = reader_of(user, request).language
    return shown(patient, now, language=language, with_questions=shared.notes)


def _not_shared(request: HttpRequest, patient: Patient) -> HttpResponse:
    context = {"patient": patient}
    return render(request, "dashboard/brief_not_shared.html", context, status=FORBIDDEN)
