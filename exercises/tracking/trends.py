"""Trends of pain, computed exactly (pure: no database, no clock).

Scores are 0-10. A daily value, a window mean and a baseline are fractions, never rounded, so that a
threshold is met or missed by what was reported and not by how a mean was printed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Annotated

from msgspec import Meta, Struct

DAY = timedelta(days=1)
# 'worst24' is not summarised at all, so it can never enter a trend.
INDEX_SITES = ("knee", "leg")

# Never rounded; whole numbers, which most scores are, may stay ints, which compare ten times as fast.
Exact = int | Fraction

# Where a smaller or a larger number would prompt less, the default is the end of the range: a clinic
# may configure a threshold tighter than the specification, never looser.
Fixed3 = Annotated[int, Meta(ge=3, le=3)]
Fixed7 = Annotated[int, Meta(ge=7, le=7)]


class Constants(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Numbers that trends depend on. Days are local calendar days, points are on the 0-10 scale.

    Sources: improvement M01 and M02; bands M05; the rest is proposed (specification, section 0).
    """

    window_days: Fixed7 = 7
    window_min_logged_days: Fixed3 = 3
    baseline_days: Fixed7 = 7
    baseline_values: Fixed3 = 3
    mcid_points: Annotated[int, Meta(ge=2, le=4)] = 2
    mcid_fraction: Decimal = Decimal("0.3")
    recovered_max: Annotated[int, Meta(ge=1, le=1)] = 1
    recovered_days: Annotated[int, Meta(ge=7, le=14)] = 14
    recovered_min_logs: Annotated[int, Meta(ge=2, le=4)] = 4
    recurrence_from: Annotated[int, Meta(ge=3, le=4)] = 4
    recurrence_within_days: Annotated[int, Meta(ge=7, le=14)] = 7

    def __post_init__(self) -> None:
        """Refuse a fraction that would call less than 30 % an improvement, or more than half."""
        if not Decimal("0.3") <= self.mcid_fraction <= Decimal("0.5"):
            raise ValueError("mcid_fraction must be between 0.3 and 0.5")


@dataclass(frozen=True, slots=True)
class ScoreSum:
    """Sum and number of the scores of one site, kind and local day."""

    total: int
    count: int

    @property
    def mean(self) -> Fraction | None:
        """The exact mean; None without a score."""
        return Fraction(exact_mean(self.total, self.count)) if self.count > 0 else None


@lru_cache(maxsize=4096)
def exact_mean(total: int, count: int) -> Exact:
    """The mean of `count` scores, as an int where it is whole."""
    whole, rest = divmod(total, count)
    return Fraction(total, count) if rest else whole


NOTHING = ScoreSum(0, 0)
# The sums of a day are few: most are of one or two scores.
score_sum = lru_cache(maxsize=4096)(ScoreSum)


@dataclass(frozen=True, slots=True)
class DayPain:
    """One local day's pain: sums by site of the avg24 entries and of the 'now' entries."""

    avg24: dict[str, ScoreSum]
    now: dict[str, ScoreSum]

    def site_value(self, site: str) -> Fraction | None:
        """The mean of the day's avg24 entries of a site, else of its 'now' entries."""
        average = self.avg24.get(site, NOTHING).mean
        return average if average is not None else self.now.get(site, NOTHING).mean


Days = Mapping[date, DayPain]
# The index pain of each day that has one, oldest first.
Values = Mapping[date, Exact]
# Those of [first, last], both included.
ValueSource = Callable[[date, date], Values]


@dataclass(frozen=True, slots=True)
class Course:
    """What a year of daily values says: the dates of recurrences, and whether pain is settled now."""

    recurrences: tuple[date, ...]
    is_recovered: bool


def daily_value(day: DayPain | None) -> Fraction | None:
    """The index pain of a day, max(knee, leg); None when neither was logged."""
    if day is None:
        return None
    values = [value for site in INDEX_SITES if (value := day.site_value(site)) is not None]
    return max(values, default=None)


