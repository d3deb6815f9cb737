"""The chart's geometry."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from backend.dashboard.chart import NARROW, WIDE, ChartData, draw

FIRST = date(2026, 4, 1)
DAYS = [FIRST + timedelta(days=offset) for offset in range(42)]


def data(
    values: dict[int, int],
    phases: list[tuple[int, str]] | None = None,
    alerts: list[tuple[int, str]] | None = None,
) -> ChartData:
    return ChartData(
        days=DAYS,
        values={"knee": {DAYS[day]: Fraction(value) for day, value in values.items()}},
        phases=[(FIRST + timedelta(days=day), code, code) for day, code in phases or []],
        alerts=[(FIRST + timedelta(days=day), code) for day, code in alerts or []],
    )


def test_a_day_without_a_value_breaks_the_line_and_draws_nothing() -> None:
    [line] = draw(data({0: 4, 1: 5, 3: 6, 4: 6, 9: 2}), WIDE).lines
    assert [len(stretch.split()) for stretch in line.stretches] == [2, 2]
    assert len(line.marks) == 5


def test_a_site_that_nobody_logged_has_no_line_and_is_said_to_be_empty() -> None:
    chart = draw(data({0: 4}), WIDE)
    assert [line.site for line in chart.lines] == ["knee"]
    assert "Leg: nothing logged." in chart.description


@given(st.dictionaries(st.integers(0, 41), st.integers(0, 10), min_size=1))
def test_every_mark_lies_inside_the_plot_and_more_pain_lies_higher(values: dict[int, int]) -> None:
    for size in (WIDE, NARROW):
        chart = draw(data(values), size)
        marks = dict(zip(sorted(values), chart.lines[0].marks, strict=True))
        for mark in marks.values():
            assert chart.left <= mark.x <= chart.right
            assert chart.top <= mark.y <= chart.bottom
        ordered = sorted(marks, key=lambda day: values[day])
        assert [marks[day].y for day in ordered] == sorted(
            (mark.y for mark in marks.values()), reverse=True
        )


def test_phases_fill_the_plot_from_their_first_day_on_without_overlap() -> None:
    chart = draw(data({0: 4}, phases=[(-20, "initial"), (10, "rehab"), (41, "long_term")]), WIDE)
    first, second, third = chart.bands
    assert (first.x, first.label, second.label) == (chart.left, "initial", "rehab")
    assert abs(first.x + first.width - second.x) <= 0.2
    assert abs(third.x + third.width - chart.right) <= 0.2
    assert third.label == ""


def test_a_phase_before_or_after_the_days_is_left_out() -> None:
    chart = draw(data({0: 4}, phases=[(-20, "initial"), (-3, "rehab"), (60, "long_term")]), WIDE)
    assert [band.code for band in chart.bands] == ["rehab"]


def test_alerts_stand_on_their_day_and_those_of_other_times_are_left_out() -> None:
    chart = draw(data({5: 4}, alerts=[(5, "routine"), (90, "emergency_now")]), WIDE)
    [flag] = chart.flags
    assert (flag.x, flag.code) == (chart.lines[0].marks[0].x, "routine")


def test_the_two_sizes_have_ids_of_their_own() -> None:
    assert draw(data({0: 4}), WIDE).id != draw(data({0: 4}), NARROW).id
