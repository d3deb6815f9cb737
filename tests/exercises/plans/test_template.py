"""What the catalogue's default prescribes, phase by phase."""

from datetime import date, timedelta

import pytest

from exercises.catalog.content import catalog
from exercises.catalog.shapes import Dose, PhaseId, Range
from exercises.plans.template import (
    Item,
    default_items,
    is_contraindicated,
    slots_of,
    spread,
    weekdays_of,
)

START = date(2026, 5, 4)
EXPECTED: dict[PhaseId, set[int]] = {
    "initial": {1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 24},
    "rehab": {*range(1, 9), *range(10, 18), 20, 21, 22, 24, 25},
    "long_term": {*range(1, 9), *range(10, 14), *range(15, 26)},
}


def items(phase: PhaseId, *flags: str, on_day: int = 0) -> dict[str, Item]:
    found = default_items(
        catalog().phases[phase],
        exercises=catalog().exercises,
        general=catalog().contraindications,
        flags=flags,
        plan_start=START,
        on_date=START + timedelta(days=on_day),
    )
    return {item.exercise: item for item in found}


@pytest.mark.parametrize("phase", ["initial", "rehab", "long_term"])
def test_a_patient_without_a_condition_gets_what_the_phase_serves(phase: PhaseId) -> None:
    assert set(items(phase)) == {f"EX-{number:02}" for number in EXPECTED[phase]}


@pytest.mark.parametrize(
    ("flag", "phase", "left_out"),
    [
        ("tingling", "initial", {"EX-02"}),
        ("hip_replacement", "initial", {"EX-03"}),
        ("falls", "rehab", {"EX-25"}),
        ("calf_swelling", "long_term", {"EX-18"}),
        ("osteoporosis", "initial", set()),
    ],
)
def test_a_condition_leaves_out_what_is_not_to_be_done_alone(
    flag: str, phase: PhaseId, left_out: set[str]
) -> None:
    assert set(items(phase)) - set(items(phase, flag)) == left_out


@pytest.mark.parametrize(
    "flag", ["out_of_scope", "open_urgent_alert", "recent_fracture", "after_operation"]
)
def test_a_condition_that_forbids_exercise_leaves_nothing(flag: str) -> None:
    assert items("rehab", flag) == {}


def test_only_the_effects_that_need_somebody_beside_the_patient_contraindicate() -> None:
    back_extension = catalog().exercises["EX-09"]

    assert is_contraindicated(back_extension, {"stenosis_pattern"})
    assert is_contraindicated(back_extension, {"spondylolisthesis_pattern"})
    assert not is_contraindicated(back_extension, {"falls"})
    assert not is_contraindicated(catalog().exercises["EX-01"], {"osteoporosis"})


@pytest.mark.parametrize(
    ("code", "phase", "on_day", "first_day"),
    [
        ("EX-08", "initial", 0, 4),
        ("EX-12", "rehab", 14, 28),
        ("EX-15", "rehab", 14, 21),
        ("EX-12", "rehab", 35, 35),
        ("EX-10", "rehab", 14, 14),
    ],
)
def test_an_exercise_that_comes_later_starts_on_its_plan_day_or_with_the_phase(
    code: str, phase: PhaseId, on_day: int, first_day: int
) -> None:
    assert items(phase, on_day=on_day)[code].starts_on == START + timedelta(days=first_day)


@pytest.mark.parametrize(
    ("times", "slots"),
    [
        (1, ("morning",)),
        (2, ("morning", "evening")),
        (3, ("morning", "midday", "evening")),
        (4, ("morning", "midday", "afternoon", "evening")),
    ],
)
def test_the_slots_are_those_of_the_fewest_times_a_day(times: int, slots: tuple[str, ...]) -> None:
    assert slots_of(Dose(times_per_day=Range(min=times, max=4))) == slots


def test_a_dose_that_names_no_times_is_done_once() -> None:
    assert slots_of(Dose()) == ("morning",)


@pytest.mark.parametrize(
    ("days", "week"),
    [(1, "M------"), (2, "M--T---"), (3, "M-W-F--"), (4, "MT-T-S-"), (7, "MTWTFSS")],
)
def test_days_are_spread_over_the_week(days: int, week: str) -> None:
    assert "".join(x if spread(days) >> i & 1 else "-" for i, x in enumerate("MTWTFSS")) == week


@pytest.mark.parametrize("days", range(1, 8))
def test_a_week_has_as_many_days_as_the_dose_asks_for(days: int) -> None:
    assert spread(days).bit_count() == days


def test_a_dose_without_days_takes_those_of_the_phase_unless_it_is_a_daily_one() -> None:
    phase = catalog().phases["rehab"]
    once = Range(min=1, max=1)

    assert weekdays_of(Dose(), phase) == spread(phase.volume.days_per_week.min)
    assert weekdays_of(Dose(times_per_day=once), phase) == spread(7)
    assert weekdays_of(Dose(every_minutes=Range(min=30, max=30)), phase) == spread(7)
