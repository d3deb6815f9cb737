"""What a therapist may prescribe of one exercise, and what stands against it (pure).

The catalogue's contraindications hold for her too. Where the source leaves the decision to a
clinician (ask one first, only with somebody beside the patient, cleared after an operation), she
may go past it, and says why; where it says "not", she may not.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from exercises.catalog.shapes import (
    Contraindication,
    Dose,
    DoseLimits,
    Exercise,
    Phase,
    Range,
)
from exercises.plans.template import LEAVE_OUT, slots_of, weekdays_of
from exercises.plans.variation import Variation

AMOUNTS = ("sets", "reps", "hold_s", "minutes", "knee_angle_deg")
OTHER_PHASE = "other_phase"
_FOR_CLINICIANS = frozenset({"clinician_first", "supervised_only"})
_OTHER_PHASE_TEXT = "The catalogue does not offer this exercise in the plan's phase."

Amounts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Refusal:
    """Why an exercise is not to be prescribed: a code, the words of the content, and whether a
    therapist may go past it with a reason."""

    code: str
    text: str
    may_be_overridden: bool


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be prescribed; None is what the catalogue serves in the plan's phase."""

    exercise: str
    amounts: Amounts
    note: str | None = None
    slots: tuple[str, ...] | None = None
    weekdays: int | None = None


@dataclass(frozen=True)
class Written:
    """A prescription's content, complete: `dose` as a catalogue dose in plain values, `variation` a
    clinic's way of doing the exercise."""

    dose: dict[str, Any]
    slots: tuple[str, ...]
    weekdays: int
    variation: Variation | None = None


def refusals(
    exercise: Exercise,
    *,
    general: Sequence[Contraindication],
    flags: Collection[str],
    phase: Phase,
) -> tuple[Refusal, ...]:
    """What stands against `exercise` for a patient with `flags` (codes of conditions) in `phase`."""
    against = [
        Refusal(item.code, item.text, _may_be_overridden(item))
        for item in (*general, *exercise.contraindications)
        if item.code in flags and item.effect in LEAVE_OUT
    ]
    if exercise.code not in (*phase.exercises, *phase.available):
        against.append(Refusal(OTHER_PHASE, _OTHER_PHASE_TEXT, may_be_overridden=True))
    return tuple(against)


def limit_errors(amounts: Amounts, limits: DoseLimits) -> Iterator[tuple[str, str]]:
    """The amounts outside their limits or running backwards: name, and what is allowed."""
    for name, amount in amounts.items():
        least, most = amount["min"], amount["max"]
        allowed: Range = getattr(limits, name)
        if least > most:
            yield name, "`min` is above `max`."
        elif least < allowed.min or most > allowed.max:
            yield name, f"From {allowed.min} to {allowed.max}."


def written(
    wanted: Wanted, exercise: Exercise, phase: Phase, before: Written | None = None
) -> Written | None:
    """The whole prescription that `wanted` makes of the dose in `phase`, or of the prescription
    `before` it; None where neither says how much, and `wanted` does not either."""
    base = before or _served(exercise, phase)
    amounts = {name: dict(amount) for name, amount in wanted.amounts.items()}
    if base is None and not amounts.keys() & {"reps", "minutes"}:
        return None
    start = base or Written(_as_plain(Dose()), ("morning",), weekdays_of(Dose(), phase))
    slots = start.slots if wanted.slots is None else wanted.slots
    weekdays = start.weekdays if wanted.weekdays is None else wanted.weekdays
    dose = start.dose | amounts
    if wanted.note is not None:
        dose["note"] = wanted.note
    # What is written is due as it is written: the catalogue's count of times would contradict it.
    if wanted.slots is not None:
        dose["times_per_day"] = {"min": len(slots), "max": len(slots)}
    if wanted.weekdays is not None:
        days = weekdays.bit_count()
        dose["days_per_week"] = {"min": days, "max": days}
    return Written(dose, slots, weekdays, start.variation)


def stays(exercise: str, target: Phase, *, is_step_back: bool) -> bool:
    """Whether what a therapist wrote of `exercise` stays when the plan enters `target`: her word
    goes before the template, but a step back is there to do less."""
    return not is_step_back and exercise in (*target.exercises, *target.available)


def _served(exercise: Exercise, phase: Phase) -> Written | None:
    dose = exercise.dose.in_phase(phase.id)
    if dose is None:
        return None
    plain = _as_plain(dose)
    # Optional and conditional doses wait for a therapist; here she is.
    plain |= {"optional": False, "condition": None, "from_day": None}
    return Written(plain, slots_of(dose), weekdays_of(dose, phase))


def _may_be_overridden(item: Contraindication) -> bool:
    return item.clinician_may_allow or item.effect in _FOR_CLINICIANS


def _as_plain(dose: Dose) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(dose)
    return plain
