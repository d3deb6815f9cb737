"""The doors of invitations: a therapist asks a patient into her care, and whoever holds a code
accepts."""

import math
from typing import Literal
from uuid import UUID

from django.http import HttpResponse
from msgspec import UNSET, UnsetType
from rest_framework.request import Request

from backend.accounts import joining, limits, services
from backend.accounts.api import ClinicView, clinic_view
from backend.accounts.doors import TherapistDoor, UserDoor
from backend.core.api import respond
from backend.core.problems import Problem
from backend.core.schema import describe
from backend.core.wire import Instant, Wire

# Nobody mistypes a code more often; at this rate guessing one takes thousands of years.
TRIES = limits.Limit(amount=10, seconds=3600)

JoinedAs = Literal["patient", "therapist", "manager", "auditor"]


class InvitationRequest(Wire, frozen=True, kw_only=True):
    """`clinic` may be left out by a therapist of one clinic."""

    clinic: UUID | UnsetType = UNSET


class InvitationView(Wire, frozen=True, kw_only=True):
    """A new invitation; the code is shown this once."""

    id: UUID
    code: str
    clinic: ClinicView
    expires_at: Instant


class SharedWithTeam(Wire, frozen=True, kw_only=True):
    """The patient's answers to today's consent texts; one that is left out is a yes, unless she
    has answered it before."""

    diary: bool | UnsetType = UNSET
    notes: bool | UnsetType = UNSET


class JoinRequest(Wire, frozen=True, kw_only=True):
    """What a patient adds to joining a clinic. `leave_others` ends her care at every other one: its
    therapists no longer see her, and her history stays hers."""

    consents: SharedWithTeam = SharedWithTeam()
    leave_others: bool = False


class JoinedView(Wire, frozen=True, kw_only=True):
    """What somebody has become, where, and since when; a patient reads who looks after her."""

    clinic: ClinicView
    role: JoinedAs
    since: Instant
    therapist: str | UnsetType = UNSET


class AcceptInvitation(UserDoor):
    @describe(
        "Accept a clinic's invitation",
        request=JoinRequest,
        response=JoinedView,
        errors=(401, 403, 404, 429),
        tags=("me",),
    )
    def post(self, request: Request, code: str) -> HttpResponse:
        """A patient comes into a therapist's care, a member into the clinic's staff. The body may be
        left out."""
        self._count_try()
        asked = self.body(JoinRequest) if request._request.body else JoinRequest()
        said = {"diary": asked.consents.diary, "notes": asked.consents.notes}
        try:
            joined = joining.accept(
                user=self.user,
                code=code,
                answers={scope: yes for scope, yes in said.items() if yes is not UNSET},
                leave_others=asked.leave_others,
                now=self.now,
            )
        except joining.EmailUnconfirmed:
            raise Problem(403, "email_unconfirmed", "Confirm your e-mail address first.") from None
        except joining.InvitationInvalid:
            raise Problem(
                404, "invitation_invalid", "This invitation code does not work; ask for a new one."
            ) from None
        limits.give_back(name=self._tries, limit=TRIES)
        return respond(_joined_view(joined))

    @property
    def _tries(self) -> str:
        return f"invitation:{self.user.pk}"

    def _count_try(self) -> None:
        if wait := limits.take(name=self._tries, limit=TRIES, now=self.now):
            raise Problem(
                429,
                "too_many_attempts",
                "There were too many codes that do not work. Wait, and ask for a new one.",
                headers={"Retry-After": str(math.ceil(wait))},
            )


class Invitations(TherapistDoor):
    @describe(
        "Invite a patient into one's care",
        request=InvitationRequest,
        response=InvitationView,
        status=(201,),
        errors=(401, 403),
        tags=("invitations",),
    )
    def post(self, _request: Request) -> HttpResponse:
        clinic = self.clinic_named(self.body(InvitationRequest).clinic)
        invitation, code = services.invite(clinic=clinic, therapist=self.user, now=self.now)
        view = InvitationView(
            id=invitation.pk,
            code=code,
            clinic=clinic_view(clinic),
            expires_at=invitation.expires_at,
        )
        return respond(view, status=201)


def _joined_view(joined: joining.Joined) -> JoinedView:
    return JoinedView(
        clinic=clinic_view(joined.clinic),
        role=joined.role,  # type: ignore[arg-type]  # the choices of the column are these words
        since=joined.since,
        therapist=joined.therapist.name if joined.therapist else UNSET,
    )
