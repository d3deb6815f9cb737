"""Prescriptions as a schedule sees them."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from exercises.plans import schedule
from exercises.plans.models import Prescription
from exercises.plans.variation import Variation, from_plain


def as_prescribed(row: Prescription) -> schedule.Prescribed:
    """The prescription as a schedule sees it."""
    return schedule.Prescribed(
        row.id,
        row.exercise,
        tuple(row.slots),
        row.weekdays,
        row.starts_on,
        row.ends_on,
        breaks_of(row.breaks),
    )


def breaks_of(breaks: Iterable[Sequence[str]]) -> tuple[tuple[date, date], ...]:
    """The spells of local dates, [first, end), on which a prescription gives way to a flare."""
    return tuple((date.fromisoformat(first), date.fromisoformat(end)) for first, end in breaks)


def variation_of(row: Prescription) -> Variation | None:
    """The clinic's own way of doing the exercise that the prescription names."""
    return from_plain(row.variation, row.variation_words)


def variation_columns(variation: Variation | None) -> dict[str, Any]:
    """The columns of a prescription that name `variation`."""
    if variation is None:
        return {"variation": None, "variation_words": None}
    return {"variation": variation.id, "variation_words": variation.as_plain()}
