"""The doors through which care ends or changes hands."""

from typing import cast
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from backend.accounts import clinics, selectors, services
from backend.accounts.clinics_api import not_a_therapist
from backend.accounts.clinics_wire import EndOfCare, HandOver
from backend.accounts.doors import PatientDoor, TherapistDoor
from backend.accounts.ending import EndReason, EndReasonCode
from backend.accounts.models import CareRelationship, Role
from backend.core.api import respond
from backend.core.problems import FieldError, not_found
from backend.core.schema import describe
from backend.core.wire import invalid


class MyCare(PatientDoor):
    @describe(
        "Leave a therapist's care",
        status=(204,),
        errors=(401, 403, 404),
        query={"reason": (str, f"Why, if you want to say so: {', '.join(EndReason.values)}")},
        tags=("me",),
    )
    def delete(self, request: Request, care_id: UUID) -> HttpResponse:
        """She no longer sees anything from the next request on; the history stays with the
        patient."""
        reason = _reason(request.GET.get("reason", EndReason.UNKNOWN.value))
        care = self.patient.care.filter(pk=care_id).first()
        if care is None:
            raise not_found()
        services.end_care(care=care, by=self.user.pk, reason=reason, now=self.now)
        return respond(None, status=204)


class CareDoor(TherapistDoor):
    """The care that this therapist gives a patient herself; what she covers is not hers to end."""

    def own_care(self, patient_id: UUID) -> CareRelationship:
        """Her open relationship with the patient, or 404."""
        care = selectors.own_care(self.user, patient_id, self.now)
        if care is None:
            raise not_found()
        return care


class EndCare(CareDoor):
    @describe(
        "End the care of a patient",
        request=EndOfCare,
        status=(204,),
        errors=(401, 403, 404),
        tags=("care",),
    )
    def post(self, _request: Request, patient_id: UUID) -> HttpResponse:
        care = self.own_care(patient_id)
        reason = self.body(EndOfCare, may_be_left_out=True).reason
        services.end_care(care=care, by=self.user.pk, reason=reason, now=self.now)
        return respond(None, status=204)


class HandOverPatient(CareDoor):
    @describe(
        "Give a patient to a colleague of the clinic",
        request=HandOver,
        status=(204,),
        errors=(401, 403, 404),
        tags=("care",),
    )
    def post(self, _request: Request, patient_id: UUID) -> HttpResponse:
        care = self.own_care(patient_id)
        to = self.body(HandOver).to
        member = selectors.membership_of(care.clinic, to, Role.THERAPIST, self.now)
        if member is None or to == self.user.pk or not member.user.is_active:
            raise not_a_therapist("/to")
        clinics.hand_over_one(care=care, to=member.user, by=self.user.pk, now=self.now)
        return respond(None, status=204)


def _reason(given: str) -> EndReasonCode:
    if given not in EndReason.values:
        raise invalid([FieldError("/reason", "invalid", "Not a reason that is known here.")])
    return cast(EndReasonCode, given)
