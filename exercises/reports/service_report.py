"""How a clinic's service is used, month by month, in counts in which nobody can be found (pure).

A cohort is the patients whose first care at the clinic began in one month. Counts under five, and
counts that would give such a one away by what is left of their base, are hidden (`Count.shown` is
None). Sums over all months are rounded to fives where one of their months is hidden.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

UNSAID = "unknown"
Stop = Literal["patient", "clinic", "system"]

SMALLEST = 5
# Proposed, after NICE HTE16's "engagement at 30 days": a report in the week before day 30.
ACTIVE_AFTER_DAYS = 30
ACTIVE_WINDOW_DAYS = 7


@dataclass(frozen=True)
class Enrolment:
    """One patient at the clinic, by nothing but dates and states.

    `month` is the first day of the month in which her care began; `reported_near_day_30` None where
    that day is still to come, she had no plan or does not share her diary; `stopped` says by whom
    all care at the clinic was ended, None while it lasts; `reason` is the code that was given for it.
    """

    month: date
    started: bool
    reported_near_day_30: bool | None
    stopped: Stop | None
    reason: str = UNSAID


@dataclass(frozen=True)
class Count:
    """A count that may be shown, of `base`; `shown` is None where it is hidden, `is_rounded` where
    it is given in fives."""

    shown: int | None
    is_rounded: bool = False


@dataclass(frozen=True)
class Cohort:
    """One month, or all of them (`month` None). `due` counts those of whom it is known whether they
    were active at 30 days."""

    month: date | None
    enrolled: Count
    started: Count
    due: Count
    active: Count
    stopped_by_patient: Count
    stopped_by_clinic: Count
    stopped_by_system: Count


@dataclass(frozen=True)
class _Raw:
    enrolled: int
    started: int
    due: int
    active: int
    by: tuple[int, int, int]


def service_report(rows: Iterable[Enrolment]) -> tuple[tuple[Cohort, ...], Cohort]:
    """The cohorts, the latest first, and all of them together."""
    by_month: dict[date, list[Enrolment]] = {}
    for row in rows:
        by_month.setdefault(row.month, []).append(row)
    raw = {month: _counted(found) for month, found in by_month.items()}
    months = tuple(_cohort(month, raw[month]) for month in sorted(raw, reverse=True))
    everybody = _counted([row for found in by_month.values() for row in found])
    return months, _total(everybody, months)


def reasons_of(rows: Iterable[Enrolment], codes: Iterable[str]) -> dict[str, Count]:
    """How often each of `codes` was the reason why all care had ended, over all months. Where one
    count is hidden the others are told in fives, so that none is what is left; of fewer than five
    people nothing is told."""
    found = Counter(row.reason for row in rows if row.stopped is not None)
    number = found.total()
    if 0 < number < SMALLEST:
        return dict.fromkeys(codes, Count(None))
    counts = {code: _count(found[code], number) for code in codes}
    if all(count.shown is not None for count in counts.values()):
        return counts
    return {code: _in_fives(count) for code, count in counts.items()}


def _counted(rows: Sequence[Enrolment]) -> _Raw:
    known = [row for row in rows if row.reported_near_day_30 is not None]
    stops: tuple[Stop, Stop, Stop] = ("patient", "clinic", "system")
    patient, clinic, system = (sum(row.stopped == by for row in rows) for by in stops)
    return _Raw(
        enrolled=len(rows),
        started=sum(row.started for row in rows),
        due=len(known),
        active=sum(bool(row.reported_near_day_30) for row in known),
        by=(patient, clinic, system),
    )


def _cohort(month: date | None, raw: _Raw) -> Cohort:
    patient, clinic, system = (_count(one, raw.enrolled) for one in raw.by)
    return Cohort(
        month=month,
        enrolled=_count(raw.enrolled),
        started=_count(raw.started, raw.enrolled),
        due=_count(raw.due, raw.enrolled),
        active=_count(raw.active, raw.due),
        stopped_by_patient=patient,
        stopped_by_clinic=clinic,
        stopped_by_system=system,
    )


COLUMNS = (
    "enrolled",
    "started",
    "due",
    "active",
    "stopped_by_patient",
    "stopped_by_clinic",
    "stopped_by_system",
)


def _total(everybody: _Raw, months: Sequence[Cohort]) -> Cohort:
    exact = _cohort(None, everybody)
    return Cohort(
        month=None,
        **{name: _blurred(getattr(exact, name), name, months) for name in COLUMNS},
    )


def _blurred(count: Count, name: str, months: Sequence[Cohort]) -> Count:
    hidden = any(getattr(month, name).shown is None for month in months)
    if count.shown is None or not hidden:
        return count
    return _in_fives(count)


def _in_fives(count: Count) -> Count:
    if not count.shown:
        return count
    return Count(SMALLEST * round(count.shown / SMALLEST), is_rounded=True)


def _count(number: int, base: int | None = None) -> Count:
    is_small = 0 < number < SMALLEST
    gives_away = base is not None and 0 < base - number < SMALLEST
    return Count(None if is_small or gives_away else number)
