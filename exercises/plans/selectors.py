"""Reads of intakes, plans, pauses and prescriptions."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, cast
from uuid import UUID

from django.db.models import Q, QuerySet

from backend.core.compiled import compiled
from backend.core.localtime import day_bounds, local_date
from exercises.catalog.content import catalog, catalog_in
from exercises.catalog.shapes import PhaseFile, PhaseId
from exercises.catalog.translation import ENGLISH
from exercises.plans import phases, schedule
from exercises.plans.models import (
    Flare,
    FlareEnd,
    Intake,
    PhaseChange,
    PlanOrder,
    PlanPause,
    Prescription,
    PrescriptionOrder,
    RecoveryPlan,
)
from exercises.plans.phases import Evidence, Extension, Gate
from exercises.plans.prescribable import stays
from exercises.plans.prescribed import as_prescribed
from exercises.plans.reads import (
    intakes_of,
    open_pauses,
    pauses_in,
    prescribed_on,
    running_flares,
    stood,
    unsteady_flares,
)
from exercises.plans.template import Item, default_items

PlanState = Literal["active", "paused"]


def intake_of(patient_id: UUID) -> Intake | None:
    """The patient's intake as far as it has come."""
    return intakes_of.first(patient_id)


def open_plan(patient_id: UUID) -> RecoveryPlan | None:
    """The plan that the patient follows now."""
    return open_plan_of.first(patient_id)


def open_plans(patient_ids: Iterable[UUID]) -> QuerySet[RecoveryPlan]:
    """The plans that these patients follow now."""
    return RecoveryPlan.objects.filter(patient__in=list(patient_ids), closed_at=None)


def had_plan(patient_id: UUID) -> bool:
    """Whether the patient has or ever had a plan."""
    return RecoveryPlan.objects.filter(patient_id=patient_id).exists()


def plan_state(plan: RecoveryPlan) -> tuple[PlanState, tuple[str, ...]]:
    """Whether the plan runs or rests now, and the reasons for its rest, oldest first."""
    return state_in(open_pauses(plan.pk))


def state_in(pauses: Iterable[PlanPause]) -> tuple[PlanState, tuple[str, ...]]:
    """The same by a plan's pauses, oldest first."""
    reasons = tuple(pause.reason for pause in pauses if pause.ended_at is None)
    return ("paused" if reasons else "active"), reasons


def plan_day(plan: RecoveryPlan, today: date) -> int:
    """The plan day of the local date `today`; day 0 is the first. Below 0 only for a patient who
    travelled back over the date line on her first day."""
    return (today - plan.start_date).days


def days_in_phase(plan: RecoveryPlan, today: date) -> int:
    """Whole local days since the phase began; 0 on its first."""
    return (today - plan.phase_since).days


def phase_of(plan: RecoveryPlan) -> PhaseId:
    """The plan's phase, as the catalogue names it."""
    return cast(PhaseId, plan.phase)


def is_held(plan: RecoveryPlan, today: date) -> bool:
    """Whether a therapist's hold stands on the local date `today`."""
    return plan.held_at is not None and (plan.held_until is None or today < plan.held_until)


def plan_gate(plan: RecoveryPlan, evidence: Evidence, *, language: str = ENGLISH) -> Gate | None:
    """The gate out of the plan's phase; None in the last phase."""
    return phases.gate(phase_of(plan), evidence, _phase_content(language))


def passes_gate(plan: RecoveryPlan, evidence: Evidence) -> bool:
    """Whether that gate is there and open."""
    return phases.is_passed(phase_of(plan), evidence, _phase_content())


def plan_extension(plan: RecoveryPlan, today: date) -> Extension | None:
    """How far the plan's phase lasts longer than planned; None when it does not."""
    return phases.extension(phase_of(plan), plan_day(plan, today), _phase_content())


def phase_changes(plan: RecoveryPlan) -> QuerySet[PhaseChange]:
    """The plan's history of phases, oldest first."""
    return plan.phase_changes.order_by("at", "id")


def orders_of(plan: RecoveryPlan) -> QuerySet[PlanOrder]:
    """What therapists ordered of the plan, newest first."""
    return plan.orders.select_related("by").order_by("-at", "-id")


def flares_of(plan: RecoveryPlan) -> QuerySet[Flare]:
    """The plan's flares that were no mistake, oldest first."""
    return plan.flares.exclude(outcome=FlareEnd.WITHDRAWN).order_by("started_on", "id")


def running_flare(plan: RecoveryPlan) -> Flare | None:
    """The flare that runs now."""
    return running_flares.first(plan.pk)


def flare_on(plan: RecoveryPlan, day: date) -> Flare | None:
    """The flare to which the local date `day` belongs."""
    return flares_of(plan).filter(started_on__lte=day, ends_on__gt=day).last()


def is_unsteady(plan: RecoveryPlan, today: date) -> bool:
    """Whether a flare runs, or led the plan back by a phase within the window of the gate."""
    return bool(unsteady_flares(plan.pk, steady_since(today)))


def steady_since(today: date) -> date:
    """The local date after which no flare may have led the plan back."""
    return today - timedelta(days=catalog().gate.flares_window_days)


