"""Occurrences: by example, and by properties over generated prescriptions and ranges."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.localtime import day_bounds
from exercises.plans.schedule import (
    Completeness,
    DoneItem,
    Occurrence,
    Pause,
    Prescribed,
    is_due,
    occurrences,
    paused_days,
)

MONDAY = date(2026, 5, 4)
DAY = timedelta(days=1)
EVERY_DAY = 0b1111111
BERLIN = "Europe/Berlin"


def prescribed(
    *, slots: Sequence[str] = ("morning", "evening"), weekdays: int = EVERY_DAY
) -> Prescribed:
    return Prescribed(uuid4(), "EX-01", tuple(slots), weekdays, MONDAY, None)


def done(
    course: Prescribed, slot: str | None, completeness: Completeness = "done", day: date = MONDAY
) -> DoneItem:
    return DoneItem(course.id, day, slot, completeness)


def states(course: Prescribed, items: Sequence[DoneItem], today: date = MONDAY) -> list[str]:
    found = occurrences([course], start=MONDAY, end=MONDAY + DAY, today=today, done=items)
    return [item.state for item in found]


def test_an_occurrence_is_named_by_prescription_date_and_slot() -> None:
    course = prescribed(slots=["morning"])

    found = occurrences([course], start=MONDAY, end=MONDAY + DAY, today=MONDAY)

    assert [item.key for item in found] == [f"{course.id}:2026-05-04:morning"]


def test_only_the_weekdays_of_the_mask_are_due() -> None:
    course = prescribed(slots=["morning"], weekdays=0b0010101)

    found = occurrences([course], start=MONDAY, end=MONDAY + 7 * DAY, today=MONDAY)

    assert [item.local_date for item in found] == [MONDAY, MONDAY + 2 * DAY, MONDAY + 4 * DAY]


def test_a_prescription_is_due_from_its_start_until_the_day_before_its_end() -> None:
    course = Prescribed(uuid4(), "EX-01", ("morning",), EVERY_DAY, MONDAY, MONDAY + 2 * DAY)

    due = [is_due(course, MONDAY + offset * DAY) for offset in (-1, 0, 1, 2)]

    assert due == [False, True, True, False]


@pytest.mark.parametrize(
    ("today", "state"), [(MONDAY - DAY, "due"), (MONDAY, "due"), (MONDAY + DAY, "missed")]
)
def test_what_nobody_did_is_due_until_its_day_is_over(today: date, state: str) -> None:
    assert states(prescribed(slots=["morning"]), [], today) == [state]


@pytest.mark.parametrize("completeness", ["done", "partial", "skipped"])
def test_an_item_with_a_slot_fills_that_slot(completeness: Completeness) -> None:
    course = prescribed()

    assert states(course, [done(course, "evening", completeness)]) == ["due", completeness]


def test_an_item_without_a_slot_fills_the_first_that_is_open() -> None:
    course = prescribed()

    assert states(course, [done(course, None)]) == ["done", "due"]
    assert states(course, [done(course, None), done(course, "morning", "partial")]) == [
        "partial",
        "done",
    ]


def test_an_item_whose_slot_was_never_prescribed_counts_as_one_without() -> None:
    course = prescribed()

    assert states(course, [done(course, "midnight")]) == ["done", "due"]


def test_the_more_complete_of_two_items_for_a_slot_counts() -> None:
    course = prescribed(slots=["morning"])
    partial, full = done(course, "morning", "partial"), done(course, None)

    assert states(course, [partial, full]) == states(course, [full, partial]) == ["done"]


def test_items_of_another_day_or_prescription_fill_nothing() -> None:
    course, other = prescribed(), prescribed()
    items = [done(other, "morning"), done(course, "morning", day=MONDAY + DAY)]

    assert states(course, items) == ["due", "due"]


def test_what_was_done_counts_even_on_a_paused_day() -> None:
    course = prescribed()

    found = occurrences(
        [course],
        start=MONDAY,
        end=MONDAY + DAY,
        today=MONDAY,
        paused={MONDAY},
        done=[done(course, "morning")],
    )

    assert [item.state for item in found] == ["done", "paused"]


def paused(pauses: Sequence[Pause], now: datetime, zone: str = BERLIN) -> list[date]:
    days = paused_days(
        pauses,
        start=MONDAY,
        end=MONDAY + 4 * DAY,
        today=now.date(),
        now=now,
        bounds=lambda day: day_bounds(day, zone),
    )
    return sorted(days)


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def test_a_past_day_is_paused_only_when_all_of_it_was() -> None:
    since_noon = Pause(at(MONDAY, 10), at(MONDAY + 2 * DAY, 10))

    assert paused([since_noon], now=at(MONDAY + 3 * DAY, 12)) == [MONDAY + DAY]


def test_two_pauses_may_cover_a_day_together() -> None:
    begin, middle, end = at(MONDAY - DAY, 10), at(MONDAY, 10), at(MONDAY + DAY, 10)
    handed_over = [Pause(begin, middle), Pause(middle, end)]
    with_a_gap = [Pause(begin, middle), Pause(middle + timedelta(minutes=1), end)]

    assert paused(handed_over, now=at(MONDAY + 3 * DAY, 12)) == [MONDAY]
    assert paused(with_a_gap, now=at(MONDAY + 3 * DAY, 12)) == []


def test_while_a_pause_lasts_today_and_the_days_to_come_are_paused() -> None:
    now = at(MONDAY + DAY, 12)

    assert paused([Pause(at(MONDAY + DAY, 11), None)], now=now) == [
        MONDAY + DAY,
        MONDAY + 2 * DAY,
        MONDAY + 3 * DAY,
    ]


def test_a_pause_that_is_over_leaves_today_due() -> None:
    now = at(MONDAY + DAY, 12)

    assert paused([Pause(at(MONDAY - DAY, 11), now)], now=now) == [MONDAY]


def test_the_long_day_of_a_clock_change_is_paused_only_when_all_25_hours_were() -> None:
    day = date(2026, 10, 25)
    start, end = day_bounds(day, BERLIN)

    def is_paused(until: datetime) -> bool:
        return day in paused_days(
            [Pause(start, until)],
            start=day,
            end=day + DAY,
            today=day + DAY,
            now=end + timedelta(hours=3),
            bounds=lambda local: day_bounds(local, BERLIN),
        )

    assert is_paused(end)
    assert not is_paused(start + timedelta(hours=24))


dates = st.dates(date(2026, 1, 1), date(2027, 1, 31))
slots = st.lists(st.sampled_from(["morning", "midday", "evening"]), min_size=1, unique=True)


@st.composite
def courses(draw: st.DrawFn) -> Prescribed:
    starts_on = draw(dates)
    length = draw(st.none() | st.integers(0, 60))
    return Prescribed(
        draw(st.uuids()),
        "EX-01",
        tuple(draw(slots)),
        draw(st.integers(0, 127)),
        starts_on,
        None if length is None else starts_on + length * DAY,
    )


World = tuple[list[Prescribed], list[date], date, set[date], list[DoneItem]]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Prescriptions, three dates in order, today, paused days and what was done."""
    found = draw(st.lists(courses(), min_size=1, max_size=4, unique_by=lambda item: item.id))
    first = draw(dates)
    cuts = sorted(
        first + offset * DAY
        for offset in draw(st.lists(st.integers(0, 50), min_size=3, max_size=3))
    )
    near = st.integers(0, 50).map(lambda offset: first + offset * DAY)
    ids: st.SearchStrategy[UUID] = st.sampled_from([item.id for item in found])
    items = st.builds(
        DoneItem,
        ids,
        near,
        st.sampled_from([None, "morning", "evening", "night"]),
        st.sampled_from(["done", "partial", "skipped"]),
    )
    return found, cuts, draw(near), draw(st.sets(near)), draw(st.lists(items, max_size=12))


