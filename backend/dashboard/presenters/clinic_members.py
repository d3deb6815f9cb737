"""Who works at a clinic, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backend.accounts.clinics_wire import LeaveView, leave_view
from backend.accounts.models import Clinic, Leave, Role, User
from backend.accounts.selectors import Member
from backend.core.localtime import local_date
from backend.dashboard.presenters.times import long_day

ROLES = {Role.THERAPIST: "Therapist", Role.MANAGER: "Manager", Role.AUDITOR: "Auditor"}


@dataclass(frozen=True)
class MemberLine:
    """A member: `state` is what stands out about her now, `backup` who is named to stand in."""

    user: UUID
    name: str
    email: str
    role: str
    role_label: str
    since: str
    patients: int
    state: str
    backup: UUID | None
    backup_name: str

    @property
    def is_therapist(self) -> bool:
        return self.role == Role.THERAPIST


@dataclass(frozen=True)
class LeaveLine:
    """A leave that is or will be."""

    id: UUID
    name: str
    days: str
    backup_name: str


@dataclass(frozen=True)
class MembersScreen:
    """The page of the members."""

    lines: tuple[MemberLine, ...]
    leaves: tuple[LeaveLine, ...]
    lead: UUID | None
    lead_name: str
    today: date
    choices: list[tuple[str, str]]


def members_screen(
    clinic: Clinic, found: Sequence[Member], leaves: Iterable[Leave], *, now: datetime
) -> MembersScreen:
    """The members of `clinic` with its leaves; days are those of the clinic."""
    today = local_date(now, clinic.time_zone)
    lead = next((one.membership.user for one in found if _leads(one, clinic)), None)
    return MembersScreen(
        lines=tuple(_line(one, clinic) for one in found),
        leaves=tuple(_leave(leave_view(row, clinic.time_zone), today) for row in leaves),
        lead=lead.pk if lead else None,
        lead_name=_name(lead) if lead else "",
        today=today,
        choices=therapist_choices(found),
    )


def therapist_choices(found: Iterable[Member]) -> list[tuple[str, str]]:
    """The therapists with an account, as id and name, to choose from."""
    held = [one.membership for one in found]
    return [
        (str(one.user_id), _name(one.user))
        for one in held
        if one.role == Role.THERAPIST and one.user.is_active
    ]


def _leads(member: Member, clinic: Clinic) -> bool:
    held = member.membership
    return held.role == Role.THERAPIST and held.user_id == clinic.service_lead_id


def _line(member: Member, clinic: Clinic) -> MemberLine:
    held = member.membership
    return MemberLine(
        user=held.user_id,
        name=_name(held.user),
        email=held.user.email,
        role=held.role,
        role_label=ROLES[Role(held.role)],
        since=long_day(local_date(held.started_at, clinic.time_zone)),
        patients=member.patients,
        state=_state(member),
        backup=held.backup_id,
        backup_name=_name(held.backup) if held.backup else "",
    )


def _state(member: Member) -> str:
    if not member.membership.user.is_active:
        return "Account closed"
    if member.leave is None:
        return ""
    stand_in = member.leave.backup or member.membership.backup
    return f"Away, {_name(stand_in)} stands in" if stand_in else "Away, nobody stands in"


def _leave(view: LeaveView, today: date) -> LeaveLine:
    first = "Now" if view.first_day <= today else f"From {long_day(view.first_day)}"
    last = f"to {long_day(view.last_day)}" if view.last_day else "until further notice"
    return LeaveLine(view.id, view.therapist.name, f"{first}, {last}", _backup_of(view))


def _backup_of(view: LeaveView) -> str:
    return view.backup.name if view.backup else ""


def _name(user: User) -> str:
    return user.name or user.email
