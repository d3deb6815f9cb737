"""What a phase prescribes by default: its exercises less what does not suit the patient (pure)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from exercises.catalog.shapes import Contraindication, Dose, DoseCondition, Exercise, Phase

EVERY_DAY = 0b1111111

# Without anybody beside the patient these effects mean: leave it out. "modify" only changes how.
LEAVE_OUT = frozenset({"exclude", "clinician_first", "supervised_only"})
_SLOTS = {
    1: ("morning",),
    2: ("morning", "evening"),
    3: ("morning", "midday", "evening"),
    4: ("morning", "midday", "afternoon", "evening"),
}
# Every name of a time of day, in its order.
SLOTS = _SLOTS[4]
# The flag under which a conditional dose is not for this patient. Whether extension eases the leg
# ("centralises") only somebody who examines her can say, so the default leaves that dose out.
_RULED_OUT_BY: Mapping[DoseCondition, str | None] = {"no_tingling": "tingling", "centralises": None}


@dataclass(frozen=True)
class Item:
    """One exercise to prescribe, from the local date `starts_on`."""

    exercise: str
    dose: Dose
    slots: tuple[str, ...]
    weekdays: int
    starts_on: date


def default_items(
    phase: Phase,
    *,
    exercises: Mapping[str, Exercise],
    general: Sequence[Contraindication],
    flags: Collection[str],
    plan_start: date,
    on_date: date,
) -> list[Item]:
    """The default prescriptions of `phase` for a patient with `flags` (codes of conditions).

    `general` are the contraindications of every exercise. A dose that begins on a later plan day
    starts then; none starts before `on_date`.
    """
    if is_left_out(general, flags):
        return []
    return [
        Item(
            exercise=code,
            dose=dose,
            slots=slots_of(dose),
            weekdays=weekdays_of(dose, phase),
            starts_on=max(on_date, plan_start + timedelta(days=dose.from_day or 0)),
        )
        for code, dose in _doses(phase, exercises, flags)
    ]


def is_contraindicated(exercise: Exercise, flags: Collection[str]) -> bool:
    """Whether `exercise` is not to be done alone by a patient with `flags`."""
    return is_left_out(exercise.contraindications, flags)


def is_left_out(rules: Sequence[Contraindication], flags: Collection[str]) -> bool:
    """Whether one of `rules` says to leave an exercise out for a patient with `flags`."""
    return any(rule.code in flags and rule.effect in LEAVE_OUT for rule in rules)


def slots_of(dose: Dose) -> tuple[str, ...]:
    """The times of day for the lowest number of times that the dose asks for, in their order."""
    return times_of_day(dose.times_per_day.min if dose.times_per_day else 1)


def times_of_day(count: int) -> tuple[str, ...]:
    """The times of day at which something is done `count` times (1 to 4), in their order."""
    return _SLOTS[min(max(count, 1), max(_SLOTS))]


def weekdays_of(dose: Dose, phase: Phase) -> int:
    """The mask of weekdays for the lowest number of days a week, spread evenly from Monday."""
    if dose.days_per_week:
        return spread(dose.days_per_week.min)
    if dose.times_per_day or dose.every_minutes:
        return EVERY_DAY
    return spread(phase.volume.days_per_week.min)


def spread(days: int) -> int:
    """A mask of `days` weekdays (1 to 7), as far apart as they can be; bit 0 is Monday."""
    return sum(1 << index * 7 // days for index in range(days))


def _doses(
    phase: Phase, exercises: Mapping[str, Exercise], flags: Collection[str]
) -> Iterator[tuple[str, Dose]]:
    for code in phase.exercises:
        dose = exercises[code].dose.in_phase(phase.id)
        if dose is None or dose.optional or not _suits(dose, flags):
            continue
        if not is_contraindicated(exercises[code], flags):
            yield code, dose


def _suits(dose: Dose, flags: Collection[str]) -> bool:
    if dose.condition is None:
        return True
    ruled_out_by = _RULED_OUT_BY[dose.condition]
    return ruled_out_by is not None and ruled_out_by not in flags
