"""The only answer to "may X see Y?".

Nothing is cached: a relationship or membership that has ended is gone on the next request.
"""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from backend.accounts.models import CareRelationship, Membership, Patient, Role, User
from backend.core.problems import not_found


def is_open(now: datetime) -> Q:
    """Rows with `started_at` and `ended_at` that hold at `now`; the end is exclusive."""
    return Q(started_at__lte=now) & (Q(ended_at=None) | Q(ended_at__gt=now))


def open_care_of(user: User, now: datetime) -> QuerySet[CareRelationship]:
    """The care relationships that let `user`, as a therapist of that clinic, see a patient."""
    employed = Membership.objects.filter(
        is_open(now), user=user, role=Role.THERAPIST, clinic=OuterRef("clinic")
    )
    return CareRelationship.objects.filter(is_open(now), Exists(employed), therapist=user)


def caseload(user: User, now: datetime) -> QuerySet[Patient]:
    """The patients whom `user` looks after as a therapist."""
    mine = open_care_of(user, now).filter(patient=OuterRef("pk"))
    return Patient.objects.filter(Exists(mine))


def patients_visible_to(user: User | AnonymousUser, now: datetime) -> QuerySet[Patient]:
    """Every patient whose record `user` may see: herself, and those in her open care."""
    if not isinstance(user, User) or not user.is_active:
        return Patient.objects.none()
    mine = open_care_of(user, now).filter(patient=OuterRef("pk"))
    return Patient.objects.filter(Q(user=user) | Q(Exists(mine)))


def patient_for(user: User | AnonymousUser, patient_id: UUID, now: datetime) -> Patient:
    """The patient with her user, or the 404 `Problem` that a missing one gets as well."""
    visible = patients_visible_to(user, now).select_related("user")
    patient = visible.filter(pk=patient_id).first()
    if patient is None:
        raise not_found()
    return patient
