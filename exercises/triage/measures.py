"""What a panel says of pain and exercise, with the numbers behind each value (pure).

A mean comes with the number of days that it stands on, a share with numerator and denominator, and
what is not known is None, never zero.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from exercises.plans.schedule import Occurrence
from exercises.tracking import trends

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class WeekMean:
    """The mean of the daily values of seven days; None where too few were logged for one."""

    mean: Fraction | None
    logged_days: int


@dataclass(frozen=True)
class PainSummary:
    """The latest daily value (0-10, higher of knee and leg) with its date, and two weeks' means:
    the seven days that end today, and the seven before."""

    latest: Fraction | None
    latest_on: date | None
    week: WeekMean
    previous_week: WeekMean

    @property
    def change(self) -> Fraction | None:
        """Points up (worse) or down since the week before; None unless both have a mean."""
        if self.week.mean is None or self.previous_week.mean is None:
            return None
        return self.week.mean - self.previous_week.mean


@dataclass(frozen=True)
class Adherence:
    """What became of the occurrences of some days. `due` counts those that could have been done by
    now and of which something is known: what today still asks for, what a pause covered, and what
    a phone has not told yet (`not_synced`) are left out."""

    done: int
    partial: int
    due: int
    paused: int
    not_synced: int


@dataclass(frozen=True)
class WeekCounts:
    """How many occurrences came to what, whatever the phone has told by now; `missed` by local
    date, those days alone that have some."""

    done: int
    partial: int
    skipped: int
    paused: int
    missed: tuple[tuple[date, int], ...]


def pain_summary(values: trends.Values, today: date, constants: trends.Constants) -> PainSummary:
    """The summary of daily values on the patient's local date `today`."""
    past = [day for day in values if day <= today]
    latest_on = max(past, default=None)
    return PainSummary(
        latest=Fraction(values[latest_on]) if latest_on else None,
        latest_on=latest_on,
        week=_week(values, today, constants),
        previous_week=_week(values, today - WEEK, constants),
    )


def adherence(occurrences: Iterable[Occurrence], heard_on: date | None) -> Adherence:
    """The share of `occurrences` that was done. `heard_on` is the local date on which the phone last
    synced: whether something was missed on that day or later is not known yet."""
    return adherence_of(week_counts(occurrences), heard_on)


def week_counts(occurrences: Iterable[Occurrence]) -> WeekCounts:
    """What became of `occurrences`, counted."""
    found = [*occurrences]
    counted = Counter(occurrence.state for occurrence in found)
    missed = Counter(item.local_date for item in found if item.state == "missed")
    return WeekCounts(
        done=counted["done"],
        partial=counted["partial"],
        skipped=counted["skipped"],
        paused=counted["paused"],
        missed=tuple(sorted(missed.items())),
    )


def adherence_of(counts: WeekCounts, heard_on: date | None) -> Adherence:
    """The share that `counts` amount to for a phone that last synced on the local date `heard_on`
    (None: never)."""
    known = sum(count for day, count in counts.missed if heard_on is not None and day < heard_on)
    return Adherence(
        done=counts.done,
        partial=counts.partial,
        due=counts.done + counts.partial + counts.skipped + known,
        paused=counts.paused,
        not_synced=sum(count for _, count in counts.missed) - known,
    )


def _week(values: trends.Values, last: date, constants: trends.Constants) -> WeekMean:
    logged = sum(last - WEEK < day <= last for day in values)
    return WeekMean(trends.window_mean(values, last, constants), logged)
