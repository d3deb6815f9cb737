"""A therapist's doors to single prescriptions: read, add, change, exchange, end, and look ahead."""

from datetime import date
from uuid import UUID

from django.http import HttpResponse
from msgspec import UNSET, UnsetType
from rest_framework.request import Request

from backend.accounts.models import Patient
from backend.core.api import respond
from backend.core.conditional import etag, stale
from backend.core.localtime import local_date
from backend.core.problems import FieldError, Problem, not_found
from backend.core.schema import describe
from backend.core.wire import invalid
from exercises.plans.models import Prescription
from exercises.triage.plan_api import PlanDoor, plan_or_404, versions_named
from exercises.triage.prescription_presenters import (
    prescription_preview,
    prescription_with,
    prescriptions_of,
)
from exercises.triage.prescription_wire import (
    Asked,
    NewPrescription,
    PatientPrescription,
    PatientPrescriptions,
    PrescriptionChange,
    PrescriptionPreview,
    PreviewBody,
    RetirePrescription,
    WholePrescription,
    as_asked,
    change_errors,
    wanted_of,
)
from exercises.triage.services.plan import NoPlan, OrderRefused, PlanChanged
from exercises.triage.services.prescriptions import (
    Change,
    Contraindicated,
    NoPrescription,
    prescribe,
)

_ERRORS = (401, 403, 404, 409, 412, 428)
_TAG = {"If-Match": "The ETag of the prescription that is changed."}
_TAGS = ("plan",)


class PrescriptionDoor(PlanDoor):
    """The prescriptions of the open plan of a patient in this therapist's care."""

    def day_of(self, patient: Patient) -> date:
        """The patient's local date."""
        return local_date(self.now, patient.user.time_zone)

    def row_or_404(self, patient: Patient, prescription_id: UUID) -> Prescription:
        """A prescription of the open plan."""
        row = plan_or_404(patient.pk).prescriptions.filter(pk=prescription_id).first()
        if row is None:
            raise not_found()
        return row

    def one(self, patient: Patient, row: Prescription, status: int = 200) -> HttpResponse:
        """The prescription, under the ETag that a change names."""
        view = prescription_with(row, self.day_of(patient))
        return respond(view, status=status, headers={"ETag": etag(row.id, row.version)})

    def checked(self, patient: Patient, asked: Asked, exercise: str) -> Change:
        """The change that is asked for; 400 where no plan could take it."""
        errors = [*change_errors(asked, self.day_of(patient))]
        if errors:
            raise invalid(errors)
        return Change(
            reason=asked.reason if isinstance(asked, PrescriptionChange) else "",
            wanted=wanted_of(asked, exercise),
            starts_on=_date(asked.starts_on),
            variation=asked.variation,
            overrides=asked.overrides,
            asked=as_asked(asked),
        )

    def carried_out(
        self, patient: Patient, target: UUID | None, change: Change, bases: set[int]
    ) -> Prescription:
        """The prescription that came of the change; refusals are 409, an old version 412."""
        try:
            return prescribe(
                patient=patient,
                target=target,
                change=change,
                base_versions=bases,
                by=self.user,
                now=self.now,
                trace_id=self.trace_id,
            )
        except (NoPlan, NoPrescription, PlanChanged):
            raise stale() from None
        except OrderRefused as error:
            raise refused(error) from None

    def changed(
        self, patient: Patient, prescription_id: UUID, asked: PrescriptionChange
    ) -> HttpResponse:
        """The prescription after a change of it."""
        row = self.row_or_404(patient, prescription_id)
        exercise = row.exercise if asked.exercise is UNSET else asked.exercise
        change = self.checked(patient, asked, exercise)
        bases = versions_named(self.request.headers.get("If-Match"), row)
        return self.one(patient, self.carried_out(patient, row.pk, change, bases))


class Prescriptions(PrescriptionDoor):
    @describe(
        "A patient's prescriptions, and what was ordered of them",
        response=PatientPrescriptions,
        errors=(401, 403, 404),
        tags=_TAGS,
    )
    def get(self, request: Request, patient_id: UUID) -> HttpResponse:
        patient = self.patient_seen(patient_id, "plan.read")
        plan = plan_or_404(patient_id)
        view = prescriptions_of(plan, self.day_of(patient))
        return respond(view, headers={"ETag": etag(plan.id, plan.version)})

    @describe(
        "Prescribe an exercise",
        request=NewPrescription,
        response=PatientPrescription,
        status=(201,),
        errors=_ERRORS,
        tags=_TAGS,
        headers={"If-Match": "The ETag of the plan to which it is added."},
    )
    def post(self, request: Request, patient_id: UUID) -> HttpResponse:
        patient = self.patient_seen(patient_id, "plan.read")
        asked = self.body(NewPrescription)
        change = self.checked(patient, asked, asked.exercise)
        bases = versions_named(self.request.headers.get("If-Match"), plan_or_404(patient_id))
        return self.one(patient, self.carried_out(patient, None, change, bases), status=201)


