"""Which exercise is due when: occurrences are computed from prescriptions, never stored (pure).

All ranges are half-open and all days are local calendar days, so a clock change neither drops nor
repeats an occurrence, and the occurrences of two adjoining ranges are those of the whole.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

Completeness = Literal["done", "partial", "skipped"]
State = Literal["due", "done", "partial", "skipped", "missed", "paused"]
Bounds = Callable[[date], tuple[datetime, datetime]]

DAY = timedelta(days=1)
_RANK: dict[Completeness, int] = {"skipped": 1, "partial": 2, "done": 3}


@dataclass(frozen=True)
class Prescribed:
    """What a schedule needs of a prescription: the slots of a day, a mask of weekdays (bit 0 is
    Monday), the local dates between which it stands (`ends_on` exclusive), and the [first, end)
    spells of them on which it gives way to a flare."""

    id: UUID
    exercise: str
    slots: tuple[str, ...]
    weekdays: int
    starts_on: date
    ends_on: date | None
    breaks: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True)
class DoneItem:
    """An item of a session, as far as it fulfils a prescription on a local date."""

    prescription: UUID
    local_date: date
    slot: str | None
    completeness: Completeness


@dataclass(frozen=True)
class Pause:
    """The plan rested from `started_at` until `ended_at`; None says that it still does."""

    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Occurrence:
    """One time at which a prescription is due."""

    prescription: UUID
    exercise: str
    local_date: date
    slot: str
    state: State

    @property
    def key(self) -> str:
        """The name that phones know it by."""
        return f"{self.prescription}:{self.local_date}:{self.slot}"


def occurrences(
    prescribed: Iterable[Prescribed],
    *,
    start: date,
    end: date,
    today: date,
    paused: Collection[date] = frozenset(),
    done: Iterable[DoneItem] = (),
) -> list[Occurrence]:
    """The occurrences of the local dates [start, end), by date and then in the order given.

    What was done counts even while the plan was paused. A day before `today` without it was missed
    or paused; `today` and later it is due or paused.
    """
    items = _by_day(done)
    courses = list(prescribed)
    return [
        Occurrence(course.id, course.exercise, day, slot, state)
        for day in _days(start, end)
        for course in courses
        if is_due(course, day)
        for slot, state in _states(course, items[course.id, day], _open_state(day, today, paused))
    ]


def is_due(course: Prescribed, day: date) -> bool:
    """Whether the prescription stands on `day`, gives no way then and asks for that weekday."""
    stands = course.starts_on <= day and (course.ends_on is None or day < course.ends_on)
    gives_way = any(first <= day < end for first, end in course.breaks)
    return stands and not gives_way and bool(course.weekdays >> day.weekday() & 1)


def paused_days(
    pauses: Iterable[Pause],
    *,
    start: date,
    end: date,
    today: date,
    now: datetime,
    bounds: Bounds,
) -> frozenset[date]:
    """The local dates of [start, end) on which occurrences count as paused.

    A past day is paused when pauses covered the whole of it, together if need be: on a day that
    was paused in part there was time left to exercise. Today and the days to come are paused while
    a pause covers `now`. `bounds` gives the instants of a local day, half-open.
    """
    spells = _merged(pauses, now)
    if not spells:
        # Nearly always; the instants of days are most of what this costs.
        return frozenset()
    resting = any(since <= now < until for since, until in spells)
    return frozenset(
        day
        for day in _days(start, end)
        if (resting if day >= today else _is_covered(bounds(day), spells))
    )


def _open_state(day: date, today: date, paused: Collection[date]) -> State:
    if day in paused:
        return "paused"
    return "missed" if day < today else "due"


def _states(
    course: Prescribed, items: Sequence[DoneItem], otherwise: State
) -> Iterator[tuple[str, State]]:
    filled = _fill(course.slots, items)
    for slot in course.slots:
        yield slot, filled.get(slot, otherwise)


def _fill(slots: tuple[str, ...], items: Sequence[DoneItem]) -> dict[str, Completeness]:
    # Items that name a slot come first; the others take the first slot that is open, or else the
    # one that was fulfilled least. Of two for one slot the more complete one counts.
    filled: dict[str, Completeness] = {}
    for item in sorted(items, key=lambda item: item.slot not in slots):
        slot = item.slot if item.slot in slots else _least(slots, filled)
        if slot is not None and _rank(item.completeness) > _rank(filled.get(slot)):
            filled[slot] = item.completeness
    return filled


def _least(slots: tuple[str, ...], filled: dict[str, Completeness]) -> str | None:
    return min(slots, key=lambda slot: _rank(filled.get(slot)), default=None)


def _rank(completeness: Completeness | None) -> int:
    return 0 if completeness is None else _RANK[completeness]


def _by_day(done: Iterable[DoneItem]) -> defaultdict[tuple[UUID, date], list[DoneItem]]:
    found: defaultdict[tuple[UUID, date], list[DoneItem]] = defaultdict(list)
    for item in done:
        found[item.prescription, item.local_date].append(item)
    return found


def _merged(pauses: Iterable[Pause], now: datetime) -> list[tuple[datetime, datetime]]:
    far = now + timedelta(days=2)  # beyond every past day, whatever the zone
    spells: list[tuple[datetime, datetime]] = []
    for since, until in sorted((pause.started_at, pause.ended_at or far) for pause in pauses):
        if spells and since <= spells[-1][1]:
            spells[-1] = (spells[-1][0], max(spells[-1][1], until))
        else:
            spells.append((since, until))
    return spells


def _is_covered(
    day: tuple[datetime, datetime], spells: Iterable[tuple[datetime, datetime]]
) -> bool:
    return any(since <= day[0] and day[1] <= until for since, until in spells)


def _days(start: date, end: date) -> Iterator[date]:
    for offset in range((end - start).days):
        yield start + offset * DAY
