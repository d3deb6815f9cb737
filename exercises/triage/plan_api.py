"""A therapist's doors to a patient's plan: read it, order a change, look what a change would do."""

from datetime import date
from typing import Annotated, cast, get_args
from uuid import UUID

from django.http import HttpResponse
from msgspec import UNSET, Meta, UnsetType
from rest_framework.request import Request

from backend.accounts.doors import TherapistDoor
from backend.accounts.models import Patient
from backend.core.api import respond
from backend.core.conditional import etag, stale
from backend.core.localtime import local_date
from backend.core.problems import FieldError, Problem
from backend.core.schema import describe
from backend.core.wire import PLAIN, Wire, invalid
from exercises.catalog.shapes import PhaseId
from exercises.plans.models import Prescription, RecoveryPlan
from exercises.plans.presenters import patient_plan_view
from exercises.plans.selectors import open_plan
from exercises.plans.wire import PatientPlanView, PlanPreview
from exercises.triage.phasing import gate_of
from exercises.triage.plan_preview import preview
from exercises.triage.selectors import standing_alerts
from exercises.triage.services.plan import (
    Action,
    NoPlan,
    Order,
    OrderRefused,
    PlanChanged,
    order_flaws,
    order_plan,
)
from exercises.triage.trend import trend_of

ACTIONS: tuple[Action, ...] = get_args(Action)
PHASES: tuple[PhaseId, ...] = get_args(PhaseId)
Reason = Annotated[str, Meta(min_length=1, max_length=500, pattern=PLAIN)]


class OrderBody(Wire, frozen=True, kw_only=True):
    """Why, and of a step which phase, of a hold (or of a step back, which holds) the local date on
    which it ends."""

    reason: Reason
    to: PhaseId | UnsetType = UNSET
    until: date | UnsetType = UNSET


class PlanDoor(TherapistDoor):
    """The open plan of a patient in this therapist's care."""

    def shown(self, patient: Patient, plan: RecoveryPlan) -> HttpResponse:
        """The plan with its gate, under the ETag that an order names."""
        today = local_date(self.now, patient.user.time_zone)
        gate = gate_of(
            plan=plan,
            standing=[*standing_alerts(patient.pk)],
            trend=trend_of(plan, today),
            today=today,
        )
        tag = etag(plan.id, plan.version)
        return respond(patient_plan_view(plan, gate, today), headers={"ETag": tag})


class PatientPlan(PlanDoor):
    @describe(
        "A patient's plan with its gate and history",
        response=PatientPlanView,
        errors=(401, 403, 404),
        tags=("plan",),
    )
    def get(self, request: Request, patient_id: UUID) -> HttpResponse:
        patient = self.patient_seen(patient_id, "plan.read")
        return self.shown(patient, plan_or_404(patient_id))


class PlanVerb(PlanDoor):
    """One order; each verb has its own address."""

    action: Action

    @describe(
        "Order a change of the plan",
        request=OrderBody,
        response=PatientPlanView,
        errors=(401, 403, 404, 409, 412, 428),
        tags=("plan",),
        headers={"If-Match": "The ETag of the plan that the order is given on."},
    )
    def post(self, request: Request, patient_id: UUID) -> HttpResponse:
        patient = self.patient_seen(patient_id, "plan.read")
        asked = self.body(OrderBody)
        order = Order(
            action=self.action,
            reason=asked.reason,
            to=None if asked.to is UNSET else asked.to,
            until=None if asked.until is UNSET else asked.until,
        )
        today = local_date(self.now, patient.user.time_zone)
        errors = [FieldError(f"/{name}", *said) for name, *said in order_flaws(order, today)]
        if errors:
            raise invalid(errors)
        return self.shown(patient, self._ordered(patient, order))

    def _ordered(self, patient: Patient, order: Order) -> RecoveryPlan:
        plan = plan_or_404(patient.pk)
        bases = versions_named(self.request.headers.get("If-Match"), plan)
        try:
            return order_plan(
                patient=patient,
                order=order,
                base_versions=bases,
                by=self.user,
                now=self.now,
                trace_id=self.trace_id,
            )
        except (NoPlan, PlanChanged):
            raise stale() from None
        except OrderRefused as error:
            raise Problem(409, error.code, str(error)) from None


class HoldPlan(PlanVerb):
    action = "hold"


class ReleaseHold(PlanVerb):
    action = "release_hold"


class AdvancePlan(PlanVerb):
    action = "advance"


class StepPlanBack(PlanVerb):
    action = "step_back"


class PausePlan(PlanVerb):
    action = "pause"


class ResumePlan(PlanVerb):
    action = "resume"


class PreviewPlan(PlanDoor):
    @describe(
        "What an order would do over the next 14 days",
        response=PlanPreview,
        errors=(401, 403, 404, 409),
        query={
            "action": (str, "hold, release_hold, advance, step_back, pause or resume"),
            "to": (str, "The phase of a step: initial, rehab or long_term"),
        },
        tags=("plan",),
    )
    def get(self, request: Request, patient_id: UUID) -> HttpResponse:
        patient = self.patient_seen(patient_id, "plan.preview")
        action = _one_of(request, "action", ACTIONS)
        to = _one_of(request, "to", PHASES) if "to" in request.GET else None
        plan = plan_or_404(patient_id)
        try:
            shown = preview(
                patient=patient,
                plan=plan,
                action=cast(Action, action),
                to=cast(PhaseId | None, to),
                now=self.now,
            )
        except OrderRefused as error:
            raise Problem(409, error.code, str(error)) from None
        return respond(shown, headers={"ETag": etag(plan.id, plan.version)})


def plan_or_404(patient_id: UUID) -> RecoveryPlan:
    """The patient's open plan."""
    plan = open_plan(patient_id)
    if plan is None:
        raise Problem(404, "no_plan", "The patient has not completed the intake: there is no plan.")
    return plan


def versions_named(given: str | None, document: RecoveryPlan | Prescription) -> set[int]:
    """The versions of a plan or prescription that an If-Match header names."""
    if given is None:
        raise Problem(428, "if_match_required", "Send If-Match with the ETag that you last read.")
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in given.split(",")}
    start = f"{document.id}-"
    numbers = (tag.removeprefix(start) for tag in tags if tag.startswith(start))
    return {
        int(number)
        for number in numbers
        if number.isascii() and number.isdigit() and len(number) < 10
    }


def _one_of(request: Request, name: str, words: tuple[str, ...]) -> str:
    given = request.GET.get(name, "")
    if given not in words:
        raise invalid([FieldError(f"/{name}", "invalid", f"One of {', '.join(words)}.")])
    return given
