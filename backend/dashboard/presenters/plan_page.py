"""The plan as a therapist works on it: where it stands, what she may order, what was ordered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backend.dashboard.presenters.plans import (
    PHASES,
    PlanLine,
    dose_text,
    exercise_name,
    plan_line,
    prescribed_name,
    times_text,
)
from backend.dashboard.presenters.times import Moment, day_text, long_day, moment
from exercises.plans import selectors as plans
from exercises.plans.models import PlanOrder, Prescription, PrescriptionOrder, RecoveryPlan
from exercises.plans.phases import Gate
from exercises.plans.prescribed import variation_of
from exercises.plans.progression import Adjusted
from exercises.triage.services.plan import HOLDS, Action, refusal, target_of

ORDERS: dict[Action, tuple[str, str]] = {
    "advance": ("Move on", "The next phase begins today with its exercises."),
    "step_back": ("Step back", "The phase before begins again today, and the plan is held there."),
    "hold": ("Hold in this phase", "The gate stays closed, whatever the diary says."),
    "release_hold": ("Release the hold", "The gate decides again."),
    "pause": ("Pause the plan", "No exercise is due until you resume it."),
    "resume": ("Resume the plan", "Exercises are due again from today."),
}
SWAPS = {"add": "Added", "change": "Changed", "swap": "Exchanged", "retire": "Ended"}


@dataclass(frozen=True)
class OrderLine:
    """An order that may be given, or why it may not be now."""

    action: str
    title: str
    explained: str
    refused: str


@dataclass(frozen=True)
class PrescribedLine:
    """A prescription that stands or begins later. `now` is the dose after how sessions were borne,
    where it differs; `own` are the steps and the note of a clinic's own way of doing it."""

    id: UUID
    name: str
    dose: str
    times: str
    starts: str
    now: str
    by: str
    of_flare: bool
    own: tuple[str, ...]


@dataclass(frozen=True)
class GateLine:
    """One line of the way into the next phase."""

    text: str
    met: bool


@dataclass(frozen=True)
class OrderedLine:
    """What somebody ordered once."""

    at: Moment
    what: str
    by: str
    reason: str


@dataclass(frozen=True)
class PlanScreen:
    """The page; without a plan only `line` says so."""

    line: PlanLine
    version: int
    since: str
    hold: str
    target: str
    gate: tuple[GateLine, ...]
    orders: tuple[OrderLine, ...]
    prescribed: tuple[PrescribedLine, ...]
    ordered: tuple[OrderedLine, ...]


def plan_screen(
    plan: RecoveryPlan,
    *,
    gate: Gate | None,
    rows: Sequence[tuple[Prescription, Adjusted]],
    ordered: Sequence[PlanOrder | PrescriptionOrder],
    today: date,
    now: datetime,
    zone: str,
) -> PlanScreen:
    """The page on the patient's local date `today`; instants in the reader's `zone`."""
    return PlanScreen(
        line=line_of(plan, today),
        version=plan.version,
        since=long_day(plan.phase_since),
        hold=hold_text(plan, today),
        target=PHASES.get(gate.target, gate.target) if gate else "",
        gate=tuple(GateLine(line.text, line.met) for line in gate.lines) if gate else (),
        orders=tuple(_orders(plan)),
        prescribed=tuple(_prescribed(row, adjusted, today) for row, adjusted in rows),
        ordered=tuple(ordered_line(order, now, zone) for order in ordered),
    )


def line_of(plan: RecoveryPlan, today: date) -> PlanLine:
    """Phase, day and pause."""
    return plan_line(plan.phase, max(0, plans.plan_day(plan, today)), plans.plan_state(plan)[1])


def hold_text(plan: RecoveryPlan, today: date) -> str:
    """Until when the plan is held, and why; "" where it is not."""
    if not plans.is_held(plan, today):
        return ""
    until = f" until {long_day(plan.held_until)}" if plan.held_until else ""
    return f"Held in this phase{until}: {plan.held_reason or 'no reason given'}"


def ordered_line(order: PlanOrder | PrescriptionOrder, now: datetime, zone: str) -> OrderedLine:
    """An order in words."""
    by = (order.by.name or order.by.email) if order.by else ""
    return OrderedLine(moment(order.at, now, zone), _what(order), by, order.reason)


def title_of(action: Action, plan: RecoveryPlan) -> str:
    """What an order is called for this plan."""
    target = target_of(plan, action, None) if action in ("advance", "step_back") else None
    where = f" to {PHASES[target]}" if target else ""
    return ORDERS[action][0] + where


def _orders(plan: RecoveryPlan) -> Iterator[OrderLine]:
    paused = plans.plan_state(plan)[0] == "paused"
    hidden = {"release_hold" if plan.held_at is None else "hold", "pause" if paused else "resume"}
    if "therapist" not in plans.plan_state(plan)[1]:
        hidden.discard("pause")
    for action, (_, explained) in ORDERS.items():
        if action not in hidden:
            problem = refusal(plan, action, None)
            yield OrderLine(
                action, title_of(action, plan), explained, str(problem) if problem else ""
            )


def _prescribed(row: Prescription, adjusted: Adjusted, today: date) -> PrescribedLine:
    dose, current = dose_text(row.dose), dose_text(adjusted.dose)
    removed = adjusted.because == "removed"
    return PrescribedLine(
        id=row.pk,
        name=prescribed_name(row),
        dose=dose,
        times=times_text(row.slots, row.weekdays),
        starts=f"from {day_text(row.starts_on)}" if row.starts_on > today else "",
        now="not offered until you review it" if removed else (current if current != dose else ""),
        by=(row.by.name or row.by.email) if row.by else "",
        of_flare=row.flare_id is not None,
        own=_own_words(row),
    )


def _own_words(row: Prescription) -> tuple[str, ...]:
    variation = variation_of(row)
    return tuple(filter(None, (*variation.steps, variation.note))) if variation else ()


def _what(order: PlanOrder | PrescriptionOrder) -> str:
    if isinstance(order, PrescriptionOrder):
        done = SWAPS.get(order.action, order.action)
        made = order.made.exercise if order.action == "swap" and order.made else ""
        name = exercise_name(order.prescription.exercise) if made and order.prescription else ""
        if made and name:
            return f"{done}: {name} for {exercise_name(made)}"
        return f"{done}: {exercise_name(order.exercise)}"
    if order.action == "apply":
        return "Applied a template"
    named = ORDERS.get(order.action)  # type: ignore[call-overload]  # a word of an older version
    what = named[0] if named else order.action.replace("_", " ").capitalize()
    where = f" to {PHASES.get(order.to, order.to)}" if order.to else ""
    until = f" until {long_day(order.until)}" if order.until and order.action in HOLDS else ""
    return f"{what}{where}{until}"
