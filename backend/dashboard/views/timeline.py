"""Everything of one patient in one line; what is shown is in the address of the page."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from backend.accounts import audit
from backend.accounts.consents import shared_by
from backend.accounts.models import Patient
from backend.core import clock
from backend.core.cursors import read_cursor, write_cursor
from backend.core.problems import Problem
from backend.dashboard.filters import TimelineFilters
from backend.dashboard.presenters.timeline import timeline_days
from backend.dashboard.views.pages import patient_of, reader, therapist_page, trace
from exercises.triage.history.timeline import Filters, Key, Shown, timeline
from exercises.triage.patient_desk import exercises_named

PAGE = 40


@require_GET
@therapist_page
def show(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """A page of the timeline."""
    now, user = clock.now(), reader(request)
    patient = patient_of(request, patient_id, now)
    shared = shared_by([patient.pk], now)[patient.pk]
    _note(request, patient, now)
    if not shared.diary:
        return render(request, "dashboard/timeline.html", {"patient": patient})
    form = TimelineFilters(request.GET)
    after = _after(request, patient)
    shown = timeline(patient, form.asked(), after=after, limit=PAGE, notes=shared.notes)
    days = timeline_days(
        shown.entries,
        exercises_named(patient.pk),
        now=now,
        zone=user.time_zone,
        patient_zone=patient.user.time_zone,
        language=user.language,
    )
    context = {
        "patient": patient,
        "shared": True,
        "form": form,
        "showing": form.in_words(),
        "narrowed": form.asked() != Filters(),
        "days": days,
        "newest": _address(request, None) if after else "",
        "older": _address(request, _cursor(shown, patient)) if shown.next else "",
        "zone": user.time_zone,
    }
    return render(request, "dashboard/timeline.html", context)


def _after(request: HttpRequest, patient: Patient) -> Key | None:
    # An address that was cut off while it was copied shows the newest.
    try:
        found = read_cursor(request, f"timeline:{patient.pk}")
    except Problem:
        return None
    return Key.read(found) if found else None


def _cursor(shown: Shown, patient: Patient) -> str:
    return write_cursor(f"timeline:{patient.pk}", *shown.next.written()) if shown.next else ""


def _address(request: HttpRequest, cursor: str | None) -> str:
    query = request.GET.copy()
    query.pop("cursor", None)
    if cursor:
        query["cursor"] = cursor
    return f"?{query.urlencode()}"


def _note(request: HttpRequest, patient: Patient, now: datetime) -> None:
    audit.record(
        actor_id=reader(request).pk,
        action="timeline.read",
        patient_id=patient.pk,
        trace_id=trace(request),
        now=now,
    )
