"""What managers send and read of a clinic: names, roles and dates, nothing clinical."""

from datetime import date, timedelta
from typing import Literal, cast
from uuid import UUID

from msgspec import UNSET, UnsetType

from backend.accounts.ending import EndReasonCode
from backend.accounts.models import Clinic, Invitation, Leave
from backend.accounts.selectors import Member
from backend.core.localtime import local_date
from backend.core.wire import Instant, Wire

RESOLUTION = timedelta(microseconds=1)
MemberRole = Literal["therapist", "manager", "auditor"]


class Person(Wire, frozen=True, kw_only=True):
    """A member by id and name."""

    id: UUID
    name: str


class ClinicDetail(Wire, frozen=True, kw_only=True):
    """A clinic; its service lead, a therapist, is the last step of escalation."""

    id: UUID
    name: str
    time_zone: str
    service_lead: Person | None


class ClinicList(Wire, frozen=True, kw_only=True):
    """The clinics that one manages."""

    items: list[ClinicDetail]
    next_cursor: str | None


class ClinicPatch(Wire, frozen=True, kw_only=True):
    """Who leads the service: a therapist of the clinic, or nobody."""

    service_lead: UUID | None


class MemberView(Wire, frozen=True, kw_only=True):
    """Somebody who works at the clinic. `patients` counts those in a therapist's care; `on_leave`
    says that she is away now, and `backup` who then stands in."""

    user: UUID
    name: str
    email: str
    role: MemberRole
    since: Instant
    patients: int
    on_leave: bool
    active: bool
    backup: Person | UnsetType = UNSET


class MemberList(Wire, frozen=True, kw_only=True):
    """Everybody who works at the clinic."""

    items: list[MemberView]
    next_cursor: str | None


class MemberPatch(Wire, frozen=True, kw_only=True):
    """Who stands in while the therapist is on leave: a therapist of the clinic, or nobody."""

    backup: UUID | None


class HandOver(Wire, frozen=True, kw_only=True):
    """The therapist who takes over."""

    to: UUID


class EndOfCare(Wire, frozen=True, kw_only=True):
    """Why care ends, where that is to be said; the body may be left out."""

    reason: EndReasonCode = "unknown"


class HandedOver(Wire, frozen=True, kw_only=True):
    """How many patients changed hands."""

    patients: int


class MemberInvitation(Wire, frozen=True, kw_only=True):
    """As what the new member will work; with "patient", `therapist` names who looks after her."""

    role: Literal["therapist", "manager", "auditor", "patient"]
    therapist: UUID | UnsetType = UNSET


class OpenInvitation(Wire, frozen=True, kw_only=True):
    """An invitation that still works."""

    id: UUID
    role: Literal["therapist", "manager", "auditor", "patient"]
    created_at: Instant
    expires_at: Instant
    therapist: Person | UnsetType = UNSET


class NewInvitation(OpenInvitation, frozen=True, kw_only=True):
    """The same with its code, which is shown this once."""

    code: str


class InvitationList(Wire, frozen=True, kw_only=True):
    """The invitations that still work, the newest first."""

    items: list[OpenInvitation]
    next_cursor: str | None


class LeaveRequest(Wire, frozen=True, kw_only=True):
    """A therapist is away from `first_day` to `last_day` (local days of the clinic, both included;
    without the last until further notice). Without `backup` the one of her membership stands in."""

    user: UUID
    first_day: date
    last_day: date | UnsetType = UNSET
    backup: UUID | UnsetType = UNSET


class LeaveView(Wire, frozen=True, kw_only=True):
    """A leave that is or will be."""

    id: UUID
    therapist: Person
    first_day: date
    last_day: date | UnsetType = UNSET
    backup: Person | UnsetType = UNSET


class LeaveList(Wire, frozen=True, kw_only=True):
    """Who is or will be away."""

    items: list[LeaveView]
    next_cursor: str | None


def clinic_detail(clinic: Clinic) -> ClinicDetail:
    """A clinic, as its manager reads it."""
    lead = clinic.service_lead
    return ClinicDetail(
        id=clinic.pk,
        name=clinic.name,
        time_zone=clinic.time_zone,
        service_lead=Person(id=lead.pk, name=lead.name) if lead else None,
    )


def member_view(member: Member) -> MemberView:
    """A member, as managers read her."""
    held = member.membership
    backup = (member.leave.backup if member.leave else None) or held.backup
    return MemberView(
        user=held.user_id,
        name=held.user.name,
        email=held.user.email,
        role=cast(MemberRole, held.role),
        since=held.started_at,
        patients=member.patients,
        on_leave=member.leave is not None,
        active=held.user.is_active,
        backup=Person(id=backup.pk, name=backup.name) if backup else UNSET,
    )


def open_invitation(invitation: Invitation) -> OpenInvitation:
    """An invitation without its code, which nobody has any more."""
    therapist = invitation.therapist
    return OpenInvitation(
        id=invitation.pk,
        role=cast(MemberRole, invitation.role) if invitation.role else "patient",
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
        therapist=Person(id=therapist.pk, name=therapist.name) if therapist else UNSET,
    )


def leave_view(leave: Leave, zone: str) -> LeaveView:
    """A leave in local days of the clinic's `zone`."""
    held = leave.membership
    backup = leave.backup or held.backup
    return LeaveView(
        id=leave.pk,
        therapist=Person(id=held.user_id, name=held.user.name),
        first_day=local_date(leave.started_at, zone),
        # The end is exclusive: the last instant of the leave is on its last day.
        last_day=local_date(leave.ended_at - RESOLUTION, zone) if leave.ended_at else UNSET,
        backup=Person(id=backup.pk, name=backup.name) if backup else UNSET,
    )
