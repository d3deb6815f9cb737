"""Reads of plans that are remembered, and can be read together with others."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from msgspec import Struct

from backend.core.compiled import compiled
from exercises.plans.models import (
    Flare,
    FlareEnd,
    Intake,
    PlanOrder,
    PlanPause,
    Prescription,
    RecoveryPlan,
)


@compiled
def intakes_of(patient_id: UUID) -> QuerySet[Intake]:
    """The patient's intake, where there is one."""
    return Intake.objects.filter(patient_id=patient_id)


@compiled
def open_pauses(plan_id: UUID) -> QuerySet[PlanPause]:
    """The pauses of a plan that have not ended, oldest first."""
    return PlanPause.objects.filter(plan_id=plan_id, ended_at=None).order_by("started_at", "id")


@compiled
def running_flares(plan_id: UUID) -> QuerySet[Flare]:
    """The flares of a plan that have not ended."""
    return Flare.objects.filter(plan_id=plan_id, ended_at=None).order_by("id")


@compiled
def pauses_in(plan_id: UUID) -> QuerySet[PlanPause]:
    """All pauses of a plan, oldest first."""
    return PlanPause.objects.filter(plan_id=plan_id).order_by("started_at", "id")


@compiled
def flares_of_plans(plan_ids: Sequence[UUID]) -> QuerySet[Flare]:
    """The flares of these plans that were no mistake, oldest first."""
    rows = Flare.objects.filter(plan__in=plan_ids).exclude(outcome=FlareEnd.WITHDRAWN)
    return rows.order_by("started_on", "id")


class Ordered(Struct, array_like=True, frozen=True):
    """A plan, and when a therapist last ordered anything of it."""

    id: UUID
    ordered_at: datetime | None


@compiled
def last_orders(plan_ids: Sequence[UUID]) -> QuerySet[RecoveryPlan]:
    """These plans, as `Ordered`."""
    latest = PlanOrder.objects.filter(plan=OuterRef("pk")).order_by("-at", "-id").values("at")[:1]
    plans = RecoveryPlan.objects.filter(pk__in=plan_ids).only("pk")
    return plans.annotate(ordered_at=Subquery(latest))


@compiled
def unsteady_flares(plan_id: UUID, after: date) -> QuerySet[Flare]:
    """One that runs, or that led the plan back after the local date `after`."""
    lately = Q(stepped_back=True, started_on__gt=after)
    return Flare.objects.filter(Q(ended_at=None) | lately, plan_id=plan_id)[:1]


@compiled
def prescribed_on(plan_id: UUID, start: date, end: date) -> QuerySet[Prescription]:
    """Those of a plan that stand on some local date of [start, end), by start and id."""
    stands = Q(ends_on=None) | Q(ends_on__gt=start)
    return stood(plan_id).filter(stands, starts_on__lt=end)


def stood(plan_id: UUID) -> QuerySet[Prescription]:
    """The prescriptions of a plan by start and id, less those that ended before they began, which stay
    in the history and are no part of any day."""
    own = Prescription.objects.filter(plan_id=plan_id)
    return own.exclude(ends_on=F("starts_on")).order_by("starts_on", "id")
