"""Invitations into a clinic, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.accounts.models import Invitation
from backend.core.localtime import local_date
from backend.dashboard.presenters.clinic_members import ROLES
from backend.dashboard.presenters.times import Moment, long_day, moment


@dataclass(frozen=True)
class InvitationLine:
    """An invitation that still works."""

    id: UUID
    who: str
    made: Moment
    until: str


@dataclass(frozen=True)
class Slip:
    """A new invitation with its code, to be handed over; nobody can show it again."""

    code: str
    clinic: str
    who: str
    therapist: str
    until: str

    @property
    def is_patient(self) -> bool:
        return bool(self.therapist)


def invitation_lines(
    found: Iterable[Invitation], *, now: datetime, zone: str
) -> tuple[InvitationLine, ...]:
    """The invitations in the reader's `zone`."""
    return tuple(
        InvitationLine(
            id=one.pk,
            who=_who(one),
            made=moment(one.created_at, now, zone),
            until=long_day(local_date(one.expires_at, zone)),
        )
        for one in found
    )


def slip_of(invitation: Invitation, code: str, *, zone: str) -> Slip:
    """The new invitation as it is printed."""
    therapist = invitation.therapist
    return Slip(
        code=code,
        clinic=invitation.clinic.name,
        who=_who(invitation),
        therapist=(therapist.name or therapist.email) if therapist else "",
        until=long_day(local_date(invitation.expires_at, zone)),
    )


def _who(invitation: Invitation) -> str:
    therapist = invitation.therapist
    if therapist is None:
        return ROLES[invitation.role]  # type: ignore[index]  # the column holds these words
    return f"Patient of {therapist.name or therapist.email}"
