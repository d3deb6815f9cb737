"""Who somebody is: roles, clinics, and those who look after her."""

from datetime import datetime

from django.db.models import QuerySet

from backend.accounts.access import is_open
from backend.accounts.models import CareRelationship, Clinic, Membership, User


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


def care_of(user: User, now: datetime) -> QuerySet[CareRelationship]:
    """The relationships in which `user` is the patient, oldest first; therapist and clinic read."""
    held = CareRelationship.objects.filter(is_open(now), patient__user=user)
    return held.select_related("clinic", "therapist").order_by("started_at", "pk")
