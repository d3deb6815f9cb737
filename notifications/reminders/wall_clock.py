"""When a reminder rings: nominal local dates and wall times, and the instants that they are (pure).

A ring is named by the date on which it is meant. A wall time that a clock change leaves out rings
at the next minute that exists, even where that is after midnight; one that it repeats rings at the
first of the two; a date that a zone leaves out altogether has no ring.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import takewhile

from backend.core.localtime import local_date, local_instant

DAY = timedelta(days=1)
# Within nine days every weekday comes, even where a zone leaves one date out.
FAR = 9
EVERY_DAY = 0b1111111


@dataclass(frozen=True, order=True)
class Ring:
    """One ring: the instant in UTC, the nominal local date, and the name of the time of day.

    Rings are ordered by instant; two that a clock change brings to one instant stay two.
    """

    at: datetime
    day: date
    slot: str


@dataclass(frozen=True, kw_only=True)
class Timetable:
    """When a reminder rings: times of day by slot, on a mask of weekdays (bit 0 is Monday), by the
    clocks of an IANA zone."""

    times: tuple[tuple[str, time], ...]
    weekdays: int = EVERY_DAY
    zone: str = "UTC"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a look at the clock found: the ring to be said, if any is fresh enough; the one after
    it; and whether older ones were passed over."""

    ring: Ring | None
    following: Ring | None
    missed: bool = False


def instant_of(day: date, at: time, zone: str) -> datetime | None:
    """The instant of the wall time `at` on `day` in `zone`; None where there is no such day."""
    instant = local_instant(day, at, zone)
    if local_date(instant, zone) == day:
        return instant
    # Either a gap that ends at midnight or later, or a date that does not exist at all.
    return instant if local_date(local_instant(day, time.min, zone), zone) == day else None


def rings(table: Timetable, first: date, end: date) -> list[Ring]:
    """The rings of the nominal dates [first, end), in order."""
    days = (first + DAY * offset for offset in range((end - first).days))
    return sorted(
        Ring(instant, day, slot)
        for day in days
        if table.weekdays >> day.weekday() & 1
        for slot, at in table.times
        if (instant := instant_of(day, at, table.zone)) is not None
    )


def next_after(table: Timetable, after: datetime) -> Ring | None:
    """The first ring later than the instant `after`."""
    # The day before may still ring: its late evening can lie behind a gap.
    start = local_date(after, table.zone) - DAY
    return _first(ring for ring in _ahead(table, start) if ring.at > after)


def look(table: Timetable, planned: Ring, now: datetime, useful: timedelta) -> Outcome:
    """What to say at `now`, when `planned` (one of the table's) is the next that was not looked at.

    Of all that came since, only the last is said, and only within `useful`: after an outage one
    ring, not a burst of them.
    """
    if planned.at > now:
        return Outcome(ring=None, following=planned)
    start = local_date(max(planned.at, now - useful), table.zone) - DAY
    later = (ring for ring in _ahead(table, start) if ring > planned)
    due = [planned, *takewhile(lambda ring: ring.at <= now, later)]
    latest = max(due)
    fresh = latest if now - latest.at < useful else None
    following = next_after(table, now)
    return Outcome(ring=fresh, following=following, missed=len(due) > 1 or fresh is None)


def _ahead(table: Timetable, start: date) -> Iterator[Ring]:
    # Day by day is in order: a gap moves a late ring to the first minute of the next day at most.
    for offset in range(FAR + 2):
        day = start + DAY * offset
        yield from rings(table, day, day + DAY)


def _first(found: Iterable[Ring]) -> Ring | None:
    return next(iter(found), None)
