"""One patient: parse, ask who may see it, make one call, present."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from backend.accounts import audit
from backend.accounts.models import Patient
from backend.core import clock
from backend.dashboard.presenters.overview import parts_of, weeks_from
from backend.dashboard.presenters.patient import patient_screen
from backend.dashboard.views.pages import patient_of, reader, therapist_page, trace
from exercises.triage.overview import overview_of


@require_GET
@therapist_page
def patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """One patient."""
    now = clock.now()
    return patient_response(request, patient_of(request, patient_id, now), now)


def patient_response(request: HttpRequest, patient: Patient, now: datetime) -> HttpResponse:
    """The page of `patient` as the reader sees it, audited."""
    user = reader(request)
    weeks = weeks_from(request.GET.get("weeks", ""))
    found = overview_of(patient, now, days=weeks * 7, language=user.language)
    screen = patient_screen(found, now=now, zone=user.time_zone, language=user.language)
    parts = None
    if found.shared is not None:
        parts = parts_of(
            found.shared,
            weeks=weeks,
            now=now,
            zone=user.time_zone,
            patient_zone=patient.user.time_zone,
        )
    audit.record(
        actor_id=user.pk,
        action="patient.read",
        patient_id=patient.pk,
        trace_id=trace(request),
        now=now,
    )
    return render(request, "dashboard/patient.html", {"page": screen, "parts": parts})