def phase_items(
    plan: RecoveryPlan, phase: PhaseId, on_date: date, flags: Collection[str]
) -> list[Item]:
    """What the catalogue serves in `phase` from `on_date` on, less what is contraindicated."""
    return default_items(
        catalog().phases[phase],
        exercises=catalog().exercises,
        general=catalog().contraindications,
        flags=flags,
        plan_start=plan.start_date,
        on_date=on_date,
    )


def template_items(
    plan: RecoveryPlan, phase: PhaseId, on_date: date, flags: Collection[str]
) -> list[Item]:
    """What the template prescribes in `phase`: what the catalogue serves, less what a therapist took
    away."""
    away = taken_away(plan)
    items = phase_items(plan, phase, on_date, flags)
    return [item for item in items if item.exercise not in away]


def taken_away(plan: RecoveryPlan) -> frozenset[str]:
    """The exercises that a therapist ended, and did not prescribe again."""
    stands: dict[str, bool] = {}
    for order in plan.prescription_orders.select_related("prescription").order_by("at", "id"):
        if order.prescription is not None:
            stands[order.prescription.exercise] = False
        if order.made_id is not None:
            stands[order.exercise] = True
    return frozenset(exercise for exercise, is_there in stands.items() if not is_there)


def staying_rows(plan: RecoveryPlan, phase: PhaseId, on_date: date) -> list[Prescription]:
    """What therapists wrote that stays when the plan enters `phase` on the local date `on_date`."""
    target = catalog().phases[phase]
    back = phases.is_step_back(phase_of(plan), phase)
    rows = standing_prescriptions(plan, on_date).filter(by__isnull=False, flare=None)
    return [row for row in rows if stays(row.exercise, target, is_step_back=back)]


def prescription_orders(plan: RecoveryPlan) -> QuerySet[PrescriptionOrder]:
    """What therapists ordered of single exercises, newest first."""
    return plan.prescription_orders.select_related("by").order_by("-at", "-id")


def pauses_of(plan: RecoveryPlan) -> list[PlanPause]:
    """All pauses of the plan, oldest first."""
    return pauses_in(plan.pk)


def prescriptions_on(plan: RecoveryPlan, start: date, end: date) -> list[Prescription]:
    """The prescriptions that stand on some local date of [start, end), by start and id."""
    return prescribed_on(plan.pk, start, end)


def standing_prescriptions(plan: RecoveryPlan, today: date) -> QuerySet[Prescription]:
    """The prescriptions that stand on the local date `today` or begin later, by start and id."""
    return stood(plan.pk).filter(Q(ends_on=None) | Q(ends_on__gt=today))


def occurrences(
    plan: RecoveryPlan,
    rows: Iterable[Prescription],
    *,
    start: date,
    end: date,
    zone: str,
    now: datetime,
    done: Iterable[schedule.DoneItem] = (),
    pauses: Sequence[PlanPause] | None = None,
) -> list[schedule.Occurrence]:
    """The plan's occurrences on the local dates [start, end) of `zone`, where `rows` are its
    prescriptions of those dates; one query for its `pauses`, unless they were read."""
    today = local_date(now, zone)
    rests = pauses_of(plan) if pauses is None else pauses
    return schedule.occurrences(
        [as_prescribed(row) for row in rows],
        start=start,
        end=end,
        today=today,
        paused=_paused(rests, start=start, end=end, zone=zone, now=now),
        done=done,
    )


def paused_days(
    plan: RecoveryPlan, *, start: date, end: date, zone: str, now: datetime
) -> frozenset[date]:
    """The local dates of [start, end) that count as paused (see `schedule.paused_days`)."""
    return _paused(pauses_of(plan), start=start, end=end, zone=zone, now=now)


def _paused(
    pauses: Iterable[PlanPause], *, start: date, end: date, zone: str, now: datetime
) -> frozenset[date]:
    return schedule.paused_days(
        [schedule.Pause(row.started_at, row.ended_at) for row in pauses],
        start=start,
        end=end,
        today=local_date(now, zone),
        now=now,
        bounds=lambda day: day_bounds(day, zone),
    )


def breaks_from(plan: RecoveryPlan, before: Prescription | None, on_date: date) -> list[list[str]]:
    """The breaks of a prescription that a therapist writes in place of `before` (None: of nothing)
    from `on_date` on: while a flare runs, it rests with those that gave way."""
    today = on_date.isoformat()
    if before is not None:
        return [[max(first, today), end] for first, end in before.breaks if end > today]
    flare = running_flare(plan)
    if flare is None or plan.phase == "initial" or on_date >= flare.ends_on:
        return []
    return [[today, flare.ends_on.isoformat()]]


@compiled
def open_plan_of(patient_id: UUID) -> QuerySet[RecoveryPlan]:
    """The plan that is open, where there is one."""
    return RecoveryPlan.objects.filter(patient_id=patient_id, closed_at=None)


def _phase_content(language: str = ENGLISH) -> PhaseFile:
    content = catalog_in(language)
    return PhaseFile(gate=content.gate, phases=tuple(content.phases.values()))
