"""The doors of a patient's history: the phone's own progress, and what her therapist sees."""

from datetime import date
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from backend.accounts.consents import granted
from backend.accounts.doors import PatientDoor, TherapistDoor
from backend.accounts.models import Scope
from backend.core.api import respond
from backend.core.cursors import PAGE_QUERY, page_limit, read_cursor, write_cursor
from backend.core.localtime import local_date
from backend.core.problems import FieldError
from backend.core.schema import describe
from backend.core.wire import invalid
from exercises.triage.history import wire
from exercises.triage.history.days import DAY
from exercises.triage.history.presenters import adherence_view, progress_view, series_view
from exercises.triage.history.reading import MAX_SPAN, USUAL_DAYS, Span, history_of
from exercises.triage.history.timeline import Filters, Key, timeline
from exercises.triage.history.timeline_wire import TimelinePage, item_view, kinds_from

SPAN_QUERY: dict[str, tuple[type, str]] = {
    "from": (date, "The first local date; 42 days before the last by default"),
    "to": (date, "The last local date, inclusive: today by default, and at the latest"),
}


class MyProgress(PatientDoor):
    @describe(
        "My progress: pain, exercises and questionnaires, with a reason for each gap",
        response=wire.Progress,
        errors=(401, 403),
        query=SPAN_QUERY,
        tags=("plan",),
    )
    def get(self, request: Request) -> HttpResponse:
        history = history_of(self.patient, span_from(request, self.today), self.now)
        return respond(progress_view(history, language=self.reader.language))


class PatientSeries(TherapistDoor):
    @describe(
        "A patient's pain over time, with phases, flares and alerts",
        response=wire.Series,
        errors=(401, 403, 404),
        query=SPAN_QUERY,
        tags=("patients",),
    )
    def get(self, request: Request, patient_id: UUID) -> HttpResponse:
        patient = self.patient_seen(patient_id, "series.read")
        zone = patient.user.time_zone
        span = span_from(request, local_date(self.now, zone))
        return respond(series_view(history_of(patient, span, self.now), zone=zone))


class PatientAdherence(TherapistDoor):
    @describe(
        "A patient's exercises: done, and due",
        response=wire.AdherenceSeries,
        errors=(401, 403, 404),
        query=SPAN_QUERY,
        tags=("patients",),
    )
    def get(self, request: Request, patient_id: UUID) -> HttpResponse:
        patient = self.patient_seen(patient_id, "adherence.read")
        span = span_from(request, local_date(self.now, patient.user.time_zone))
        history = history_of(patient, span, self.now)
        return respond(adherence_view(history, language=self.user.language))


class PatientTimeline(TherapistDoor):
    @describe(
        "Everything of a patient in one line, the newest first",
        response=TimelinePage,
        errors=(401, 403, 404),
        query={
            **PAGE_QUERY,
            "kinds": (str, "Kinds to show, separated by commas; all by default"),
            "from": (date, "The first local date of the patient"),
            "to": (date, "The last local date of the patient, inclusive"),
        },
        tags=("patients",),
    )
    def get(self, request: Request, patient_id: UUID) -> HttpResponse:
        patient = self.patient_seen(patient_id, "timeline.read")
        filters = Filters(
            kinds=kinds_from(request.GET.get("kinds", "")),
            first=date_param(request, "from"),
            last=date_param(request, "to"),
        )
        name = f"timeline:{patient.pk}"
        after = read_cursor(request._request, name)
        shown = timeline(
            patient,
            filters,
            after=Key.read(after) if after else None,
            limit=page_limit(request._request),
            notes=granted(patient.pk, Scope.NOTES, self.now),
        )
        more = write_cursor(name, *shown.next.written()) if shown.next else None
        return respond(
            TimelinePage(items=[item_view(entry) for entry in shown.entries], next_cursor=more)
        )


def span_from(request: Request, today: date) -> Span:
    """The span that is asked for: at most 366 days, and none after `today`."""
    last = min(date_param(request, "to") or today, today)
    first = date_param(request, "from") or last - (USUAL_DAYS - 1) * DAY
    if first > last or last - first >= MAX_SPAN:
        message = "Not after `to` or today, and at most 366 days before."
        raise invalid([FieldError("/from", "out_of_range", message)])
    return Span(first, last)


def date_param(request: Request, name: str) -> date | None:
    """A date of the query, or None; 400 for what is none."""
    given = request.GET.get(name)
    if not given:
        return None
    try:
        found = date.fromisoformat(given)
    except ValueError:
        raise invalid([FieldError(f"/{name}", "invalid", "A date, YYYY-MM-DD.")]) from None
    if not 1900 < found.year < 2199:
        raise invalid([FieldError(f"/{name}", "out_of_range", "The year is not plausible.")])
    return found