class OnePrescription(PrescriptionDoor):
    @describe("One prescription", response=PatientPrescription, errors=(401, 403, 404), tags=_TAGS)
    def get(self, request: Request, patient_id: UUID, prescription_id: UUID) -> HttpResponse:
        patient = self.patient_seen(patient_id, "plan.read")
        return self.one(patient, self.row_or_404(patient, prescription_id))

    @describe(
        "Write a prescription anew",
        request=WholePrescription,
        response=PatientPrescription,
        errors=_ERRORS,
        tags=_TAGS,
        headers=_TAG,
    )
    def put(self, request: Request, patient_id: UUID, prescription_id: UUID) -> HttpResponse:
        patient = self.patient_seen(patient_id, "plan.read")
        return self.changed(patient, prescription_id, self.body(WholePrescription))

    @describe(
        "Change a prescription, or exchange its exercise",
        request=PrescriptionChange,
        response=PatientPrescription,
        errors=_ERRORS,
        tags=_TAGS,
        headers=_TAG,
    )
    def patch(self, request: Request, patient_id: UUID, prescription_id: UUID) -> HttpResponse:
        patient = self.patient_seen(patient_id, "plan.read")
        return self.changed(patient, prescription_id, self.body(PrescriptionChange))


class EndPrescription(PrescriptionDoor):
    @describe(
        "End a prescription; of a removed exercise, confirm the removal",
        request=RetirePrescription,
        response=PatientPrescription,
        errors=_ERRORS,
        tags=_TAGS,
        headers=_TAG,
    )
    def post(self, request: Request, patient_id: UUID, prescription_id: UUID) -> HttpResponse:
        patient = self.patient_seen(patient_id, "plan.read")
        asked = self.body(RetirePrescription)
        ends_on = _date(asked.ends_on)
        if not asked.reason.strip():
            raise invalid([FieldError("/reason", "required", "Say why.")])
        if ends_on is not None and ends_on < self.day_of(patient):
            raise invalid([FieldError("/ends_on", "in_the_past", "Today or later.")])
        row = self.row_or_404(patient, prescription_id)
        change = Change(reason=asked.reason, wanted=None, starts_on=ends_on, asked=as_asked(asked))
        bases = versions_named(self.request.headers.get("If-Match"), row)
        return self.one(patient, self.carried_out(patient, row.pk, change, bases))


class PreviewPrescription(PrescriptionDoor):
    @describe(
        "What a change of a prescription would do over the next 14 days",
        request=PreviewBody,
        response=PrescriptionPreview,
        errors=(401, 403, 404, 409),
        tags=_TAGS,
    )
    def post(self, request: Request, patient_id: UUID) -> HttpResponse:
        patient = self.patient_seen(patient_id, "plan.preview")
        asked = self.body(PreviewBody)
        plan, row = plan_or_404(patient_id), None
        if asked.prescription is not UNSET:
            row = self.row_or_404(patient, asked.prescription)
        change = self._asked_for(patient, asked, row)
        try:
            view = prescription_preview(
                patient=patient, plan=plan, row=row, change=change, now=self.now
            )
        except OrderRefused as error:
            raise refused(error) from None
        return respond(view, headers={"ETag": etag(plan.id, plan.version)})

    def _asked_for(self, patient: Patient, asked: PreviewBody, row: Prescription | None) -> Change:
        if asked.retire:
            if row is None:
                raise invalid([FieldError("/prescription", "required", "Which one ends?")])
            return Change(reason="", wanted=None, starts_on=_date(asked.starts_on))
        if row is None and asked.exercise is UNSET:
            raise invalid([FieldError("/exercise", "required", "Which exercise?")])
        exercise = row.exercise if row is not None else ""
        return self.checked(patient, asked, exercise if asked.exercise is UNSET else asked.exercise)


def refused(error: OrderRefused) -> Problem:
    """409 with what stands against it."""
    against = error.refusals if isinstance(error, Contraindicated) else ()
    errors = tuple(
        FieldError(
            f"/overrides/{item.code}" if item.may_be_overridden else "/exercise",
            item.code,
            item.text,
        )
        for item in against
    )
    return Problem(409, error.code, str(error), errors=errors)


def _date(given: date | UnsetType) -> date | None:
    return None if given is UNSET else given
