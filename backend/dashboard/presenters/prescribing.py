"""One prescription before it is changed: the form, what stands against it, the next 14 days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.dashboard.prescription_form import OVERRIDE, choice_of
from backend.dashboard.presenters.plan_order import Typed
from backend.dashboard.presenters.plan_preview import PreviewTable
from backend.dashboard.presenters.plans import (
    PHASES,
    dose_text,
    exercise_name,
    prescribed_name,
    times_text,
)
from exercises.catalog import selectors as catalog
from exercises.catalog.shapes import DoseLimits, Range
from exercises.plans.models import ClinicExercise, Prescription, RecoveryPlan
from exercises.plans.prescribable import AMOUNTS, Refusal
from exercises.plans.template import SLOTS

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
OWN = "Of the clinic"
_LABELS = {
    "sets": "Sets",
    "reps": "Repetitions",
    "hold_s": "Hold, seconds",
    "minutes": "Minutes",
    "knee_angle_deg": "Knee angle, degrees",
}


@dataclass(frozen=True)
class AmountField:
    """One amount of a dose, from and to."""

    name: str
    label: str
    least: str
    most: str
    low: int
    high: int
    error: str


@dataclass(frozen=True)
class Choice:
    """Something to tick."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Against:
    """Something that stands against the exercise; a reason may be typed where she may go past."""

    field: str
    text: str
    may_be_overridden: bool
    why: str
    error: str


@dataclass(frozen=True, kw_only=True)
class PrescribingScreen:
    """The page; `row` is None where an exercise is added. `ends` says that the form that was sent
    is the one that ends the prescription; `look` marks what `preview` shows, `unseen` that the form
    says something else than what was looked at."""

    row: UUID | None
    title: str
    stands: str
    version: int
    plan_version: int
    seen: str
    typed: Typed
    exercises: tuple[tuple[str, tuple[Choice, ...]], ...]
    amounts: tuple[AmountField, ...]
    slots: tuple[Choice, ...]
    weekdays: tuple[Choice, ...]
    ends: bool = False
    against: tuple[Against, ...] = ()
    refused: str = ""
    preview: PreviewTable | None = None
    look: str = ""
    unseen: bool = False
    changes: tuple[str, ...] = ()


def prescribing_screen(
    plan: RecoveryPlan,
    row: Prescription | None,
    *,
    typed: Typed,
    own: Sequence[ClinicExercise],
    now: datetime,
) -> PrescribingScreen:
    """The form with what was `typed`, for the plan and prescription as they stand;
    `own` are the exercises of the patient's clinics."""
    return PrescribingScreen(
        row=row.pk if row else None,
        title=prescription_title(row),
        stands=stands_text(row),
        version=row.version if row else plan.version,
        plan_version=plan.version,
        seen=now.isoformat(),
        typed=typed,
        exercises=exercise_choices(plan, row, own, typed.values.get("exercise", "")),
        amounts=amount_fields(typed),
        slots=slot_choices(typed.values.get("slots", ())),
        weekdays=weekday_choices(typed.values.get("weekdays", ())),
    )


def against_lines(
    refusals: Sequence[Refusal], sent: Mapping[str, str], errors: Mapping[str, str]
) -> tuple[Against, ...]:
    """What stands against the exercise, with the reasons typed so far."""
    return tuple(
        Against(
            field=f"{OVERRIDE}{item.code}",
            text=item.text,
            may_be_overridden=item.may_be_overridden,
            why=sent.get(f"{OVERRIDE}{item.code}", ""),
            error=errors.get(f"{OVERRIDE}{item.code}", ""),
        )
        for item in refusals
    )


def prescription_title(row: Prescription | None) -> str:
    """What the page is called."""
    return f"Change or end: {prescribed_name(row)}" if row else "Add an exercise"


def stands_text(row: Prescription | None) -> str:
    """The prescription as it stands."""
    if row is None:
        return ""
    parts = (dose_text(row.dose), times_text(row.slots, row.weekdays))
    return " · ".join(part for part in parts if part)


def exercise_choices(
    plan: RecoveryPlan, row: Prescription | None, own: Sequence[ClinicExercise], chosen: str
) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    """Every exercise: what the catalogue offers in the plan's phase first, then the rest, then the
    clinic's own, with that of `row` even where it is offered no longer."""
    phase = next(one for one in catalog.phases() if one.id == plan.phase)
    offered = {*phase.exercises, *phase.available}
    groups: dict[str, list[Choice]] = {f"Offered in {PHASES[plan.phase]}": [], "Others": []}
    here, others = groups
    for one in sorted(catalog.exercises(), key=lambda exercise: exercise.name):
        name = here if one.code in offered else others
        groups[name].append(Choice(one.code, one.name, one.code == chosen))
    names = {choice_of(one.exercise, one.pk): _own_name(one.name, one.exercise) for one in own}
    if row is not None and row.variation is not None:
        names.setdefault(choice_of(row.exercise, row.variation), prescribed_name(row))
    groups[OWN] = [Choice(value, name, value == chosen) for value, name in names.items()]
    return tuple((name, tuple(found)) for name, found in groups.items() if found)


def _own_name(name: str, base: str) -> str:
    return f"{name} (based on {exercise_name(base)})"


def first_values(row: Prescription | None) -> dict[str, Any]:
    """What the form says before anything was typed: the prescription as it stands."""
    if row is None:
        return {"slots": [], "weekdays": []}
    dose: Mapping[str, Any] = row.dose
    values: dict[str, Any] = {
        "exercise": choice_of(row.exercise, row.variation),
        "note": dose.get("note") or "",
    }
    for name in AMOUNTS:
        if found := dose.get(name):
            values[f"{name}_min"], values[f"{name}_max"] = str(found["min"]), str(found["max"])
    values["slots"] = [*row.slots]
    values["weekdays"] = [str(day) for day in range(7) if row.weekdays >> day & 1]
    return values


def amount_fields(typed: Typed) -> tuple[AmountField, ...]:
    """The amounts of a dose with their limits."""
    limits: DoseLimits = catalog.dose_limits()
    return tuple(_amount(name, getattr(limits, name), typed) for name in AMOUNTS)


def choices(names: Sequence[tuple[str, str]], chosen: Sequence[str]) -> tuple[Choice, ...]:
    """Things to tick, with those that are."""
    return tuple(Choice(value, label, value in chosen) for value, label in names)


def slot_choices(chosen: Sequence[str]) -> tuple[Choice, ...]:
    """The times of day."""
    return choices([(slot, slot.capitalize()) for slot in SLOTS], chosen)


def weekday_choices(chosen: Sequence[str]) -> tuple[Choice, ...]:
    """The days of the week; 0 is Monday."""
    return choices([(str(day), name) for day, name in enumerate(WEEKDAYS)], chosen)


def _amount(name: str, limit: Range, typed: Typed) -> AmountField:
    return AmountField(
        name=name,
        label=_LABELS[name],
        least=typed.values.get(f"{name}_min", ""),
        most=typed.values.get(f"{name}_max", ""),
        low=limit.min,
        high=limit.max,
        error=typed.errors.get(name, ""),
    )
