"""Trends are computed exactly, and missing days are never read as good ones."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exercises.tracking.trends import (
    Constants,
    DayPain,
    ScoreSum,
    baseline,
    course_of,
    daily_value,
    daily_values,
    has_improved,
    window_mean,
)

START = date(2026, 3, 23)
NUMBERS = Constants()


def values(*scores: int | None) -> dict[date, Fraction]:
    return {
        START + timedelta(days=day): Fraction(score)
        for day, score in enumerate(scores)
        if score is not None
    }


def day(number: int) -> date:
    return START + timedelta(days=number)


def test_the_daily_value_is_the_higher_of_knee_and_leg() -> None:
    pain = DayPain(avg24={"knee": ScoreSum(7, 2), "leg": ScoreSum(4, 1)}, now={})
    assert daily_value(pain) == 4


def test_the_mean_of_a_day_is_not_rounded() -> None:
    assert daily_value(DayPain(avg24={"knee": ScoreSum(10, 3)}, now={})) == Fraction(10, 3)


def test_scores_of_the_moment_count_only_without_an_average() -> None:
    both = DayPain(avg24={"knee": ScoreSum(3, 1)}, now={"knee": ScoreSum(9, 1)})
    only_now = DayPain(avg24={"back": ScoreSum(3, 1)}, now={"knee": ScoreSum(9, 1)})
    assert daily_value(both) == 3
    assert daily_value(only_now) == 9


def test_neither_back_nor_other_knee_is_the_index_pain() -> None:
    elsewhere = DayPain(avg24={"back": ScoreSum(8, 1), "knee_other": ScoreSum(8, 1)}, now={})
    assert daily_value(elsewhere) is None
    assert daily_value(None) is None


def test_days_without_index_pain_have_no_daily_value() -> None:
    days = {day(1): DayPain(avg24={"back": ScoreSum(5, 1)}, now={})}
    assert daily_values(days) == {}


def test_a_window_needs_three_logged_days() -> None:
    assert window_mean(values(6, None, None, None, None, None, 6), day(6), NUMBERS) is None
    assert window_mean(values(6, None, None, None, None, 6, 5), day(6), NUMBERS) == Fraction(17, 3)


def test_a_window_is_the_seven_days_that_end_with_its_day() -> None:
    assert window_mean(values(10, 1, 1, 1, 1, 1, 1, 1, 10), day(7), NUMBERS) == 1


def test_the_baseline_is_the_mean_of_the_first_three_values_of_the_first_week() -> None:
    assert baseline(values(8, None, 7, 6, 0), START, NUMBERS) == 7
    assert baseline(values(8, 7, None, None, None, None, 6), START, NUMBERS) == 7


def test_two_values_or_a_late_third_are_no_baseline() -> None:
    assert baseline(values(8, 7), START, NUMBERS) is None
    assert baseline(values(8, 7, None, None, None, None, None, 6), START, NUMBERS) is None


def test_the_pain_told_at_intake_is_the_baseline() -> None:
    assert baseline(values(8, 8, 8), START, NUMBERS, pain_at_start=5) == 5
    assert baseline({}, START, NUMBERS, pain_at_start=0) == 0


@pytest.mark.parametrize(
    ("before", "window", "improved"),
    [
        (Fraction(8), Fraction(6), True),
        (Fraction(8), Fraction(6) + Fraction(1, 10**9), False),
        (Fraction(5), Fraction(7, 2), True),
        (Fraction(5), Fraction(7, 2) + Fraction(1, 10**9), False),
        (Fraction(10, 3), Fraction(7, 3), True),
        (Fraction(0), Fraction(0), False),
        (None, Fraction(0), False),
    ],
)
def test_improvement_is_two_points_or_thirty_percent_exactly(
    before: Fraction | None, window: Fraction, improved: bool
) -> None:
    assert has_improved(before, window, NUMBERS) is improved


def test_fourteen_quiet_days_and_two_bad_ones_are_a_recurrence() -> None:
    course = course_of(values(5, *[1] * 14, 4, 4), NUMBERS)
    assert course.recurrences == (day(16),)
    assert not course.is_recovered


def test_thirteen_quiet_days_are_no_recovery() -> None:
    assert course_of(values(5, *[1] * 13, 4, 4), NUMBERS).recurrences == ()


def test_silence_is_no_recovery() -> None:
    quiet_then_silent = values(5, 0, 0, 0, 0, *[None] * 20, 6, 6)
    assert course_of(quiet_then_silent, NUMBERS).recurrences == ()


def test_mild_days_after_a_recovery_do_not_undo_it() -> None:
    course = course_of(values(*[0] * 14, *[3] * 20, 5, 3, 5), NUMBERS)
    assert course.recurrences == (day(36),)


def test_a_second_recurrence_needs_a_second_recovery() -> None:
    quiet, back = [0] * 14, [5, 5]
    assert len(course_of(values(*quiet, *back, 0, *back), NUMBERS).recurrences) == 1
    assert len(course_of(values(*quiet, *back, *quiet, *back), NUMBERS).recurrences) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mcid_points", 1),
        ("mcid_fraction", Decimal("0.29")),
        ("mcid_fraction", Decimal("0.51")),
        ("window_min_logged_days", 2),
        ("recurrence_from", 5),
        ("recovered_days", 15),
    ],
)
def test_a_threshold_laxer_than_the_specification_is_refused(
    name: str, value: int | Decimal
) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({name: value}, Constants)


@given(st.lists(st.one_of(st.none(), st.integers(0, 10)), max_size=60), st.randoms())
def test_trends_do_not_depend_on_the_order_in_which_days_became_known(
    scores: list[int | None], random: object
) -> None:
    known = values(*scores)
    items = list(known.items())
    random.shuffle(items)  # type: ignore[attr-defined]
    shuffled = dict(items)
    last = day(len(scores))
    assert window_mean(shuffled, last, NUMBERS) == window_mean(known, last, NUMBERS)
    assert baseline(shuffled, START, NUMBERS) == baseline(known, START, NUMBERS)
    assert course_of(shuffled, NUMBERS) == course_of(known, NUMBERS)
