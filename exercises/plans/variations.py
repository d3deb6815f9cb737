"""Reads of the clinics' own exercises: for the therapists who write them, and to prescribe them."""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from backend.accounts.access import is_open
from backend.accounts.models import CareRelationship, Membership, Patient, Role, User
from exercises.plans.models import ClinicExercise
from exercises.plans.variation import Variation


def clinic_exercises_for(user: User, now: datetime) -> QuerySet[ClinicExercise]:
    """Those of the clinics where `user` is a therapist, retired ones too; by name."""
    employed = Membership.objects.filter(
        is_open(now), user=user, role=Role.THERAPIST, clinic=OuterRef("clinic")
    )
    return ClinicExercise.objects.filter(Exists(employed)).order_by("name", "pk")


def usable_clinic_exercises_for(user: User, now: datetime) -> QuerySet[ClinicExercise]:
    """Those of them that are not retired."""
    return clinic_exercises_for(user, now).filter(retired_at=None)


def clinic_exercise_for(user: User, own_id: UUID, now: datetime) -> ClinicExercise | None:
    """One of them, retired or not; None for one of another clinic as for one that never was."""
    return clinic_exercises_for(user, now).filter(pk=own_id).first()


def offered_to(patient: Patient, now: datetime) -> QuerySet[ClinicExercise]:
    """What may be prescribed to `patient`: that of the clinics where she is in care, by name."""
    care = CareRelationship.objects.filter(is_open(now), patient=patient, clinic=OuterRef("clinic"))
    return ClinicExercise.objects.filter(Exists(care), retired_at=None).order_by("name", "pk")


def variation_to_prescribe(
    patient: Patient, own_id: UUID, now: datetime
) -> tuple[str, Variation] | None:
    """The exercise on which it is based, and its words; None where it is not offered to her."""
    own = offered_to(patient, now).filter(pk=own_id).first()
    return None if own is None else (own.exercise, words_of(own))


def keep_still(own_id: UUID) -> None:
    """Takes the row of the exercise until the transaction ends, so that an edit waits, and then finds
    the prescription that is being written."""
    list(ClinicExercise.objects.select_for_update(of=("self",)).filter(pk=own_id))


def words_of(own: ClinicExercise) -> Variation:
    """The words of the exercise as it stands."""
    return Variation(
        id=own.pk, version=own.version, name=own.name, steps=tuple(own.steps), note=own.note
    )
