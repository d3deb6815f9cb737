"""What became of each day, and why nothing is known of others."""

from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from exercises.plans.schedule import Occurrence, State
from exercises.tracking.trends import Constants
from exercises.triage.history.days import (
    DAY,
    Day,
    Tally,
    added,
    known_until,
    pain_absence,
    stretches,
    tally,
)

TODAY = date(2026, 5, 4)
STATES: tuple[State, ...] = ("due", "done", "partial", "skipped", "missed", "paused")


def one(state: State, day: date = TODAY) -> Occurrence:
    return Occurrence(UUID(int=1), "EX-01", day, "morning", state)


def logged(offset: int, **pain: int) -> Day:
    values = {site: Fraction(value) for site, value in pain.items()}
    return Day(TODAY - offset * DAY, "initial", False, values, None, Tally())


@given(st.lists(st.sampled_from(STATES)), st.booleans())
def test_every_occurrence_is_counted_once(states: list[State], is_heard: bool) -> None:
    found = tally(map(one, states), TODAY + DAY if is_heard else None)
    assert found.asked == len(states)
    assert found.done <= found.due <= found.asked
    assert is_heard or found.missed == 0


def test_what_a_phone_has_not_told_is_never_held_against_the_patient() -> None:
    yesterday, heard_on = TODAY - DAY, TODAY - DAY
    assert tally([one("missed", yesterday)], heard_on).not_synced == 1
    assert tally([one("missed", yesterday - DAY)], heard_on).missed == 1


def test_each_absence_has_its_own_reason() -> None:
    heard = TODAY + DAY
    assert tally([], heard).absence == "nothing_due"
    assert tally([one("missed")], heard).absence == "not_logged"
    assert tally([one("paused")], heard).absence == "paused"
    assert tally([one("missed")], None).absence == "not_synced"
    assert tally([one("missed"), one("done")], heard).absence is None
    assert tally([one("due")], heard).absence is None
    assert tally([one("skipped")], heard).absence is None


def test_a_day_before_the_plan_asked_for_nothing() -> None:
    def absence(day: date, known: date | None) -> str | None:
        return pain_absence(day, plan_start=TODAY - 5 * DAY, known=known, is_logged=False)

    assert absence(TODAY - 6 * DAY, TODAY) == "nothing_due"
    assert absence(TODAY - 5 * DAY, TODAY) == "not_logged"
    assert absence(TODAY, TODAY - DAY) == "not_synced"
    assert absence(TODAY, None) == "not_synced"
    assert pain_absence(TODAY, plan_start=None, known=TODAY, is_logged=False) == "nothing_due"
    assert pain_absence(TODAY, plan_start=None, known=None, is_logged=True) is None


def test_a_day_is_fully_known_once_the_phone_synced_after_it() -> None:
    assert known_until(None, TODAY) is None
    assert known_until(TODAY, TODAY) == TODAY
    assert known_until(TODAY - DAY, TODAY) == TODAY - 2 * DAY


def test_weeks_end_with_the_last_day_and_say_how_many_days_they_stand_on() -> None:
    days = [logged(back, knee=back, leg=9) for back in range(8, -1, -1)]
    first, last = stretches(days, Constants())
    assert (first.days, first.logged, first.index) == (2, 2, None)
    assert (last.first, last.last) == (TODAY - 6 * DAY, TODAY)
    assert (last.mean["knee"], last.index, last.logged) == (3, 9, 7)


def test_a_mean_of_too_few_days_is_no_mean() -> None:
    days = [logged(6, knee=4), logged(5, knee=4), *(logged(back) for back in range(4, -1, -1))]
    [week] = stretches(days, Constants())
    assert (week.mean, week.index, week.logged) == ({}, None, 2)


def test_the_tally_of_a_span_is_that_of_its_days() -> None:
    states = [one(state, TODAY - timedelta(days=index)) for index, state in enumerate(STATES)]
    whole = tally(states, TODAY)
    assert added(tally([item], TODAY) for item in states) == whole
    assert added([]) == Tally()
