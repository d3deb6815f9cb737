"""The therapists' list of patients, and one patient's page."""

from collections.abc import Mapping
from typing import cast, get_args
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from rest_framework.request import Request

from backend.accounts import audit
from backend.accounts.doors import TherapistDoor
from backend.core.api import respond
from backend.core.cursors import page_limit, read_cursor, write_cursor
from backend.core.problems import FieldError
from backend.core.schema import describe
from backend.core.wire import invalid
from exercises.catalog.shapes import PhaseId
from exercises.triage.levels import Level, LevelCode
from exercises.triage.panel_pages import panel_page
from exercises.triage.panel_presenters import Patients, PatientView, patient_view, summary_view
from exercises.triage.panel_queries import Asked, Behalf, PlanFilter, Sort
from exercises.triage.patient_page import patient_page

SWITCH = ("true", "false")
MAX_NAME = 200


class PanelList(TherapistDoor):
    """The patients in this therapist's care."""

    @describe(
        "My patients, with the reasons to look at each",
        response=Patients,
        errors=(401, 403),
        query={
            "sort": (str, "risk (default), silence, pain_change or name"),
            "q": (str, "part of the name"),
            "level": (str, "the highest level that stands: emergency_now to none"),
            "phase": (str, "initial, rehab or long_term"),
            "plan": (str, "active or paused"),
            "silent": (str, "true: no report for two days or more"),
            "unread": (str, "true: something was acknowledged by nobody yet"),
            "on_behalf": (str, "own, or covered: of a colleague who is away, or called in"),
            "limit": (int, "1 to 200"),
            "cursor": (str, "The page that follows"),
        },
        tags=("patients",),
    )
    def get(self, request: Request) -> HttpResponse:
        asked, limit = _asked(request.query_params), page_limit(request._request)
        kind = f"patients:{asked.sort}"
        after = read_cursor(request._request, kind)
        page = panel_page(self.user, self.now, asked, limit=limit, after=after)
        audit.record_many(
            actor_id=self.user.pk,
            action="panel.read",
            patient_ids=[row.id for row in page.rows],
            trace_id=self.trace_id,
            now=self.now,
        )
        cursor = write_cursor(kind, *page.end) if page.end else None
        return respond(Patients(items=[summary_view(row) for row in page.rows], next_cursor=cursor))


class OnePatient(TherapistDoor):
    """One patient's summary."""

    @describe("One patient", response=PatientView, errors=(401, 403, 404), tags=("patients",))
    def get(self, _request: Request, patient_id: UUID) -> HttpResponse:
        patient = self.patient_known(patient_id, "patient.read")
        return respond(patient_view(patient_page(patient, self.now, language=self.user.language)))


def _asked(query: Mapping[str, str]) -> Asked:
    level = _one_of(query, "level", get_args(LevelCode))
    return Asked(
        sort=cast(Sort, _one_of(query, "sort", get_args(Sort)) or "risk"),
        name=query.get("q", "").strip()[:MAX_NAME],
        level=Level.of(level) if level else None,
        phase=_one_of(query, "phase", get_args(PhaseId)),
        plan=cast(PlanFilter, _one_of(query, "plan", get_args(PlanFilter))) or None,
        silent=_one_of(query, "silent", SWITCH) == "true",
        unread=_one_of(query, "unread", SWITCH) == "true",
        on_behalf=cast(Behalf, _one_of(query, "on_behalf", get_args(Behalf))) or None,
    )


def _one_of(query: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    asked = query.get(name, "")
    if asked and asked not in allowed:
        raise invalid([FieldError(f"/{name}", "invalid", f"One of {', '.join(allowed)}.")])
    return asked


panel_urlpatterns = [
    path("patients", PanelList.as_view()),
    path("patients/<uuid:patient_id>", OnePatient.as_view()),
]
