"""What became of each local date: its pain and its exercises, or why nothing is known (pure).

Nothing is ever filled in: a day without a value says whether nothing was due, whether nobody logged
anything, whether the plan rested, or whether the phone has not been heard of since.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

from exercises.plans.schedule import Occurrence
from exercises.tracking import trends

Absence = Literal["nothing_due", "not_logged", "paused", "not_synced"]
DAY = timedelta(days=1)
WEEK_DAYS = 7
SITES = ("knee", "leg", "back")


@dataclass(frozen=True)
class Tally:
    """What became of some occurrences. `open` are still asked for; `missed` are known not to have
    been done, `not_synced` may have been; `paused` a pause of the plan covered."""

    done: int = 0
    partial: int = 0
    skipped: int = 0
    missed: int = 0
    open: int = 0
    paused: int = 0
    not_synced: int = 0

    @property
    def due(self) -> int:
        """How many could have been done by now and are known of: what `done` is a share of."""
        return self.done + self.partial + self.skipped + self.missed

    @property
    def asked(self) -> int:
        """All of them."""
        return self.due + self.open + self.paused + self.not_synced

    @property
    def absence(self) -> Absence | None:
        """Why there is nothing to tell of a day; None where something was done, skipped or is
        still open."""
        if not self.asked:
            return "nothing_due"
        if self.done or self.partial or self.skipped or self.open:
            return None
        if self.missed:
            return "not_logged"
        return "not_synced" if self.not_synced else "paused"


@dataclass(frozen=True)
class Day:
    """One local date: the mean pain of the day by site (0-10), what became of the exercises, the
    phase that it belongs to ("" before a plan) and whether it lies in a flare."""

    day: date
    phase: str
    in_flare: bool
    pain: Mapping[str, Fraction]
    pain_absence: Absence | None
    exercise: Tally

    @property
    def index(self) -> Fraction | None:
        """The pain that trends count: the higher of knee and leg."""
        values = [self.pain[site] for site in trends.INDEX_SITES if site in self.pain]
        return max(values, default=None)


@dataclass(frozen=True)
class Stretch:
    """Up to seven days in a row, the last ones of the history ending it. `mean` is of the days with
    a value (`logged`), None where they are too few for one."""

    first: date
    last: date
    mean: Mapping[str, Fraction]
    index: Fraction | None
    logged: int
    days: int
    exercise: Tally


def tally(occurrences: Iterable[Occurrence], heard_on: date | None) -> Tally:
    """Counts `occurrences`. `heard_on` is the local date on which the phone last synced: whether
    something of that day or later was missed is not known yet."""
    found = Counter(
        "not_synced" if item.state == "missed" and _is_unheard(item, heard_on) else item.state
        for item in occurrences
    )
    return Tally(
        done=found["done"],
        partial=found["partial"],
        skipped=found["skipped"],
        missed=found["missed"],
        open=found["due"],
        paused=found["paused"],
        not_synced=found["not_synced"],
    )


def added(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    total: Counter[str] = Counter()
    for one in tallies:
        total.update(vars(one))
    return Tally(**total)


def known_until(heard_on: date | None, today: date) -> date | None:
    """The last day of whose pain everything is known: a day is, once the phone synced after it;
    today is known as far as it has gone."""
    if heard_on is None:
        return None
    return today if heard_on >= today else heard_on - DAY


def pain_absence(
    day: date, *, plan_start: date | None, known: date | None, is_logged: bool
) -> Absence | None:
    """Why `day` has no pain value; None where it has. Before the plan nobody asked for one."""
    if is_logged:
        return None
    if plan_start is None or day < plan_start:
        return "nothing_due"
    return "not_logged" if known is not None and day <= known else "not_synced"


def stretches(days: Sequence[Day], constants: trends.Constants) -> tuple[Stretch, ...]:
    """`days` in sevens, oldest first; the last stretch ends with the last day, so that the first one
    may be shorter."""
    odd = len(days) % WEEK_DAYS
    starts = [*([0] if odd else []), *range(odd, len(days), WEEK_DAYS)]
    ends = [*starts[1:], len(days)]
    return tuple(
        _stretch(days[first:end], constants) for first, end in zip(starts, ends, strict=True)
    )


def _stretch(days: Sequence[Day], constants: trends.Constants) -> Stretch:
    least = constants.window_min_logged_days
    by_site = {site: [day.pain[site] for day in days if site in day.pain] for site in SITES}
    index = [value for day in days if (value := day.index) is not None]
    return Stretch(
        first=days[0].day,
        last=days[-1].day,
        mean={site: _mean(found) for site, found in by_site.items() if len(found) >= least},
        index=_mean(index) if len(index) >= least else None,
        logged=sum(bool(day.pain) for day in days),
        days=len(days),
        exercise=added(day.exercise for day in days),
    )


def _mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def _is_unheard(item: Occurrence, heard_on: date | None) -> bool:
    return heard_on is None or item.local_date >= heard_on
