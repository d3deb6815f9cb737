"""How a dose follows the sessions that it was done in (pure): less after a bad night, more after good
sessions, nothing until a therapist has looked when it went wrong twice (specification 3.3, X06).

Nothing of it is stored: the same prescription and sessions give the same dose.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Literal

Because = Literal["removed", "halved", "progressed", ""]
Dose = Mapping[str, Any]

RISE = 2  # points by the next morning; as much as the gate takes for too much
TWICE_WITHIN = timedelta(days=7)
WELL_BORNE = 3  # highest pain during a session that counts as easy (X06)
EASY_SESSIONS = 3  # in a row, for one step (proposed)
# One step more, and how far steps go beyond the prescribed dose (proposed).
REPS_STEP, MOST_REPS_STEPS = 2, 2
MOST_SETS = 3
HOLD_STEP_S, MOST_HOLD_STEPS = 5, 2
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

    @property
    def was_too_much(self) -> bool:
        """Whether the next morning was clearly worse."""
        return self.next_morning is not None and self.next_morning >= RISE

    @property
    def was_easy(self) -> bool:
        """Whether it is known to have been borne well."""
        return (
            self.pain_during is not None
            and self.pain_during <= WELL_BORNE
            and not self.stopped_for_pain
            and not self.was_too_much
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


def adjusted(
    dose: Dose,
    history: Sequence[Borne],
    *,
    phase: str,
    since: date,
    reviewed_on: date | None = None,
) -> Adjusted:
    """The dose of an exercise after `history`, its sessions oldest first.

    Steps count from `since`, when this dose was prescribed; a removal stands until `reviewed_on`, a
    therapist's look at the exercise: what was before that day no longer counts against it.
    """
    considered = [item for item in history if reviewed_on is None or item.local_date >= reviewed_on]
    if is_removed(considered):
        return Adjusted(dict(dose), "removed")
    steps = _steps([item for item in considered if item.local_date >= since])
    grown = progressed(dose, steps) if phase in _GROWING_PHASES else dict(dose)
    if considered and considered[-1].was_too_much:
        return Adjusted(halved(grown), "halved")
    return Adjusted(grown, "progressed" if grown != dict(dose) else "")


def is_removed(history: Sequence[Borne]) -> bool:
    """Whether it was too much on two days of one week."""
    days = sorted({item.local_date for item in history if item.was_too_much})
    return any(later - day < TWICE_WITHIN for day, later in pairwise(days))


def halved(dose: Dose) -> dict[str, Any]:
    """Half of `dose`, rounded up, never nothing."""
    for name in _HALVED:
        if dose.get(name):
            amount = dose[name]
            half = {bound: max(1, -(-amount[bound] // 2)) for bound in ("min", "max")}
            return {**dose, name: half}
    return dict(dose)


def progressed(dose: Dose, steps: int) -> dict[str, Any]:
    """`dose` after so many steps: more repetitions, then one more set, then a longer hold. What a
    dose does not have does not grow, and load is for a therapist to add."""
    grown, left = dict(dose), steps
    if dose.get("reps"):
        taken = min(left, MOST_REPS_STEPS)
        grown["reps"], left = _more(dose["reps"], taken * REPS_STEP), left - taken
    if dose.get("sets"):
        taken = min(left, 1, max(0, MOST_SETS - dose["sets"]["min"]))
        grown["sets"], left = _more(dose["sets"], taken), left - taken
    if dose.get("hold_s"):
        taken = min(left, MOST_HOLD_STEPS)
        grown["hold_s"] = _more(dose["hold_s"], taken * HOLD_STEP_S)
    return grown


def _steps(history: Sequence[Borne]) -> int:
    steps = easy = 0
    for item in history:
        easy = easy + 1 if item.was_easy else 0
        if easy == EASY_SESSIONS:
            steps, easy = steps + 1, 0
    return steps


def _more(amount: Mapping[str, int], by: int) -> dict[str, int]:
    least = amount["min"] + by
    return {"min": least, "max": max(least, amount["max"])}
