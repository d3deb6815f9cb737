"""Daily values as rules ask for them are those of the day summaries, however they are read."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.accounts.models import Patient
from exercises.tracking import selectors, trends
from exercises.tracking.days import DayTold
from exercises.tracking.models import DayPain
from exercises.tracking.selectors import DiaryDays, DiarySpan, SummedDay

TODAY = date(2026, 6, 30)
SITES = ("knee", "leg", "back", "knee_other")
DAY = timedelta(days=1)

counts = st.integers(0, 3)
keys = st.tuples(st.integers(-40, 5), st.sampled_from(SITES))


@st.composite
def _sums(draw: st.DrawFn) -> tuple[int, int, int, int]:
    averages, moments = draw(counts), draw(counts)
    return (
        draw(st.integers(0, 10 * averages)),
        averages,
        draw(st.integers(0, 10 * moments)),
        moments,
    )


summaries = st.dictionaries(keys, _sums(), max_size=30)


def rows_of(told: dict[tuple[int, str], tuple[int, int, int, int]]) -> list[SummedDay]:
    return [
        SummedDay(TODAY + offset * DAY, site, *sums)
        for (offset, site), sums in sorted(told.items())
    ]


@given(summaries)
def test_daily_values_are_the_same_by_the_clear_way(
    told: dict[tuple[int, str], tuple[int, int, int, int]],
) -> None:
    rows = rows_of(told)
    found = selectors.index_values(rows)
    assert found == trends.daily_values(selectors.as_days(rows))
    assert [*found] == sorted(found)


@given(summaries, summaries)
def test_what_is_told_counts_as_if_it_were_stored(
    stored: dict[tuple[int, str], tuple[int, int, int, int]],
    new: dict[tuple[int, str], tuple[int, int, int, int]],
) -> None:
    both = {
        key: tuple(
            one + other
            for one, other in zip(
                stored.get(key, (0, 0, 0, 0)), new.get(key, (0, 0, 0, 0)), strict=True
            )
        )
        for key in {*stored, *new}
    }
    told = [
        DayTold(
            row.local_date, row.site, row.avg24_sum, row.avg24_count, row.now_sum, row.now_count
        )
        for row in rows_of(new)
    ]
    rows = selectors.with_told(rows_of(stored), told)
    assert selectors.index_values(rows) == selectors.index_values(rows_of(both))  # type: ignore[arg-type]


def days(patient: Patient | None = None, **more: object) -> DiaryDays:
    wanted = {"start": TODAY, "today": TODAY, "read": (), "span": DiarySpan(None, None)}
    return DiaryDays(patient.pk if patient else Mock(), **{**wanted, **more})  # type: ignore[arg-type]


def test_the_last_day_with_a_report_is_none_of_the_future() -> None:
    tomorrow, told = TODAY + DAY, DayTold(TODAY - 3 * DAY, "back")
    assert days().last_logged() is None
    assert days(span=DiarySpan(TODAY - 90 * DAY, TODAY - 9 * DAY)).last_logged() == TODAY - 9 * DAY
    assert (
        days(span=DiarySpan(TODAY - 90 * DAY, TODAY - 9 * DAY), told=[told]).last_logged()
        == told.local_date
    )
    assert days(span=DiarySpan(tomorrow, None), told=[told]).last_logged() == told.local_date
    # A phone that has only ever told of the future: its first day is all that is known.
    assert days(span=DiarySpan(tomorrow, None)).last_logged() == tomorrow


@pytest.mark.django_db
def test_days_that_are_not_at_hand_are_read(
    patient: Patient, now: datetime, django_assert_num_queries: Callable[..., object]
) -> None:
    today = now.date()
    for offset, site in ((-200, "knee"), (-200, "back"), (-100, "back"), (-60, "leg")):
        DayPain.objects.create(
            patient=patient,
            local_date=today + offset * DAY,
            site=site,
            avg24_sum=5,
            avg24_count=1,
            worst=5,
        )
    told = [DayTold(today - 60 * DAY, "leg", avg24_sum=10, avg24_count=1, worst=10)]
    span = DiarySpan(today - 200 * DAY, today - 60 * DAY)
    diary = days(patient, start=today - 10 * DAY, today=today, span=span, told=told)
    with django_assert_num_queries(1):
        for _ in range(2):
            found = diary.values(today - 364 * DAY, today)
    assert found == {today - 200 * DAY: 5, today - 60 * DAY: 7.5}
    with django_assert_num_queries(0):
        assert diary.values(today - 500 * DAY, today - 201 * DAY) == {}
