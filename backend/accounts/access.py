"""The only answer to "may X see Y?".

Nothing is cached: a relationship, a membership or a consent that has ended is gone on the next
request. Who somebody's patients are is one question (`patient_for`), whether they share their diary
another (`diary_for`): without it a therapist knows the patient, and of her record only that an
emergency or urgent alert is open.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, OuterRef, Q, QuerySet, UUIDField, Value
from django.db.models.functions import Coalesce

from backend.accounts.consents import granted
from backend.accounts.models import (
    CalledIn,
    CareRelationship,
    Leave,
    Membership,
    Patient,
    Role,
    Scope,
    User,
)
from backend.core.compiled import compiled
from backend.core.problems import Problem, not_found
from backend.core.remembered import Inputs, remembered

STAND_IN = Coalesce("backup", "membership__backup")


def is_open(now: datetime, path: str = "") -> Q:
    """Rows with `started_at` and `ended_at` that hold at `now`; the end is exclusive. `path` leads
    to another row's dates ("membership__")."""
    begun = Q(**{f"{path}started_at__lte": now})
    return begun & (Q(**{f"{path}ended_at": None}) | Q(**{f"{path}ended_at__gt": now}))


def open_care_of(
    user: User, now: datetime, reach: "Reach | None" = None
) -> QuerySet[CareRelationship]:
    """The care relationships that let `user`, as a therapist of that clinic, see a patient: her
    own, those of a colleague on leave whose backup she is, and those to whom an alert called her.
    `reach` is hers at `now`, where it has been asked for already."""
    employed = Membership.objects.filter(
        is_open(now), user=user, role=Role.THERAPIST, clinic=OuterRef("clinic")
    )
    # Named one by one, so that the database finds them by its index of therapists.
    hers = Q(therapist=user)
    reach = reach or reach_of(user, now)
    for therapist, clinic in reach.covers:
        hers |= Q(therapist=therapist, clinic=clinic)
    if reach.called_to:
        hers |= Q(patient__in=reach.called_to)
    return CareRelationship.objects.filter(hers, is_open(now), Exists(employed))


@dataclass(frozen=True)
class Reach:
    """Whom somebody may see beside her own patients: those of the therapists whom she `covers`, as
    (therapist, clinic), and the patients to whom an alert called her."""

    covers: tuple[tuple[UUID, UUID], ...]
    called_to: tuple[UUID, ...]

    @property
    def is_beyond_own(self) -> bool:
        """Whether there is anybody at all."""
        return bool(self.covers or self.called_to)


def reach_of(user: User, now: datetime) -> Reach:
    """The reach of `user` at `now`: one small query, and a second one for whoever is named as a
    backup."""
    rows = _beyond_own(None, {"user": user.pk, "now": now})
    pairs = [(therapist, clinic) for therapist, clinic, whom in rows if whom is None]
    absent_from = _absent_from(user, now) if pairs else set()
    return Reach(
        covers=tuple(pair for pair in pairs if pair[1] not in absent_from),
        called_to=tuple(whom for _, _, whom in rows if whom is not None),
    )


@remembered
def _beyond_own(_shape: None, inputs: Inputs) -> QuerySet[Any, Any]:
    user, now = inputs["user"], inputs["now"]
    nobody = Value(None, output_field=UUIDField())
    named = Q(backup=user) | Q(backup=None, membership__backup=user)
    covered = (
        leaves(now)
        .filter(named)
        .annotate(therapist=F("membership__user"), at=F("membership__clinic"), whom=nobody)
    )
    called = CalledIn.objects.filter(user=user, until__gt=now).annotate(
        therapist=nobody, at=nobody, whom=F("patient")
    )
    columns = ("therapist", "at", "whom")
    return covered.values_list(*columns).union(called.values_list(*columns), all=True)


def _absent_from(user: User, now: datetime) -> set[UUID]:
    away = leaves(now).filter(membership__user=user)
    return set(away.values_list("membership__clinic", flat=True))


def leaves(now: datetime) -> QuerySet[Leave]:
    """The leaves that therapists have at `now`."""
    employed = is_open(now, "membership__") & Q(membership__role=Role.THERAPIST)
    return Leave.objects.filter(is_open(now), employed)


def stand_ins(now: datetime) -> QuerySet[Leave]:
    """The leaves for which somebody stands in at `now` (`STAND_IN`): the backup of the leave, or
    else of the membership, while she is a therapist there and not on leave herself."""
    named = leaves(now).annotate(stand_in=STAND_IN)
    hers = {"user": OuterRef("stand_in"), "clinic": OuterRef("membership__clinic")}
    employed = Membership.objects.filter(
        is_open(now), user__is_active=True, role=Role.THERAPIST, **hers
    )
    away = leaves(now).filter(
        membership__user=OuterRef("stand_in"), membership__clinic=OuterRef("membership__clinic")
    )
    return named.filter(Exists(employed), ~Exists(away))


def caseload(user: User, now: datetime) -> QuerySet[Patient]:
    """The patients whom `user` looks after as a therapist, her own and those she covers."""
    mine = open_care_of(user, now).filter(patient=OuterRef("pk"))
    return Patient.objects.filter(Exists(mine))


def patients_visible_to(user: User | AnonymousUser, now: datetime) -> QuerySet[Patient]:
    """Every patient whom `user` may know of: herself, and those in her open care."""
    if not isinstance(user, User) or not user.is_active:
        return Patient.objects.none()
    return _visible(user, now, reach_of(user, now))


def _visible(user: User, now: datetime, reach: Reach) -> QuerySet[Patient]:
    mine = open_care_of(user, now, reach).filter(patient=OuterRef("pk"))
    return Patient.objects.filter(Q(user=user) | Q(Exists(mine)))


def patient_for(user: User | AnonymousUser, patient_id: UUID, now: datetime) -> Patient:
    """The patient with her user, or the 404 `Problem` that a missing one gets as well."""
    patient = _known_to(user, patient_id, now)
    if patient is None:
        raise not_found()
    return patient


def _known_to(user: User | AnonymousUser, patient_id: UUID, now: datetime) -> Patient | None:
    if not isinstance(user, User) or not user.is_active:
        return None
    reach = reach_of(user, now)
    if not reach.is_beyond_own:
        return _own.first(user.pk, patient_id, now)
    return _visible(user, now, reach).select_related("user").filter(pk=patient_id).first()


@compiled
def _own(user_id: UUID, patient_id: UUID, now: datetime) -> QuerySet[Patient]:
    nobody_else = Reach(covers=(), called_to=())
    visible = _visible(User(pk=user_id), now, nobody_else).filter(pk=patient_id)
    return visible.select_related("user")


def diary_for(user: User | AnonymousUser, patient_id: UUID, now: datetime) -> Patient:
    """The patient with her user, whose diary `user` may see.

    404 as `patient_for`; 403 `diary_not_shared` where she is known and does not share it.
    """
    patient = patient_for(user, patient_id, now)
    if patient.user_id != user.pk and not granted(patient_id, Scope.DIARY, now):
        raise diary_not_shared()
    return patient


def diary_not_shared() -> Problem:
    """The patient is known, and does not share her diary with her care team."""
    return Problem(403, "diary_not_shared", "The patient does not share her diary at present.")
