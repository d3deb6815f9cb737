"""One patient: parse, ask who may see it, make one call, present."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from backend.accounts import audit
from backend.accounts.consents import granted
from backend.accounts.models import Patient, Scope
from backend.core import clock
from backend.core.wanted import read_all
from backend.dashboard.presenters.overview import Parts, parts_of, weeks_from
from backend.dashboard.presenters.patient import patient_screen
from backend.dashboard.views.pages import patient_of, reader, therapist_page, trace
from exercises.triage.history.reading import history_of, usual_span
from exercises.triage.panel_records import read_heads
from exercises.triage.patient_desk import alerts_on_desk, wanted_desk
from exercises.triage.patient_page import wanted_page
from exercises.triage.picture import picture_of


@require_GET
@therapist_page
def patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """One patient."""
    now = clock.now()
    return patient_response(request, patient_of(request, patient_id, now), now)


def patient_response(request: HttpRequest, patient: Patient, now: datetime) -> HttpResponse:
    """The page of `patient` as the reader sees it, audited."""
    user = reader(request)
    heads = read_heads([patient.pk], now)
    page = wanted_page(patient, heads, now, language=user.language)
    desk = wanted_desk(patient, heads, now)
    read_all(page, desk)
    screen = patient_screen(
        page.found,
        desk.found,
        alerts_on_desk(patient, heads) if page.found.row.reasons else (),
        now=now,
        zone=user.time_zone,
        language=user.language,
    )
    parts = _parts(request, patient, now) if page.found.row.diary_shared else None
    audit.record(
        actor_id=user.pk,
        action="patient.read",
        patient_id=patient.pk,
        trace_id=trace(request),
        now=now,
    )
    return render(request, "dashboard/patient.html", {"page": screen, "parts": parts})


def _parts(request: HttpRequest, patient: Patient, now: datetime) -> Parts:
    user = reader(request)
    weeks = weeks_from(request.GET.get("weeks", ""))
    return parts_of(
        history_of(patient, usual_span(patient, now, weeks * 7), now),
        picture_of(patient, now, language=user.language),
        weeks=weeks,
        notes=granted(patient.pk, Scope.NOTES, now),
        now=now,
        zone=user.time_zone,
        patient_zone=patient.user.time_zone,
    )
