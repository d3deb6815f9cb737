"""Prescriptions as a schedule sees them."""

from datetime import date

from exercises.plans import schedule
from exercises.plans.models import Prescription


def as_prescribed(row: Prescription) -> schedule.Prescribed:
    """The prescription as a schedule sees it."""
    return schedule.Prescribed(
        row.id,
        row.exercise,
        tuple(row.slots),
        row.weekdays,
        row.starts_on,
        row.ends_on,
        breaks_of(row),
    )


def breaks_of(row: Prescription) -> tuple[tuple[date, date], ...]:
    """The spells of local dates, [first, end), on which the prescription gives way to a flare."""
    return tuple((date.fromisoformat(first), date.fromisoformat(end)) for first, end in row.breaks)
