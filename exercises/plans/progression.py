"""How a dose follows the sessions that it was done in (pure): less after a bad night, more after good
sessions, nothing until a therapist has looked when it went wrong twice (specification 3.3, X06).

Nothing of it is stored: the same prescription and sessions give the same dose. The numbers are the
catalogue's (`Monitoring`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from typing import Any, Literal

from exercises.catalog.shapes import Monitoring

Because = Literal["removed", "halved", "progressed", ""]
Dose = Mapping[str, Any]

# What is halved: the first of these that the dose has.
_HALVED = ("reps", "minutes", "hold_s", "sets")
# In the first phase nothing is added: it is there for pain to settle.
_GROWING_PHASES = frozenset({"rehab", "long_term"})


@dataclass(frozen=True)
class Borne:
    """How one exercise was borne in one session: the worst pain during it (0-10), the change by the
    next morning, and whether it was stopped for pain. None is not reported."""

    local_date: date
    pain_during: int | None = None
    next_morning: int | None = None
    stopped_for_pain: bool = False

    def was_too_much(self, limits: Monitoring) -> bool:
        """Whether the next morning was clearly worse."""
        return self.next_morning is not None and self.next_morning >= limits.next_morning_rise

    def was_easy(self, limits: Monitoring) -> bool:
        """Whether it is known to have been borne well."""
        return (
            self.pain_during is not None
            and self.pain_during <= limits.progress_pain_max
            and not self.stopped_for_pain
            and not self.was_too_much(limits)
        )


@dataclass(frozen=True)
class Adjusted:
    """The dose to do now, and why it is not the one prescribed ("" where it is). A removed
    exercise keeps its dose for the therapist to see, and is not to be offered."""

    dose: dict[str, Any]
    because: Because

    @property
    def is_removed(self) -> bool:
        """Whether it is not to be done until a therapist has looked."""
        return self.because == "removed"


@dataclass(frozen=True)
class Course:
    """What the sessions of an exercise come to: steps taken, easy sessions since the last of them,
    the days after which the next morning was clearly worse, and whether the last session's was."""

    steps: int = 0
    easy: int = 0
    bad_days: tuple[date, ...] = ()
    was_too_much: bool = False


def course_of(
    history: Iterable[Borne],
    *,
    since: date,
    reviewed_on: date | None = None,
    limits: Monitoring,
    before: Course | None = None,
) -> Course:
    """The course of an exercise after `history`, its sessions oldest first, which came after those
    that `before` stands for.

    Steps count from `since`, when this dose was prescribed; a removal stands until `reviewed_on`, a
    therapist's look at the exercise: what was before that day no longer counts against it.
    """
    start = before or Course()
    steps, easy, bad_days, too_much = start.steps, start.easy, {*start.bad_days}, start.was_too_much
    for item in history:
        if reviewed_on is not None and item.local_date < reviewed_on:
            continue
        too_much = item.was_too_much(limits)
        if too_much:
            bad_days.add(item.local_date)
        if item.local_date >= since:
            easy = easy + 1 if item.was_easy(limits) else 0
        if easy == limits.sessions_before_progress:
            steps, easy = steps + 1, 0
    return Course(steps, easy, tuple(sorted(bad_days)), too_much)


def adjusted(
    dose: Dose,
    history: Sequence[Borne],
    *,
    phase: str,
    since: date,
    reviewed_on: date | None = None,
    limits: Monitoring,
) -> Adjusted:
    """The dose of an exercise after `history`, its sessions oldest first (see `course_of`)."""
    course = course_of(history, since=since, reviewed_on=reviewed_on, limits=limits)
    return dose_after(dose, course, phase=phase, limits=limits)


def dose_after(dose: Dose, course: Course, *, phase: str, limits: Monitoring) -> Adjusted:
    """The dose of an exercise whose sessions came to `course`."""
    if _removed_after(course.bad_days, limits) is not None:
        return Adjusted(dict(dose), "removed")
    grown = progressed(dose, course.steps, limits) if phase in _GROWING_PHASES else dict(dose)
    if course.was_too_much:
        return Adjusted(halved(grown, limits), "halved")
    return Adjusted(grown, "progressed" if grown != dict(dose) else "")


def removed_on(history: Sequence[Borne], limits: Monitoring) -> date | None:
    """The day on which it had been too much often enough within a week; None while it has not."""
    return _removed_after(
        sorted({item.local_date for item in history if item.was_too_much(limits)}), limits
    )


def _removed_after(days: Sequence[date], limits: Monitoring) -> date | None:
    within = timedelta(days=limits.rises_window_days)
    again = days[limits.rises_before_removal - 1 :]
    return next(
        (later for day, later in zip(days, again, strict=False) if later - day < within), None
    )


def halved(dose: Dose, limits: Monitoring) -> dict[str, Any]:
    """Half of `dose`, rounded up, never nothing."""
    factor = Fraction(str(limits.rise_factor))
    for name in _HALVED:
        if dose.get(name):
            amount = dose[name]
            half = {bound: max(1, ceil(amount[bound] * factor)) for bound in ("min", "max")}
            return {**dose, name: half}
    return dict(dose)


def progressed(dose: Dose, steps: int, limits: Monitoring) -> dict[str, Any]:
    """`dose` after so many steps: more repetitions, then one more set, then a longer hold. What a
    dose does not have does not grow, and load is for a therapist to add."""
    grown, left = dict(dose), steps
    if dose.get("reps"):
        taken = min(left, limits.reps_steps_max)
        grown["reps"], left = _more(dose["reps"], taken * limits.reps_step), left - taken
    if dose.get("sets"):
        taken = min(left, 1, max(0, limits.sets_max - dose["sets"]["min"]))
        grown["sets"], left = _more(dose["sets"], taken), left - taken
    if dose.get("hold_s"):
        taken = min(left, limits.hold_steps_max)
        grown["hold_s"] = _more(dose["hold_s"], taken * limits.hold_step_s)
    return grown


def _more(amount: Mapping[str, int], by: int) -> dict[str, int]:
    least = amount["min"] + by
    return {"min": least, "max": max(least, amount["max"])}
