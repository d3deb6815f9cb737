from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest

from backend.core.localtime import local_date
from notifications.reminders.wall_clock import (
    DAY,
    Ring,
    Timetable,
    instant_of,
    look,
    next_after,
    rings,
)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
FIRST, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2041, 1, 1, tzinfo=UTC)
# No zone changes its clocks twice within so few days.
STEP = timedelta(days=3)
Transitions = tuple[tuple[datetime, timedelta, timedelta], ...]


def at(hour: int, minute: int = 0, zone: str = "Europe/Berlin", **fields: object) -> Timetable:
    return Timetable(times=(("only", time(hour, minute)),), zone=zone, **fields)  # type: ignore[arg-type]


@cache
def rule_sets() -> dict[Transitions, str]:
    """A zone for each set of clock changes that some zone has in the years 2020 to 2040."""
    found: dict[Transitions, str] = {}
    for name in sorted(available_timezones()):
        found.setdefault(tuple(_transitions(ZoneInfo(name))), name)
    return {changes: name for changes, name in found.items() if changes}


def _transitions(zone: ZoneInfo) -> Iterator[tuple[datetime, timedelta, timedelta]]:
    moment, before = FIRST, _offset(FIRST, zone)
    while moment < END:
        following, after = moment + STEP, _offset(moment + STEP, zone)
        if after != before:
            yield _between(moment, following, zone), before, after
        moment, before = following, after


