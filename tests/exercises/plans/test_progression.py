"""Doses follow how sessions were borne: both sides of every boundary."""

from datetime import date, timedelta
from typing import Any

import pytest

from exercises.catalog.selectors import monitoring
from exercises.plans.progression import Adjusted, Borne, adjusted, halved, progressed, removed_on

START = date(2026, 5, 18)
DAY = timedelta(days=1)
LIMITS = monitoring()
DOSE: dict[str, Any] = {
    "sets": {"min": 2, "max": 2},
    "reps": {"min": 8, "max": 10},
    "hold_s": {"min": 5, "max": 5},
    "per_side": True,
}


def easy(day: int, **changes: Any) -> Borne:
    return Borne(START + day * DAY, **{"pain_during": 2} | changes)


def after(*history: Borne, phase: str = "rehab", reviewed_on: date | None = None) -> Adjusted:
    return adjusted(DOSE, history, phase=phase, since=START, reviewed_on=reviewed_on, limits=LIMITS)


def test_without_sessions_the_dose_is_as_prescribed() -> None:
    assert after() == Adjusted(DOSE, "")


@pytest.mark.parametrize(("rise", "because"), [(1, ""), (2, "halved"), (10, "halved")])
def test_two_points_more_by_the_next_morning_halve_the_next_dose(rise: int, because: str) -> None:
    found = after(easy(0, next_morning=rise))
    assert found.because == because
    assert found.dose["reps"] == ({"min": 4, "max": 5} if because else DOSE["reps"])
    assert found.dose["sets"] == DOSE["sets"]


def test_the_halved_dose_is_for_the_next_time_alone() -> None:
    assert after(easy(0, next_morning=2), easy(2)).because == ""


@pytest.mark.parametrize(("apart", "removed"), [(6, True), (7, False)])
def test_twice_within_seven_days_removes_the_exercise(apart: int, removed: bool) -> None:
    found = after(easy(0, next_morning=2), easy(apart, next_morning=3))
    assert found.is_removed is removed
    assert found.because == ("removed" if removed else "halved")
    assert after(*(easy(n, next_morning=2) for n in (0, 3)), easy(40)).is_removed


def test_two_sessions_of_one_day_are_one_bad_night() -> None:
    assert removed_on([easy(0, next_morning=2), easy(0, next_morning=2)], LIMITS) is None


def test_a_therapists_look_brings_it_back() -> None:
    bad = [easy(0, next_morning=2), easy(1, next_morning=2)]
    assert after(*bad, reviewed_on=START + DAY).because == "halved"
    assert after(*bad, reviewed_on=START + 2 * DAY) == Adjusted(DOSE, "")


@pytest.mark.parametrize(("sessions", "reps"), [(2, 8), (3, 10), (5, 10), (6, 12), (9, 12)])
def test_three_easy_sessions_in_a_row_are_one_step(sessions: int, reps: int) -> None:
    found = after(*(easy(day) for day in range(sessions)))
    assert found.dose["reps"]["min"] == reps
    assert found.because == ("progressed" if reps > 8 else "")


@pytest.mark.parametrize(
    "breaking",
    [
        {"pain_during": 4},
        {"pain_during": None},
        {"stopped_for_pain": True},
        {"next_morning": 2},
    ],
)
def test_a_session_that_was_not_easy_begins_the_count_anew(breaking: dict[str, Any]) -> None:
    assert after(easy(0), easy(1), easy(2, **breaking), easy(3), easy(4)).because == ""
    assert after(easy(0), easy(1), easy(2, pain_during=3)).because == "progressed"


def test_repetitions_grow_first_then_sets_then_the_hold() -> None:
    grown = [progressed(DOSE, steps, LIMITS) for steps in range(7)]
    assert [
        (dose["reps"]["min"], dose["sets"]["min"], dose["hold_s"]["min"]) for dose in grown
    ] == [(8, 2, 5), (10, 2, 5), (12, 2, 5), (12, 3, 5), (12, 3, 10), (12, 3, 15), (12, 3, 15)]
    assert grown[2]["reps"] == {"min": 12, "max": 12}
    assert grown[1]["reps"] == {"min": 10, "max": 10}


def test_what_a_dose_does_not_have_does_not_grow() -> None:
    walk = {"minutes": {"min": 10, "max": 20}}
    assert progressed(walk, 9, LIMITS) == walk
    assert progressed({"reps": {"min": 3, "max": 3}, "sets": None}, 9, LIMITS)["reps"]["min"] == 7


def test_in_the_first_phase_nothing_is_added_and_halving_holds() -> None:
    assert after(*(easy(day) for day in range(9)), phase="initial") == Adjusted(DOSE, "")
    assert after(easy(0, next_morning=2), phase="initial").because == "halved"


def test_steps_count_from_when_the_dose_was_prescribed() -> None:
    before = [easy(-day) for day in (3, 2, 1)]
    assert after(*before, easy(0), easy(1)).because == ""
    assert after(*before, easy(0), easy(1), easy(2)).because == "progressed"


@pytest.mark.parametrize(
    ("dose", "half"),
    [
        ({"reps": {"min": 5, "max": 5}}, {"reps": {"min": 3, "max": 3}}),
        ({"reps": {"min": 1, "max": 1}}, {"reps": {"min": 1, "max": 1}}),
        ({"minutes": {"min": 5, "max": 10}}, {"minutes": {"min": 3, "max": 5}}),
        ({"hold_s": {"min": 20, "max": 30}}, {"hold_s": {"min": 10, "max": 15}}),
        ({"sets": {"min": 2, "max": 3}}, {"sets": {"min": 1, "max": 2}}),
        ({"every_minutes": {"min": 30, "max": 30}}, {"every_minutes": {"min": 30, "max": 30}}),
    ],
)
def test_half_a_dose_is_never_nothing(dose: dict[str, Any], half: dict[str, Any]) -> None:
    assert halved(dose, LIMITS) == half
