"""The doors of visits to a doctor: the phone writes them, the therapist reads what came of them."""

from typing import cast
from uuid import UUID

from django.http import HttpResponse
from msgspec import UNSET
from rest_framework.request import Request

from backend.accounts.doors import PatientDoor, TherapistDoor
from backend.core.api import respond
from backend.core.conditional import etag, stale, unchanged
from backend.core.cursors import PAGE_QUERY, page
from backend.core.problems import FieldError, Problem, not_found
from backend.core.schema import describe
from backend.core.wire import invalid
from exercises.triage.models import Visit
from exercises.triage.selectors import visit_of, visits_of
from exercises.triage.services.visits import (
    BaseMissing,
    Recorded,
    UnknownPrompts,
    VisitChanged,
    record_visit,
)
from exercises.triage.visits import Outcome, State, VisitBody, Visits, VisitView, visit_errors


class MyVisits(PatientDoor):
    @describe(
        "My visits to a doctor",
        response=Visits,
        errors=(401, 403),
        query=PAGE_QUERY,
        tags=("advice",),
    )
    def get(self, request: Request) -> HttpResponse:
        rows, more = page(request._request, visits_of(self.patient.pk))
        return respond(Visits(items=[visit_view(visit) for visit in rows], next_cursor=more))


class MyVisit(PatientDoor):
    """A visit that the patient plans, attended or cancelled; an editable document."""

    @describe(
        "One visit",
        response=VisitView,
        status=(200, 304),
        errors=(401, 403, 404),
        tags=("advice",),
        headers={"If-None-Match": "The ETag of the visit that the phone holds."},
    )
    def get(self, request: Request, visit_id: UUID) -> HttpResponse:
        visit = visit_of(self.patient.pk, visit_id)
        if visit is None:
            raise not_found()
        return unchanged(request._request, _tag(visit)) or _answer(visit)

    @describe(
        "Record or edit a visit",
        request=VisitBody,
        response=VisitView,
        status=(200, 201),
        errors=(401, 403, 412, 428),
        tags=("advice",),
        headers={"If-Match": "The ETag of the visit that is edited; not for a new one."},
    )
    def put(self, request: Request, visit_id: UUID) -> HttpResponse:
        body = self.body(VisitBody)
        errors = visit_errors(body)
        if errors:
            raise invalid(errors)
        recorded = self._record(visit_id, body, self._base(request, visit_id))
        return _answer(recorded.visit, 201 if recorded.created else 200)

    def _base(self, request: Request, visit_id: UUID) -> int | None:
        given = request.headers.get("If-Match")
        if given is None:
            return None
        visit = visit_of(self.patient.pk, visit_id)
        named = {tag.strip().removeprefix("W/") for tag in given.split(",")}
        # No visit has version 0: an ETag that names none of them is stale.
        return visit.version if visit and _tag(visit) in named else 0

    def _record(self, visit_id: UUID, body: VisitBody, base: int | None) -> Recorded:
        try:
            return record_visit(
                patient=self.patient, visit_id=visit_id, body=body, base_version=base, now=self.now
            )
        except UnknownPrompts:
            error = FieldError("/prompts", "unknown_prompt", "Not a prompt of yours.")
            raise invalid([error]) from None
        except VisitChanged:
            raise stale() from None
        except BaseMissing:
            raise Problem(
                428, "if_match_required", "The visit exists: send If-Match with its ETag."
            ) from None


class PatientVisits(TherapistDoor):
    @describe(
        "A patient's visits to a doctor, and what came of them",
        response=Visits,
        errors=(401, 403, 404),
        query=PAGE_QUERY,
        tags=("patients",),
    )
    def get(self, request: Request, patient_id: UUID) -> HttpResponse:
        self.patient_seen(patient_id, "visits.read")
        rows, more = page(request._request, visits_of(patient_id))
        return respond(Visits(items=[visit_view(visit) for visit in rows], next_cursor=more))


def visit_view(visit: Visit) -> VisitView:
    """A visit as it travels; its prompts must be loaded or cost a query."""
    return VisitView(
        id=visit.id,
        version=visit.version,
        rev=visit.rev,
        state=cast(State, visit.state),
        tz=visit.tz,
        planned_on=visit.planned_on or UNSET,
        planned_for=visit.planned_for or UNSET,
        attended_on=visit.attended_on or UNSET,
        with_whom=visit.with_whom or UNSET,
        prompts=sorted(prompt.pk for prompt in visit.prompts.all()),
        reason=visit.reason or UNSET,
        outcome=cast(Outcome, visit.outcome) or UNSET,
        outcome_text=visit.outcome_text or UNSET,
        created_at=visit.created_at,
        updated_at=visit.updated_at,
    )


def _tag(visit: Visit) -> str:
    return etag(visit.id, visit.version)


def _answer(visit: Visit, status: int = 200) -> HttpResponse:
    return respond(visit_view(visit), status=status, headers={"ETag": _tag(visit)})