def _between(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    minutes = range(int((high - low) / MINUTE) + 1)
    before = _offset(low, zone)
    index = bisect_right(minutes, 0, key=lambda m: int(_offset(low + m * MINUTE, zone) != before))
    return low + minutes[index] * MINUTE


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def _times_around(moment: datetime, zone: ZoneInfo) -> set[time]:
    """The wall times that a clock change may put astray: those that it skips or shows twice."""
    around = {moment.astimezone(zone).replace(tzinfo=None) + n * HOUR / 2 for n in range(-6, 7)}
    return {time(0), time(23, 59), *(wall.time() for wall in around)}


def test_the_rule_sets_are_those_of_the_whole_world() -> None:
    names = set(rule_sets().values())

    assert len(names) > 25
    changes = [later - sooner for rules in rule_sets() for _, sooner, later in rules]
    assert {HOUR, -HOUR, HOUR / 2, -HOUR / 2} <= set(changes)


@pytest.mark.parametrize("half", [0, 1])
def test_around_every_clock_change_each_date_rings_exactly_once(half: int) -> None:
    looked_at = 0
    for changes, name in sorted(rule_sets().items(), key=lambda item: item[1])[half::2]:
        zone = ZoneInfo(name)
        for moment, _, _ in changes:
            first = local_date(moment, name) - 2 * DAY
            for wall in _times_around(moment, zone):
                table = Timetable(times=(("only", wall),), zone=name)
                found = rings(table, first, first + 5 * DAY)
                looked_at += 1
                assert [ring.day for ring in found] == [first + n * DAY for n in range(5)], name
                assert [ring.at for ring in found] == sorted(ring.at for ring in found), name
                for ring in found:
                    _rings_rightly(ring, wall, zone)
    assert looked_at > 1_000


def _rings_rightly(ring: Ring, wall: time, zone: ZoneInfo) -> None:
    shown = ring.at.astimezone(zone)
    nominal = datetime.combine(ring.day, wall)
    if shown.replace(tzinfo=None) == nominal:
        assert shown.fold == 0, "of two the first"
        return
    # Not shown at all that day: the first minute after the gap.
    a_minute_before = (ring.at - MINUTE).astimezone(zone).replace(tzinfo=None)
    assert a_minute_before < nominal < shown.replace(tzinfo=None)


@pytest.mark.parametrize(
    "zone",
    ["Europe/Berlin", "America/Nuuk", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu"],
)
def test_ring_after_ring_no_date_of_twenty_years_is_left_out_or_doubled(zone: str) -> None:
    table = at(22, 30, zone)
    moment, last = FIRST, None
    while moment < END:
        ring = next_after(table, moment)
        assert ring is not None
        assert last is None or ring.day == last + DAY
        moment, last = ring.at, ring.day


def test_a_gap_that_ends_at_midnight_moves_the_ring_and_not_its_date() -> None:
    # On 30 March 2024 Nuuk put its clocks on from 23:00 to midnight.
    (ring,) = rings(at(23, 30, "America/Nuuk"), date(2024, 3, 30), date(2024, 3, 31))

    assert ring.day == date(2024, 3, 30)
    assert ring.at == datetime(2024, 3, 31, 1, 0, tzinfo=UTC)
    assert f"{ring.at.astimezone(ZoneInfo('America/Nuuk')):%d %H:%M}" == "31 00:00"


def test_a_date_that_does_not_exist_has_no_ring() -> None:
    table = at(9, 0, "Pacific/Apia")

    found = rings(table, date(2011, 12, 28), date(2012, 1, 2))

    assert date(2011, 12, 30) not in [ring.day for ring in found]
    assert len(found) == 4
    assert instant_of(date(2011, 12, 30), time(0, 0), "Pacific/Apia") is None
    last_of_29 = next(ring for ring in found if ring.day == date(2011, 12, 29))
    following = next_after(table, last_of_29.at)
    assert following is not None
    assert following.day == date(2011, 12, 31)


def test_a_skipped_wall_time_rings_at_the_next_minute_there_is() -> None:
    (ring,) = rings(at(2, 30), date(2026, 3, 29), date(2026, 3, 30))

    assert ring.at == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_a_repeated_wall_time_rings_once_at_the_first() -> None:
    (ring,) = rings(at(2, 30), date(2026, 10, 25), date(2026, 10, 26))

    assert ring.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_two_times_that_a_gap_brings_to_one_instant_stay_two() -> None:
    table = Timetable(times=(("a", time(2, 15)), ("b", time(2, 45))), zone="Europe/Berlin")

    found = rings(table, date(2026, 3, 29), date(2026, 3, 30))

    assert [ring.slot for ring in found] == ["a", "b"]
    assert found[0].at == found[1].at


def test_only_the_chosen_weekdays_ring() -> None:
    table = at(9, weekdays=0b0000101)

    found = rings(table, date(2026, 5, 4), date(2026, 5, 11))

    assert [ring.day for ring in found] == [date(2026, 5, 4), date(2026, 5, 6)]
    following = next_after(table, found[-1].at)
    assert following is not None
    assert following.day == date(2026, 5, 11)


def test_what_is_on_time_is_said_and_the_next_is_planned() -> None:
    table = at(9)
    (planned,) = rings(table, date(2026, 5, 4), date(2026, 5, 5))

    found = look(table, planned, planned.at, 2 * HOUR)

    assert found.ring == planned
    assert found.following is not None
    assert found.following.day == date(2026, 5, 5)
    assert not found.missed


def test_what_is_still_to_come_stays_planned() -> None:
    table = at(9)
    (planned,) = rings(table, date(2026, 5, 4), date(2026, 5, 5))

    found = look(table, planned, planned.at - MINUTE, 2 * HOUR)

    assert (found.ring, found.following, found.missed) == (None, planned, False)


@pytest.mark.parametrize(
    ("late", "said"), [(26 * HOUR, date(2026, 5, 5)), (23 * HOUR, None), (120 * HOUR, None)]
)
def test_after_an_outage_at_most_one_is_said(late: timedelta, said: date | None) -> None:
    table = at(9)
    (planned,) = rings(table, date(2026, 5, 4), date(2026, 5, 5))
    now = planned.at + late - HOUR

    found = look(table, planned, now, 2 * HOUR)

    assert (found.ring.day if found.ring else None) == said
    assert found.missed
    assert found.following is not None
    assert found.following.at > now


def test_of_several_times_missed_only_the_last_is_said() -> None:
    times = tuple(
        (f"{hour}:{minute:02}", time(hour, minute)) for hour in (9, 10) for minute in (0, 30)
    )
    table = Timetable(times=times, zone="Europe/Berlin")
    planned = rings(table, date(2026, 5, 4), date(2026, 5, 5))[0]

    found = look(table, planned, planned.at + timedelta(minutes=95), 2 * HOUR)

    assert found.ring is not None
    assert found.ring.slot == "10:30"
    assert found.missed
