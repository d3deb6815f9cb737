"""What a clinic's template may hold: the rules of the catalogue, before any patient is named (pure).

What stands against an exercise for one patient is judged when a template is applied to her plan
(`prescribable.refusals`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exercises.catalog.shapes import DoseLimits, Exercise, Phase, PhaseId
from exercises.plans.prescribable import Wanted, limit_errors, written

MAX_PER_PHASE = 20

Phases = Mapping[PhaseId, Sequence[Wanted]]


@dataclass(frozen=True)
class Flaw:
    """Something that a template may not hold: in which phase, at which item (None: the phase as a
    whole), in which field of it ("" is the item), and why."""

    phase: PhaseId
    item: int | None
    field: str
    code: str
    message: str


def flaws(
    phases: Phases,
    *,
    exercises: Mapping[str, Exercise],
    offered: Mapping[PhaseId, Phase],
    limits: DoseLimits,
) -> Iterator[Flaw]:
    """What is wrong with the template's phases; nothing where it can be kept."""
    for phase, items in phases.items():
        if len(items) > MAX_PER_PHASE:
            yield Flaw(phase, None, "", "too_many", f"At most {MAX_PER_PHASE} exercises a phase.")
        seen: set[str] = set()
        for index, wanted in enumerate(items):
            for field, code, message in _of_item(wanted, offered[phase], exercises, limits):
                yield Flaw(phase, index, field, code, message)
            if wanted.exercise in seen:
                yield Flaw(phase, index, "exercise", "repeated", "It is in this phase already.")
            seen.add(wanted.exercise)


def is_empty(phases: Phases) -> bool:
    """Whether no phase holds an exercise."""
    return not any(phases.values())


def _of_item(
    wanted: Wanted, phase: Phase, exercises: Mapping[str, Exercise], limits: DoseLimits
) -> Iterator[tuple[str, str, str]]:
    exercise = exercises.get(wanted.exercise)
    if exercise is None:
        yield "exercise", "unknown_exercise", "There is no such exercise."
        return
    if exercise.code not in (*phase.exercises, *phase.available):
        yield "exercise", "other_phase", "The catalogue does not offer it in this phase."
    for name, message in limit_errors(wanted.amounts, limits):
        yield f"dose/{name}", "out_of_range", message
    if written(wanted, exercise, phase) is None:
        yield "dose", "dose_required", "Say how much: the catalogue has no dose here."


def as_plain(phases: Phases) -> dict[str, Any]:
    """The phases in plain values, to be kept; those without an exercise are left out."""
    return {
        phase: [_item_as_plain(one) for one in items] for phase, items in phases.items() if items
    }


def from_plain(plain: Mapping[str, Any]) -> dict[PhaseId, tuple[Wanted, ...]]:
    """The phases that `as_plain` made plain."""
    order: tuple[PhaseId, ...] = ("initial", "rehab", "long_term")
    return {phase: tuple(_item(one) for one in plain.get(phase, ())) for phase in order}


def _item_as_plain(wanted: Wanted) -> dict[str, Any]:
    return {
        "exercise": wanted.exercise,
        "amounts": {name: dict(amount) for name, amount in wanted.amounts.items()},
        "note": wanted.note,
        "slots": None if wanted.slots is None else list(wanted.slots),
        "weekdays": wanted.weekdays,
    }


def _item(plain: Mapping[str, Any]) -> Wanted:
    slots = plain["slots"]
    return Wanted(
        exercise=plain["exercise"],
        amounts=plain["amounts"],
        note=plain["note"],
        slots=None if slots is None else tuple(slots),
        weekdays=plain["weekdays"],
    )
