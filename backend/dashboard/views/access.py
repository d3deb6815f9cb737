"""Who looked at a patient's record, for her care team."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from backend.accounts import audit, audit_log
from backend.core import clock
from backend.core.cursors import read_cursor, write_cursor
from backend.core.problems import Problem
from backend.dashboard.presenters.access import access_days
from backend.dashboard.views.pages import patient_of, reader, therapist_page, trace

PAGE = 60


@require_GET
@therapist_page
def show(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """A page of accesses, the newest first."""
    now, user = clock.now(), reader(request)
    patient = patient_of(request, patient_id, now)
    events = audit_log.accesses_to(patient.pk, now)
    after = _after(request, patient_id)
    if after is not None:
        events = audit_log.after(events, *after)
    found = list(events[: PAGE + 1])
    shown = found[:PAGE]
    days = access_days(shown, audit_log.actors_of(shown), now=now, zone=user.time_zone)
    older = ""
    if len(found) > PAGE:
        last = shown[-1]
        older = f"?cursor={write_cursor(_name(patient_id), last.at.isoformat(), last.pk)}"
    audit.record(
        actor_id=user.pk,
        action="access.read",
        patient_id=patient.pk,
        trace_id=trace(request),
        now=now,
    )
    context = {"patient": patient, "days": days, "older": older, "is_first": after is None}
    return render(request, "dashboard/access.html", {**context, "zone": user.time_zone})


def _after(request: HttpRequest, patient_id: UUID) -> tuple[datetime, int] | None:
    try:
        found = read_cursor(request, _name(patient_id))
    except Problem:
        return None
    return (datetime.fromisoformat(found[0]), int(found[1])) if found else None


def _name(patient_id: UUID) -> str:
    return f"access:{patient_id}"