def between(
    world: World,
    start: date,
    end: date,
) -> list[Occurrence]:
    found, _, today, rest, items = world
    return occurrences(found, start=start, end=end, today=today, paused=rest, done=items)


@given(worlds())
def test_the_occurrences_of_adjoining_ranges_are_those_of_the_whole(
    world: World,
) -> None:
    a, b, c = world[1]

    assert between(world, a, b) + between(world, b, c) == between(world, a, c)


@given(worlds())
def test_each_occurrence_has_a_key_of_its_own_and_lies_within_its_prescription(
    world: World,
) -> None:
    by_id = {item.id: item for item in world[0]}
    start, _, end = world[1]
    found = between(world, start, end)

    assert len({item.key for item in found}) == len(found)
    for item in found:
        course = by_id[item.prescription]
        assert start <= item.local_date < end
        assert course.starts_on <= item.local_date
        assert course.ends_on is None or item.local_date < course.ends_on
        assert item.slot in course.slots


@given(worlds())
def test_no_item_is_worth_more_than_one_occurrence(
    world: World,
) -> None:
    start, _, end = world[1]

    filled = [
        item for item in between(world, start, end) if item.state in ("done", "partial", "skipped")
    ]

    assert len(filled) <= len([item for item in world[4] if start <= item.local_date < end])


@pytest.mark.parametrize(
    "zone", [BERLIN, "America/New_York", "Africa/Cairo", "Australia/Lord_Howe"]
)
def test_a_year_with_its_clock_changes_neither_drops_nor_repeats_a_day(zone: str) -> None:
    start, end = date(2026, 1, 1), date(2027, 1, 1)
    course = Prescribed(uuid4(), "EX-20", ("morning",), EVERY_DAY, start, None)
    pause = Pause(day_bounds(start, zone)[0], day_bounds(end, zone)[1])
    rest = paused_days(
        [pause],
        start=start,
        end=end,
        today=end,
        now=pause.started_at,
        bounds=lambda day: day_bounds(day, zone),
    )

    found = occurrences([course], start=start, end=end, today=end, paused=rest)

    assert [item.local_date for item in found] == [start + offset * DAY for offset in range(365)]
    assert {item.state for item in found} == {"paused"}


def test_a_prescription_is_not_due_on_its_breaks() -> None:
    spells = ((MONDAY + DAY, MONDAY + 3 * DAY), (MONDAY + 4 * DAY, MONDAY + 4 * DAY))
    course = Prescribed(uuid4(), "EX-01", ("morning",), EVERY_DAY, MONDAY, None, spells)

    assert [is_due(course, MONDAY + offset * DAY) for offset in range(5)] == [
        True, False, False, True, True,
    ]  # fmt: skip
