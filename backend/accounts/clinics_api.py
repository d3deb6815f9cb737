"""The doors of a clinic's managers. Whoever manages another clinic finds nothing here."""

import hashlib
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from backend.accounts import clinics, selectors
from backend.accounts.clinics_wire import (
    ClinicDetail,
    ClinicList,
    ClinicPatch,
    HandedOver,
    HandOver,
    MemberList,
    MemberPatch,
    clinic_detail,
    member_view,
)
from backend.accounts.doors import UserDoor
from backend.accounts.models import Clinic, Membership, User
from backend.core.api import respond
from backend.core.conditional import etag, require_match, unchanged
from backend.core.problems import FieldError, Problem, not_found
from backend.core.schema import describe
from backend.core.wire import encode, invalid


class ManagerDoor(UserDoor):
    """A view for the managers of a clinic."""

    role = "manager"

    def clinic(self, clinic_id: UUID) -> Clinic:
        """A clinic that this manager manages, or 404."""
        hers = selectors.clinics_employing(self.user, self.now, role="manager")
        clinic = hers.select_related("service_lead").filter(pk=clinic_id).first()
        if clinic is None:
            raise not_found()
        return clinic

    def before_replay(self, **path: Any) -> None:
        """A kept answer speaks of a clinic too: she may no longer manage it."""
        if "clinic_id" in path:
            self.clinic(path["clinic_id"])

    def actor(self, clinic_id: UUID) -> clinics.Actor:
        """Who does it, and where."""
        return clinics.Actor(self.user, self.clinic(clinic_id), self.now, self.trace_id)

    def member(self, clinic: Clinic, user_id: UUID, role: str) -> Membership:
        """Somebody who works at the clinic in that role, or 404."""
        member = selectors.membership_of(clinic, user_id, role, self.now)
        if member is None:
            raise not_found()
        return member

    def colleague(self, clinic: Clinic, user_id: UUID, pointer: str) -> User:
        """Somebody of the clinic whom a body names; 400 for anybody else."""
        person = selectors.colleague(clinic, user_id, self.now)
        if person is None:
            raise not_a_therapist(pointer)
        return person


def not_a_therapist(pointer: str) -> Problem:
    """400: the person named is no therapist of the clinic."""
    return invalid([FieldError(pointer, "not_a_therapist", "Name a therapist of this clinic.")])


class Clinics(ManagerDoor):
    @describe(
        "The clinics that I manage", response=ClinicList, errors=(401, 403), tags=("clinics",)
    )
    def get(self, _request: Request) -> HttpResponse:
        hers = selectors.clinics_employing(self.user, self.now, role="manager")
        rows = hers.select_related("service_lead")[:200]
        return respond(ClinicList(items=[clinic_detail(row) for row in rows], next_cursor=None))


class OneClinic(ManagerDoor):
    @describe(
        "A clinic that I manage",
        response=ClinicDetail,
        status=(200, 304),
        errors=(401, 403, 404),
        tags=("clinics",),
    )
    def get(self, request: Request, clinic_id: UUID) -> HttpResponse:
        clinic = self.clinic(clinic_id)
        return unchanged(request._request, _tag(clinic)) or _shown(clinic)

    @describe(
        "Name the service lead",
        request=ClinicPatch,
        response=ClinicDetail,
        errors=(401, 403, 404, 412, 428),
        headers={"If-Match": "The ETag of the clinic as it was read"},
        tags=("clinics",),
    )
    def patch(self, request: Request, clinic_id: UUID) -> HttpResponse:
        actor = self.actor(clinic_id)
        require_match(request._request, _tag(actor.clinic))
        named = self.body(ClinicPatch).service_lead
        lead = self.colleague(actor.clinic, named, "/service_lead") if named else None
        try:
            return _shown(clinics.name_lead(actor=actor, lead=lead))
        except clinics.NotATherapist:
            raise not_a_therapist("/service_lead") from None


class Members(ManagerDoor):
    @describe(
        "Who works at the clinic",
        response=MemberList,
        errors=(401, 403, 404),
        tags=("clinics",),
    )
    def get(self, _request: Request, clinic_id: UUID) -> HttpResponse:
        found = selectors.members_of(self.clinic(clinic_id), self.now)
        return respond(MemberList(items=[member_view(one) for one in found], next_cursor=None))


class OneMember(ManagerDoor):
    @describe(
        "Name who stands in for a therapist on leave",
        request=MemberPatch,
        status=(204,),
        errors=(401, 403, 404),
        tags=("clinics",),
    )
    def patch(
        self, _request: Request, clinic_id: UUID, user_id: UUID, member_role: str
    ) -> HttpResponse:
        actor = self.actor(clinic_id)
        member = self.member(actor.clinic, user_id, member_role)
        named = self.body(MemberPatch).backup
        backup = self.colleague(actor.clinic, named, "/backup") if named else None
        try:
            clinics.name_backup(actor=actor, member=member, backup=backup)
        except clinics.NotATherapist:
            raise not_a_therapist("/backup") from None
        return respond(None, status=204)

    @describe(
        "End a membership",
        status=(204,),
        errors=(401, 403, 404, 409),
        query={"release": (bool, "true: a therapist's patients stay without a therapist")},
        tags=("clinics",),
    )
    def delete(
        self, request: Request, clinic_id: UUID, user_id: UUID, member_role: str
    ) -> HttpResponse:
        actor = self.actor(clinic_id)
        member = self.member(actor.clinic, user_id, member_role)
        try:
            clinics.end_membership(actor=actor, member=member, release=_release(request))
        except clinics.StillResponsible as error:
            raise Problem(
                409,
                "still_responsible",
                "Hand her patients over first, or release them.",
                extra={"patients": error.patients},
            ) from None
        except clinics.LastManager:
            raise Problem(409, "last_manager", "Make somebody else a manager first.") from None
        return respond(None, status=204)


class HandOverPatients(ManagerDoor):
    @describe(
        "Give all patients of a therapist to another",
        request=HandOver,
        response=HandedOver,
        errors=(401, 403, 404),
        tags=("clinics",),
    )
    def post(self, _request: Request, clinic_id: UUID, user_id: UUID) -> HttpResponse:
        actor = self.actor(clinic_id)
        self.member(actor.clinic, user_id, "therapist")
        to = self.colleague(actor.clinic, self.body(HandOver).to, "/to")
        try:
            moved = clinics.hand_over(actor=actor, therapist=user_id, to=to)
        except clinics.NotATherapist:
            raise not_a_therapist("/to") from None
        return respond(HandedOver(patients=moved))


def _release(request: Request) -> bool:
    given = request.GET.get("release", "false")
    if given not in ("true", "false"):
        raise invalid([FieldError("/release", "invalid", "true or false.")])
    return given == "true"


def _tag(clinic: Clinic) -> str:
    return etag(hashlib.sha256(encode(clinic_detail(clinic))).hexdigest()[:16])


def _shown(clinic: Clinic) -> HttpResponse:
    return respond(clinic_detail(clinic), headers={"ETag": _tag(clinic)})
