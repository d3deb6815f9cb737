"""Phases, pauses and doses in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exercises.catalog import selectors as catalog
from exercises.plans.models import Prescription
from exercises.plans.prescribed import variation_of

PHASES = {"initial": "Initial", "rehab": "Rehabilitation", "long_term": "Long-term"}
PAUSES = {
    "alert": "an open alert that needs action the same day or at once",
    "out_of_scope": "the intake: a clinician has to agree to exercises first",
    "therapist": "a therapist paused it",
}
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EVERY_DAY = 0b1111111
TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True)
class PlanLine:
    """Where a patient stands in the plan."""

    phase: str
    day: str
    is_paused: bool
    why_paused: str


def plan_line(phase: str | None, day: int | None, pauses: Sequence[str]) -> PlanLine:
    """Phase, day and pause; a patient without a plan has not finished the intake."""
    if phase is None:
        return PlanLine("No plan yet", "", is_paused=False, why_paused="")
    why = "; ".join(PAUSES.get(reason, reason) for reason in pauses)
    return PlanLine(PHASES.get(phase, phase), f"day {day}", bool(pauses), why)


def exercise_name(code: str) -> str:
    """The name of an exercise; the code of one that is no longer offered."""
    try:
        return catalog.exercise(code).name
    except KeyError:
        return code


def prescribed_name(row: Prescription) -> str:
    """What a prescription is called: a clinic's own way of doing an exercise names that too."""
    base, variation = exercise_name(row.exercise), variation_of(row)
    return f"{variation.name} (based on {base})" if variation else base


def dose_text(dose: Mapping[str, Any]) -> str:
    """A stored dose: so many sets of so many repetitions, how long to hold, on each side or not."""
    parts = [_amount(dose)]
    if hold := _span(dose, "hold_s"):
        parts.append(f"hold {hold} s")
    if breaths := dose.get("hold_breaths"):
        parts.append(f"hold {breaths} breaths")
    if minutes := _span(dose, "minutes"):
        parts.append(f"{minutes} min")
    if every := _span(dose, "every_minutes"):
        parts.append(f"every {every} min")
    if dose.get("per_side"):
        parts.append("each side")
    return ", ".join(part for part in parts if part)


def times_text(slots: Sequence[str], weekdays: int) -> str:
    """When a prescription is due: "morning and evening, every day"."""
    named = [_WEEKDAYS[day] for day in range(7) if weekdays >> day & 1]
    days = "every day" if weekdays == EVERY_DAY else ", ".join(named)
    return f"{_listed(slots)}, {days}" if slots else days


def _amount(dose: Mapping[str, Any]) -> str:
    sets, reps = _span(dose, "sets"), _span(dose, "reps")
    if sets and reps:
        return f"{sets} {TIMES} {reps}"
    if reps:
        return f"{reps} repetitions"
    return f"{sets} sets" if sets and sets != "1" else ""


def _span(dose: Mapping[str, Any], name: str) -> str:
    found = dose.get(name)
    if not found:
        return ""
    low, high = found["min"], found["max"]
    return str(low) if low == high else f"{low} to {high}"


def _listed(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
