"""The managers' doors of invitations and leave."""

from uuid import UUID

import msgspec
from django.http import HttpResponse
from msgspec import UNSET
from rest_framework.request import Request

from backend.accounts import clinics, selectors, services
from backend.accounts.clinics_api import ManagerDoor, not_a_therapist
from backend.accounts.clinics_wire import (
    InvitationList,
    LeaveList,
    LeaveRequest,
    LeaveView,
    MemberInvitation,
    NewInvitation,
    leave_view,
    open_invitation,
)
from backend.accounts.models import Clinic, Invitation, Leave, Role, User
from backend.core.api import respond
from backend.core.localtime import local_date
from backend.core.problems import FieldError, Problem, not_found
from backend.core.schema import describe
from backend.core.wire import invalid

LIMIT = 200


class ClinicInvitations(ManagerDoor):
    @describe(
        "Invitations that still work",
        response=InvitationList,
        errors=(401, 403, 404),
        tags=("clinics",),
    )
    def get(self, _request: Request, clinic_id: UUID) -> HttpResponse:
        rows = selectors.open_invitations(self.clinic(clinic_id), self.now)[:LIMIT]
        return respond(
            InvitationList(items=[open_invitation(row) for row in rows], next_cursor=None)
        )

    @describe(
        "Invite somebody to work here, or a patient into a therapist's care",
        request=MemberInvitation,
        response=NewInvitation,
        status=(201,),
        errors=(401, 403, 404),
        tags=("clinics",),
    )
    def post(self, _request: Request, clinic_id: UUID) -> HttpResponse:
        actor, asked = self.actor(clinic_id), self.body(MemberInvitation)
        if asked.role == "patient":
            therapist = self._therapist(actor.clinic, asked)
            invitation, code = services.invite(
                clinic=actor.clinic, therapist=therapist, by=self.user, now=self.now
            )
        elif asked.therapist is not UNSET:
            raise invalid([FieldError("/therapist", "not_a_patient", "Only with role patient.")])
        else:
            invitation, code = clinics.invite_member(actor=actor, role=Role(asked.role))
        shown = msgspec.structs.asdict(open_invitation(invitation))
        return respond(NewInvitation(**shown, code=code), status=201)

    def _therapist(self, clinic: Clinic, asked: MemberInvitation) -> User:
        if asked.therapist is UNSET:
            raise invalid([FieldError("/therapist", "required", "Name who looks after her.")])
        member = selectors.membership_of(clinic, asked.therapist, Role.THERAPIST, self.now)
        if member is None:
            raise not_a_therapist("/therapist")
        return member.user


class OneInvitation(ManagerDoor):
    @describe("Revoke an invitation", status=(204,), errors=(401, 403, 404), tags=("clinics",))
    def delete(self, _request: Request, clinic_id: UUID, invitation_id: UUID) -> HttpResponse:
        actor = self.actor(clinic_id)
        invitation = Invitation.objects.filter(pk=invitation_id, clinic=actor.clinic).first()
        if invitation is None:
            raise not_found()
        clinics.revoke_invitation(actor=actor, invitation=invitation)
        return respond(None, status=204)


class Leaves(ManagerDoor):
    @describe(
        "Who is or will be away", response=LeaveList, errors=(401, 403, 404), tags=("clinics",)
    )
    def get(self, _request: Request, clinic_id: UUID) -> HttpResponse:
        clinic = self.clinic(clinic_id)
        rows = selectors.leaves_of(clinic, self.now)[:LIMIT]
        items = [leave_view(row, clinic.time_zone) for row in rows]
        return respond(LeaveList(items=items, next_cursor=None))

    @describe(
        "A therapist will be away",
        request=LeaveRequest,
        response=LeaveView,
        status=(201,),
        errors=(401, 403, 404, 409),
        tags=("clinics",),
    )
    def post(self, _request: Request, clinic_id: UUID) -> HttpResponse:
        actor, asked = self.actor(clinic_id), self.body(LeaveRequest)
        self._check_days(asked, actor.clinic)
        member = selectors.membership_of(actor.clinic, asked.user, Role.THERAPIST, self.now)
        if member is None:
            raise not_a_therapist("/user")
        backup = None if asked.backup is UNSET else asked.backup
        try:
            leave = clinics.plan_leave(
                actor=actor,
                member=member,
                first=asked.first_day,
                last=None if asked.last_day is UNSET else asked.last_day,
                backup=self.colleague(actor.clinic, backup, "/backup") if backup else None,
            )
        except clinics.NotATherapist:
            raise not_a_therapist("/backup") from None
        except clinics.LeaveOverlaps:
            raise Problem(409, "leave_overlaps", "She is away then already.") from None
        return respond(leave_view(leave, actor.clinic.time_zone), status=201)

    def _check_days(self, asked: LeaveRequest, clinic: Clinic) -> None:
        if asked.first_day < local_date(self.now, clinic.time_zone):
            raise invalid([FieldError("/first_day", "in_the_past", "Today or later.")])
        if asked.last_day is not UNSET and asked.last_day < asked.first_day:
            raise invalid([FieldError("/last_day", "too_early", "Not before the first day.")])


class OneLeave(ManagerDoor):
    @describe("End a leave", status=(204,), errors=(401, 403, 404), tags=("clinics",))
    def delete(self, _request: Request, clinic_id: UUID, leave_id: UUID) -> HttpResponse:
        actor = self.actor(clinic_id)
        held = Leave.objects.filter(pk=leave_id, membership__clinic=actor.clinic)
        leave = held.select_related("membership").first()
        if leave is None:
            raise not_found()
        clinics.end_leave(actor=actor, leave=leave)
        return respond(None, status=204)
