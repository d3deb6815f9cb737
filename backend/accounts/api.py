"""The door to one's own profile."""

import hashlib
from typing import Annotated
from uuid import UUID

import msgspec
from django.http import HttpResponse
from msgspec import UNSET, Meta, UnsetType
from rest_framework.request import Request

from backend.accounts import services
from backend.accounts.doors import UserDoor
from backend.accounts.models import CareRelationship, Clinic, User
from backend.accounts.selectors import care_of, clinics_employing, roles_of
from backend.core.api import respond
from backend.core.conditional import etag, require_match, stale, unchanged
from backend.core.schema import describe
from backend.core.wire import END, Instant, ShortText, Wire, encode, invalid

TimeZone = Annotated[str, Meta(max_length=64, description="IANA name, such as Europe/Berlin")]
Country = Annotated[str, Meta(pattern=f"^[A-Z]{{2}}{END}", description="ISO 3166-1 alpha-2")]
Language = Annotated[str, Meta(max_length=16, description="BCP 47, such as en or pt-BR")]


class ClinicView(Wire, frozen=True, kw_only=True):
    """A clinic by id and name."""

    id: UUID
    name: str


class CareView(Wire, frozen=True, kw_only=True):
    """Who looks after the patient, where, and since when."""

    id: UUID
    clinic: ClinicView
    therapist: str
    since: Instant


class MeView(Wire, frozen=True, kw_only=True):
    """One's own profile; `care` is filled for patients, `clinics` for those who work at one."""

    id: UUID
    email: str
    name: str
    time_zone: TimeZone
    language: Language
    roles: tuple[str, ...]
    care: tuple[CareView, ...]
    clinics: tuple[ClinicView, ...]
    country: Country | UnsetType = UNSET


class ProfilePatch(Wire, frozen=True, kw_only=True):
    """The fields to change."""

    name: ShortText | UnsetType = UNSET
    time_zone: TimeZone | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    country: Country | UnsetType = UNSET


class Me(UserDoor):
    @describe("One's own profile", response=MeView, errors=(401,), tags=("me",))
    def get(self, request: Request) -> HttpResponse:
        view, tag = self._profile(self.user)
        return unchanged(request, tag) or respond(view, headers={"ETag": tag})

    @describe(
        "Change one's own profile",
        request=ProfilePatch,
        response=MeView,
        errors=(401, 412, 428),
        headers={"If-Match": "the ETag of the profile as it was read"},
        tags=("me",),
    )
    def patch(self, request: Request) -> HttpResponse:
        _, tag = self._profile(self.user)
        require_match(request, tag)
        patch = msgspec.to_builtins(self.body(ProfilePatch))
        try:
            user = services.update_profile(user=self.user, changes=patch, now=self.now)
        except services.ProfileInvalid as error:
            raise invalid(error.errors) from None
        except services.ProfileStale:
            raise stale() from None
        view, tag = self._profile(user)
        return respond(view, headers={"ETag": tag})

    def _profile(self, user: User) -> tuple[MeView, str]:
        view = MeView(
            id=user.pk,
            email=user.email,
            name=user.name,
            time_zone=user.time_zone,
            language=user.language,
            country=user.country or UNSET,
            roles=tuple(roles_of(user, self.now)),
            care=tuple(care_view(care) for care in care_of(user, self.now)),
            clinics=tuple(clinic_view(clinic) for clinic in clinics_employing(user, self.now)),
        )
        return view, etag(user.version, hashlib.sha256(encode(view)).hexdigest()[:16])


def clinic_view(clinic: Clinic) -> ClinicView:
    """A clinic, as it travels."""
    return ClinicView(id=clinic.pk, name=clinic.name)


def care_view(care: CareRelationship) -> CareView:
    """A care relationship, as the patient reads it."""
    return CareView(
        id=care.pk,
        clinic=clinic_view(care.clinic),
        therapist=care.therapist.name,
        since=care.started_at,
    )
