"""Local dates and wall times, against a plain search over all minutes of a day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.core.localtime import day_bounds, local_date, local_instant

MINUTE = timedelta(minutes=1)

CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)),  # forward at 02:00
    ("Europe/Berlin", date(2026, 10, 25)),  # back at 03:00
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Africa/Cairo", date(2026, 4, 24)),  # forward at midnight
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # back by half an hour
    ("Pacific/Apia", date(2011, 12, 30)),  # a day that never was
    ("Asia/Tokyo", date(2026, 3, 29)),
    ("Asia/Kathmandu", date(2026, 1, 1)),
]


def by_search(day: date, at: time, zone: str) -> datetime:
    """The first minute whose wall clock shows `at`, or if none does the first that shows more."""
    tz, wall = ZoneInfo(zone), datetime.combine(day, at)
    first = wall.replace(tzinfo=UTC) - timedelta(hours=16)
    minutes = [first + MINUTE * number for number in range(60 * 56)]
    shown = [(m, m.astimezone(tz).replace(tzinfo=None, fold=0)) for m in minutes]
    exact = [m for m, clock in shown if clock == wall]
    return exact[0] if exact else next(m for m, clock in shown if clock > wall)


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_a_wall_time_is_the_instant_that_a_search_over_all_minutes_finds(
    zone: str, day: date
) -> None:
    for minute in range(0, 24 * 60, 15):
        at = time(minute // 60, minute % 60)
        assert local_instant(day, at, zone) == by_search(day, at, zone), at


def test_a_wall_time_that_is_left_out_becomes_the_next_minute_that_exists() -> None:
    instant = local_instant(date(2026, 3, 29), time(2, 30, 15), "Europe/Berlin")

    assert instant == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_a_wall_time_that_is_repeated_is_the_first_of_the_two() -> None:
    instant = local_instant(date(2026, 10, 25), time(2, 30), "Europe/Berlin")

    assert instant == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_days_follow_each_other_without_a_gap(zone: str, day: date) -> None:
    yesterday, today = day_bounds(day - timedelta(days=1), zone), day_bounds(day, zone)

    assert yesterday[1] == today[0] <= today[1]


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 3, 30), 24), (date(2026, 10, 25), 25)]
)
def test_a_day_has_as_many_hours_as_the_clock_change_leaves(day: date, hours: int) -> None:
    start, end = day_bounds(day, "Europe/Berlin")

    assert end - start == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("Asia/Tokyo", date(2026, 5, 5)), ("America/New_York", date(2026, 5, 4))],
)
def test_the_same_instant_has_the_date_of_its_zone(zone: str, expected: date) -> None:
    assert local_date(datetime(2026, 5, 4, 16, 0, tzinfo=UTC), zone) == expected
