"""A therapist's doors to apply a template to a plan, after a look at what it would do."""

from typing import Annotated
from uuid import UUID

from django.http import HttpResponse
from msgspec import UNSET, Meta, UnsetType
from rest_framework.request import Request

from backend.core.api import respond
from backend.core.conditional import etag, stale
from backend.core.problems import FieldError, Problem
from backend.core.schema import describe
from backend.core.wire import PLAIN, Wire, invalid
from exercises.plans.models import RecoveryPlan
from exercises.plans.wire import PatientPlanView, PlanPreview
from exercises.triage.plan_api import PlanDoor, plan_or_404, versions_named
from exercises.triage.plan_preview import preview_of_template
from exercises.triage.services.applying import Applied, LeftOut, applied_of, apply_template
from exercises.triage.services.plan import NoPlan, OrderRefused, PlanChanged


class TemplateChoice(Wire, frozen=True, kw_only=True):
    """A template of one of my clinics; without one, what the catalogue serves in the phase."""

    template: UUID | UnsetType = UNSET


class ApplyBody(TemplateChoice, frozen=True, kw_only=True):
    """Which template, and why."""

    reason: Annotated[str, Meta(min_length=1, max_length=500, pattern=PLAIN)]


class LeftOutView(Wire, frozen=True, kw_only=True):
    """An exercise of the template that is not prescribed to this patient, and why."""

    exercise: str
    code: str
    text: str


class ApplyPreview(Wire, frozen=True, kw_only=True):
    """What the plan would be, and what of the template it would leave out."""

    plan: PlanPreview
    left_out: list[LeftOutView]


class PreviewApply(PlanDoor):
    @describe(
        "What applying a template would do over the next 14 days",
        request=TemplateChoice,
        response=ApplyPreview,
        errors=(401, 403, 404, 409),
        tags=("plan",),
    )
    def post(self, request: Request, patient_id: UUID) -> HttpResponse:
        patient = self.patient_seen(patient_id, "plan.preview")
        plan = plan_or_404(patient_id)
        applied = self.applied(plan, self.body(TemplateChoice))
        try:
            shown, left_out = preview_of_template(
                patient=patient, plan=plan, applied=applied, now=self.now
            )
        except OrderRefused as error:
            raise Problem(409, error.code, str(error)) from None
        view = ApplyPreview(plan=shown, left_out=[_left_out(one) for one in left_out])
        return respond(view, headers={"ETag": etag(plan.id, plan.version)})

    def applied(self, plan: RecoveryPlan, asked: TemplateChoice) -> Applied:
        """The template that is asked for; 400 for one that is not hers to use."""
        given = None if asked.template is UNSET else asked.template
        found = applied_of(self.user, plan, given, self.now)
        if found is None:
            raise invalid([FieldError("/template", "unknown_template", "No template of yours.")])
        return found


class ApplyTemplate(PreviewApply):
    @describe(
        "Apply a template to a plan",
        request=ApplyBody,
        response=PatientPlanView,
        errors=(401, 403, 404, 409, 412, 428),
        tags=("plan",),
        headers={"If-Match": "The ETag of the plan to which it is applied."},
    )
    def post(self, request: Request, patient_id: UUID) -> HttpResponse:
        patient = self.patient_seen(patient_id, "plan.read")
        asked = self.body(ApplyBody)
        if not asked.reason.strip():
            raise invalid([FieldError("/reason", "required", "Say why.")])
        plan = plan_or_404(patient_id)
        applied = self.applied(plan, asked)
        bases = versions_named(self.request.headers.get("If-Match"), plan)
        try:
            done = apply_template(
                patient=patient,
                applied=applied,
                reason=asked.reason,
                base_versions=bases,
                by=self.user,
                now=self.now,
                trace_id=self.trace_id,
            )
        except (NoPlan, PlanChanged):
            raise stale() from None
        except OrderRefused as error:
            raise Problem(409, error.code, str(error)) from None
        return self.shown(patient, done)


def _left_out(one: LeftOut) -> LeftOutView:
    return LeftOutView(exercise=one.exercise, code=one.code, text=one.text)