def daily_values(days: Days) -> dict[date, Fraction]:
    """The index pain of each day that has one, oldest first.

    The clear way: `exercises.tracking.selectors.index_values` finds the same from stored sums, and
    `tests/exercises/tracking/test_diary_days.py` compares the two.
    """
    values = ((local_date, daily_value(days[local_date])) for local_date in sorted(days))
    return {local_date: value for local_date, value in values if value is not None}


def within(values: Values, first: date, last: date) -> Values:
    """The values of [first, last], both included."""
    return {
        local_date: value for local_date, value in values.items() if first <= local_date <= last
    }


def window_mean(values: Values, last: date, constants: Constants) -> Fraction | None:
    """W(last): the mean of the daily values of the seven days that end with `last`.

    None with fewer than three logged days: then no trend is decided.
    """
    logged = [
        value
        for offset in range(constants.window_days)
        if (value := values.get(last - offset * DAY)) is not None
    ]
    if len(logged) < constants.window_min_logged_days:
        return None
    return Fraction(sum(logged), len(logged))


def baseline(
    values: Values,
    start: date,
    constants: Constants,
    *,
    pain_at_start: int | None = None,
) -> Fraction | None:
    """B: the pain at the start of the episode if it was asked, else the mean of the first three
    daily values within the first seven plan days.

    None with fewer than three: one or two days are no measure, and a baseline that is too high
    would hide that somebody is not getting better (hazard HZ-10).
    """
    if pain_at_start is not None:
        return Fraction(pain_at_start)
    dates = (start + offset * DAY for offset in range(constants.baseline_days))
    first = [values[day] for day in dates if day in values][: constants.baseline_values]
    if len(first) < constants.baseline_values:
        return None
    return Fraction(sum(first), len(first))


def has_improved(before: Fraction | None, window: Fraction, constants: Constants) -> bool:
    """Down by two points or by 30 % of the baseline (M01, M02). Unknown baseline: not improved."""
    if before is None:
        return False
    drop = before - window
    if drop >= constants.mcid_points:
        return True
    return before > 0 and drop >= before * _share(constants.mcid_fraction)


@lru_cache
def _share(written: Decimal) -> Fraction:
    return Fraction(written)


def course_of(values: Values, constants: Constants) -> Course:
    """Walks the daily values, oldest first, and notes each recurrence after a recovery.

    Recovered: every logged value at most 1 over at least 14 days (first and last log included) with
    at least 4 logs. Recurrence: then 4 or more on two days within 7. Silence is never recovery.
    """
    walk = _Walk(constants)
    for local_date in sorted(values):
        walk.step(local_date, values[local_date])
    return Course(tuple(walk.recurrences), walk.is_recovered and walk.last_high is None)


class _Walk:
    """The state of `course_of` between two days."""

    def __init__(self, constants: Constants) -> None:
        self.constants = constants
        self.recurrences: list[date] = []
        self.is_recovered = False
        self.last_high: date | None = None
        self.low_since: date | None = None
        self.low_logs = 0

    def step(self, local_date: date, value: Exact) -> None:
        if value > self.constants.recovered_max:
            self.low_since, self.low_logs = None, 0
        elif self._has_settled(local_date):
            self.is_recovered, self.last_high = True, None
        if self.is_recovered and value >= self.constants.recurrence_from:
            self._rise(local_date)

    def _has_settled(self, local_date: date) -> bool:
        self.low_since = self.low_since or local_date
        self.low_logs += 1
        return (
            self.low_logs >= self.constants.recovered_min_logs
            and (local_date - self.low_since).days + 1 >= self.constants.recovered_days
        )

    def _rise(self, local_date: date) -> None:
        within = self.constants.recurrence_within_days
        if self.last_high is not None and (local_date - self.last_high).days < within:
            self.recurrences.append(local_date)
            self.is_recovered, self.last_high = False, None
        else:
            self.last_high = local_date
