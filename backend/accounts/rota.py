"""Who is there: leave, backups, and the therapists who answer for a patient right now."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from backend.accounts.access import STAND_IN, is_open, leaves, stand_ins
from backend.accounts.models import (
    CalledIn,
    CareRelationship,
    Clinic,
    Leave,
    Membership,
    Patient,
    Role,
    User,
)
from backend.core.compiled import compiled

# Long enough to take an alert over and hand it back; who goes on looking after her says so.
CALLED_IN = timedelta(days=7)


def on_leave(user: User, clinic: Clinic, now: datetime) -> bool:
    """Whether `user`, a therapist of `clinic`, is away from it at `now`."""
    return leaves(now).filter(membership__user=user, membership__clinic=clinic).exists()


def backup_of(therapist: User, clinic: Clinic, now: datetime) -> User | None:
    """Who stands in for `therapist` at `clinic`: whom her leave names, or else her membership.

    None while nobody is named, or the one who is has left the clinic, is on leave herself or has
    no active account.
    """
    found = stand_ins(now).filter(membership__user=therapist, membership__clinic=clinic)
    first = found.order_by("started_at", "pk").values(pk=STAND_IN)[:1]
    return User.objects.filter(pk__in=first).first()


def responsible_for(patient: Patient, now: datetime) -> list[User]:
    """The therapists who answer for `patient`: those of her open care, each replaced by her backup
    while she is on leave; one without a backup stays, so that no patient is left alone."""
    return responsible_for_many([patient.pk], now).get(patient.pk, [])


def responsible_for_many(patient_ids: Iterable[UUID], now: datetime) -> dict[UUID, list[User]]:
    """The same for many patients, in three queries; one without open care is left out."""
    held = _held(list(patient_ids), now)
    instead = _stand_ins_of({item.therapist_id for item in held}, now)
    found: dict[UUID, dict[UUID, User]] = {}
    for item in held:
        present = instead.get((item.therapist_id, item.clinic_id), item.therapist)
        found.setdefault(item.patient_id, {})[present.pk] = present
    return {patient: list(people.values()) for patient, people in found.items()}


def call_in(pairs: Iterable[tuple[UUID, UUID]], *, now: datetime) -> None:
    """Lets each user of `pairs` (user, patient), to whom an alert is passed on, see the patient for
    a week from `now`, as far as she is a therapist of a clinic that looks after the patient."""
    rows = [
        CalledIn(user_id=user, patient_id=patient, until=now + CALLED_IN)
        for user, patient in sorted(set(pairs))
    ]
    CalledIn.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["user", "patient"], update_fields=["until"]
    )


def _stand_ins_of(therapists: set[UUID], now: datetime) -> dict[tuple[UUID, UUID], User]:
    pairs = {
        (leave.membership.user_id, leave.membership.clinic_id): vars(leave)["stand_in"]
        for leave in _covered(therapists, now)
    }
    people = User.objects.in_bulk(set(pairs.values()))
    return {pair: people[stand_in] for pair, stand_in in pairs.items()}


@compiled
def _held(patients: Collection[UUID], now: datetime) -> QuerySet[CareRelationship]:
    employed = Membership.objects.filter(
        is_open(now), user=OuterRef("therapist"), role=Role.THERAPIST, clinic=OuterRef("clinic")
    )
    care = CareRelationship.objects.filter(
        is_open(now), Exists(employed), patient__in=patients, therapist__is_active=True
    )
    return care.select_related("therapist").order_by("started_at", "pk")


@compiled
def _covered(therapists: Collection[UUID], now: datetime) -> QuerySet[Leave]:
    rows = stand_ins(now).filter(membership__user__in=therapists)
    return rows.select_related("membership").order_by("-started_at", "-pk")
