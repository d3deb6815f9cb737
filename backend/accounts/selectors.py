"""Who somebody is: roles, clinics, and those who look after her."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from backend.accounts.access import is_open, leaves, open_care_of
from backend.accounts.models import (
    CareRelationship,
    Clinic,
    Invitation,
    Leave,
    Membership,
    Role,
    User,
)
from backend.core.compiled import compiled


def roles_of(user: User, now: datetime) -> list[str]:
    """ "patient" where `user` has a record, then the roles of her open memberships, each once."""
    held = Membership.objects.filter(is_open(now), user=user).values_list("role", flat=True)
    roles = sorted(set(held))
    return ["patient", *roles] if user.has_role("patient") else roles


def clinics_employing(user: User, now: datetime, role: str = "") -> QuerySet[Clinic]:
    """The clinics where `user` works, in whatever role or in the one named; by name."""
    held = Membership.objects.filter(is_open(now), user=user)
    if role:
        held = held.filter(role=role)
    return Clinic.objects.filter(pk__in=held.values("clinic")).order_by("name", "pk")


@dataclass(frozen=True)
class Workplace:
    """A clinic where somebody works, and as what."""

    clinic: Clinic
    roles: frozenset[str]


def workplaces_of(user: User, now: datetime) -> list[Workplace]:
    """Where `user` works, by the clinic's name; one query."""
    roles: dict[UUID, set[str]] = {}
    clinics: dict[UUID, Clinic] = {}
    for one in _held(user.pk, now):
        clinics[one.clinic_id] = one.clinic
        roles.setdefault(one.clinic_id, set()).add(one.role)
    return [Workplace(clinic, frozenset(roles[key])) for key, clinic in clinics.items()]


@compiled
def _held(user_id: UUID, now: datetime) -> QuerySet[Membership]:
    held = Membership.objects.filter(is_open(now), user_id=user_id).select_related("clinic")
    return held.order_by("clinic__name", "clinic")


def care_of(user: User, now: datetime) -> QuerySet[CareRelationship]:
    """The relationships in which `user` is the patient, oldest first; therapist and clinic read."""
    held = CareRelationship.objects.filter(is_open(now), patient__user=user)
    return held.select_related("clinic", "therapist").order_by("started_at", "pk")


def own_care(therapist: User, patient_id: UUID, now: datetime) -> CareRelationship | None:
    """The open care that `therapist` gives the patient herself, not as a backup."""
    held = open_care_of(therapist, now).filter(therapist=therapist, patient=patient_id)
    return held.select_related("clinic").first()


@dataclass(frozen=True)
class Member:
    """Somebody who works at a clinic, with the number of patients in her care there, and her leave
    where she is away."""

    membership: Membership
    patients: int
    leave: Leave | None


def members_of(clinic: Clinic, now: datetime) -> list[Member]:
    """Everybody who works at `clinic`, by name; three queries."""
    held = Membership.objects.filter(is_open(now), clinic=clinic).select_related("user", "backup")
    care = CareRelationship.objects.filter(clinic=clinic, ended_at=None)
    counted = dict(
        care.order_by().values_list("therapist").annotate(patients=Count("pk", distinct=True))
    )
    away = {leave.membership_id: leave for leave in leaves(now).filter(membership__clinic=clinic)}
    return [
        Member(
            membership=one,
            patients=counted.get(one.user_id, 0) if one.role == Role.THERAPIST else 0,
            leave=away.get(one.pk),
        )
        for one in held.order_by("user__name", "user__email", "role")
    ]


def membership_of(clinic: Clinic, user_id: UUID, role: str, now: datetime) -> Membership | None:
    """The open membership of `user_id` at `clinic` in that role."""
    held = Membership.objects.filter(is_open(now), clinic=clinic, user=user_id, role=role)
    return held.select_related("user", "backup").first()


def colleague(clinic: Clinic, user_id: UUID, now: datetime) -> User | None:
    """Somebody who works at `clinic`, in whatever role."""
    held = Membership.objects.filter(is_open(now), clinic=clinic, user=user_id)
    return User.objects.filter(pk__in=held.values("user")).first()


def leaves_of(clinic: Clinic, now: datetime) -> QuerySet[Leave]:
    """The leaves that are or will be, the first to begin first."""
    to_come = Leave.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=now), membership__clinic=clinic
    )
    with_names = to_come.select_related("membership__user", "membership__backup", "backup")
    return with_names.order_by("started_at", "pk")


def open_invitations(clinic: Clinic, now: datetime) -> QuerySet[Invitation]:
    """The invitations into `clinic` that still work, the newest first."""
    unused = Invitation.objects.filter(clinic=clinic, used_at=None, revoked_at=None)
    return unused.filter(expires_at__gt=now).select_related("therapist").order_by("-created_at")


def invitations_of(therapist: User, now: datetime) -> QuerySet[Invitation]:
    """The invitations into the care of `therapist` that still work, the oldest first."""
    hers = Invitation.objects.filter(therapist=therapist, used_at=None, revoked_at=None)
    return hers.filter(expires_at__gt=now).select_related("clinic").order_by("created_at")
