"""Instants and dates in words, in the reader's zone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Moment:
    """An instant for a `<time>`: `iso` for machines, the others for people."""

    iso: str
    exact: str
    day: str
    clock: str
    ago: str


def moment(instant: datetime, now: datetime, zone: str) -> Moment:
    """`instant` as the people of the IANA `zone` say it."""
    told = _told(instant, zone)
    return Moment(
        iso=told.iso,
        exact=told.exact,
        day=told.day,
        clock=told.clock,
        ago=_ago(now - instant, told.date, now.astimezone(ZoneInfo(zone)).date()),
    )


@dataclass(frozen=True)
class _Told:
    """What of a moment stays the same, whenever it is told."""

    iso: str
    exact: str
    day: str
    clock: str
    date: date


# A list shows the same instants again and again; to write one out takes longer than to show it.
@lru_cache(maxsize=8192)
def _told(instant: datetime, zone: str) -> _Told:
    local = instant.astimezone(ZoneInfo(zone))
    clock, day = f"{local:%H:%M}", local.date()
    return _Told(
        iso=local.isoformat(timespec="seconds"),
        exact=f"{local:%a} {long_day(day)}, {clock}",
        day=day_text(day),
        clock=clock,
        date=day,
    )


def day_text(day: date) -> str:
    """ "4 May"."""
    return f"{day.day} {day:%b}"


def weekday_text(day: date) -> str:
    """ "Mon 4 May"."""
    return f"{day:%a} {day_text(day)}"


def long_day(day: date) -> str:
    """ "4 May 2026"."""
    return f"{day_text(day)} {day.year}"


def _ago(passed: timedelta, then: date, today: date) -> str:
    if passed < MINUTE:
        return "just now"
    if passed < HOUR:
        return f"{passed // MINUTE} min ago"
    if passed < DAY:
        return f"{passed // HOUR} h ago"
    days = (today - then).days
    return "yesterday" if days == 1 else f"{days} days ago"
