"""How much of an exercise and when, as a therapist sends it."""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from backend.core.wire import END, ShortText, Wire
from exercises.plans.prescribable import AMOUNTS, Wanted
from exercises.plans.template import SLOTS
from exercises.plans.wire import DoseRange

Slot = Literal["morning", "midday", "afternoon", "evening"]
Exercise = Annotated[str, Meta(max_length=16, pattern=rf"^[A-Z0-9-]+{END}")]
Slots = Annotated[list[Slot], Meta(min_length=1, max_length=4)]
Weekdays = Annotated[list[Annotated[int, Meta(ge=0, le=6)]], Meta(min_length=1, max_length=7)]


class DoseBody(Wire, frozen=True, kw_only=True):
    """The amounts that are changed; what is absent stays as it was, or as the catalogue serves it."""

    sets: DoseRange | UnsetType = UNSET
    reps: DoseRange | UnsetType = UNSET
    hold_s: DoseRange | UnsetType = UNSET
    minutes: DoseRange | UnsetType = UNSET
    knee_angle_deg: DoseRange | UnsetType = UNSET
    note: ShortText | UnsetType = UNSET


def wanted(
    exercise: str,
    dose: DoseBody,
    *,
    slots: Sequence[str] | None,
    weekdays: Sequence[int] | None,
) -> Wanted:
    """What is asked for, of `exercise`; None is what the catalogue serves."""
    return Wanted(
        exercise=exercise,
        amounts=amounts_of(dose),
        note=None if dose.note is UNSET else dose.note,
        slots=None if slots is None else tuple(slot for slot in SLOTS if slot in slots),
        weekdays=None if weekdays is None else sum(1 << day for day in set(weekdays)),
    )


def amounts_of(dose: DoseBody) -> dict[str, dict[str, int]]:
    """The amounts that are given, by name."""
    given = {name: getattr(dose, name) for name in AMOUNTS}
    return {
        name: {"min": amount.min, "max": amount.max}
        for name, amount in given.items()
        if isinstance(amount, DoseRange)
    }
