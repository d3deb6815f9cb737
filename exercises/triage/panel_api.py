"""The therapists' list of patients, and one patient's page."""

from collections.abc import Mapping, Sequence
from typing import Any, cast, get_args
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
from exercises.triage.panel import PanelRow, Sort, panel
from exercises.triage.panel_presenters import Patients, PatientView, patient_view, summary_view
from exercises.triage.patient_page import patient_page


class PanelList(TherapistDoor):
    """The patients in this therapist's care."""

    @describe(
        "My patients, with the reasons to look at each",
        response=Patients,
        errors=(401, 403),
        query={
            "sort": (str, "risk (default), silence, pain_change or name"),
            "limit": (int, "1 to 200"),
            "cursor": (str, "The page that follows"),
        },
        tags=("patients",),
    )
    def get(self, request: Request) -> HttpResponse:
        sort, limit = _sort(request.query_params), page_limit(request._request)
        rows = panel(self.user, self.now, sort=sort)
        start = _start(rows, read_cursor(request._request, f"patients:{sort}"))
        shown = rows[start : start + limit]
        audit.record_many(
            actor_id=self.user.pk,
            action="panel.read",
            patient_ids=[row.id for row in shown],
            trace_id=self.trace_id,
            now=self.now,
        )
        end = start + len(shown)
        more = end < len(rows)
        return respond(
            Patients(
                items=[summary_view(row) for row in shown],
                next_cursor=write_cursor(f"patients:{sort}", end, str(shown[-1].id))
                if more
                else None,
            )
        )


class OnePatient(TherapistDoor):
    """One patient's summary."""

    @describe("One patient", response=PatientView, errors=(401, 403, 404), tags=("patients",))
    def get(self, _request: Request, patient_id: UUID) -> HttpResponse:
        patient = self.patient_known(patient_id, "patient.read")
        return respond(patient_view(patient_page(patient, self.now, language=self.user.language)))


def _sort(query: Mapping[str, str]) -> Sort:
    asked = query.get("sort", "risk")
    if asked not in get_args(Sort):
        allowed = ", ".join(get_args(Sort))
        raise invalid([FieldError("/sort", "invalid", f"One of {allowed}.")])
    return cast(Sort, asked)


def _start(rows: Sequence[PanelRow], cursor: list[Any] | None) -> int:
    # The list moves while somebody pages through it. Starting behind the last row that was read
    # repeats a few after it rose, and starting at the count of rows read skips none after it sank.
    if cursor is None:
        return 0
    count, last = int(cursor[0]), str(cursor[1])
    behind = (index + 1 for index, row in enumerate(rows) if str(row.id) == last)
    return min(count, next(behind, count))


panel_urlpatterns = [
    path("patients", PanelList.as_view()),
    path("patients/<uuid:patient_id>", OnePatient.as_view()),
]
