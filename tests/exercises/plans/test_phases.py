"""The phase gates: both sides of every boundary, and what never passes."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from exercises.catalog import selectors as catalog
from exercises.catalog.shapes import PhaseFile, PhaseId
from exercises.plans.phases import (
    BLOCKING_LEVEL,
    Evidence,
    Gate,
    extension,
    gate,
    is_passed,
    is_step_back,
    next_phase,
    phase_before,
)
from exercises.triage.levels import Level

CONTENT = PhaseFile(gate=catalog.gate(), phases=catalog.phases())
READY = Evidence(
    day=60,
    days_in_phase=30,
    highest_open_level=0,
    window_mean=Fraction(2),
    improved=False,
    worst_pain_during_last_days=None,
    worst_next_morning_rise=None,
    held=False,
)


def gate_of(phase: PhaseId, **changes: Any) -> Gate:
    evidence = replace(READY, **changes)
    found = gate(phase, evidence, CONTENT)
    assert found is not None
    assert is_passed(phase, evidence, CONTENT) == found.passed
    return found


def unmet(found: Gate) -> list[str]:
    return [line.code for line in found.lines if not line.met]


@pytest.mark.parametrize("phase", ["initial", "rehab"])
def test_a_gate_opens_when_every_line_is_met(phase: PhaseId) -> None:
    found = gate_of(phase)

    assert found.passed
    assert unmet(found) == []
    assert found.target == next_phase(phase)


@pytest.mark.parametrize(
    ("phase", "inside", "outside", "line"),
    [
        ("initial", {"day": 14}, {"day": 13}, "day"),
        ("rehab", {"day": 42}, {"day": 41}, "day"),
        ("rehab", {"days_in_phase": 14}, {"days_in_phase": 13}, "days_in_phase"),
        ("initial", {"highest_open_level": 2}, {"highest_open_level": 3}, "no_open_prompt"),
        ("rehab", {"highest_open_level": 2}, {"highest_open_level": 3}, "no_open_prompt"),
        ("initial", {"window_mean": Fraction(4)}, {"window_mean": Fraction(29, 7)}, "pain"),
        ("rehab", {"window_mean": Fraction(3)}, {"window_mean": Fraction(22, 7)}, "pain"),
        (
            "initial",
            {"worst_pain_during_last_days": 5},
            {"worst_pain_during_last_days": 6},
            "session_pain",
        ),
        (
            "rehab",
            {"worst_next_morning_rise": 1},
            {"worst_next_morning_rise": 2},
            "next_morning",
        ),
        ("initial", {"held": False}, {"held": True}, "not_held"),
        ("rehab", {"held": False}, {"held": True}, "not_held"),
    ],
)
def test_each_line_alone_keeps_the_gate_shut_from_its_boundary_on(
    phase: PhaseId, inside: dict[str, Any], outside: dict[str, Any], line: str
) -> None:
    assert gate_of(phase, **inside).passed
    assert not gate_of(phase, **outside).passed
    assert unmet(gate_of(phase, **outside)) == [line]


def test_a_mean_a_hair_above_the_limit_is_compared_exactly() -> None:
    assert unmet(gate_of("initial", window_mean=4 + Fraction(1, 10**9))) == ["pain"]


@pytest.mark.parametrize("phase", ["initial", "rehab"])
@pytest.mark.parametrize("improved", [True, False])
def test_missing_pain_data_never_passes(phase: PhaseId, improved: bool) -> None:
    assert unmet(gate_of(phase, window_mean=None, improved=improved)) == ["pain"]


def test_clear_improvement_opens_the_first_gate_and_not_the_second() -> None:
    assert gate_of("initial", window_mean=Fraction(6), improved=True).passed
    assert unmet(gate_of("rehab", window_mean=Fraction(6), improved=True)) == ["pain"]


def test_the_first_gate_does_not_ask_how_long_the_phase_has_lasted() -> None:
    assert gate_of("initial", days_in_phase=0).passed


def test_the_last_phase_has_no_gate() -> None:
    assert gate("long_term", READY, CONTENT) is None
    assert not is_passed("long_term", READY, CONTENT)


def test_phases_follow_one_another_and_lead_back() -> None:
    assert next_phase("initial") == "rehab"
    assert next_phase("long_term") is None
    assert phase_before("rehab") == "initial"
    assert phase_before("initial") is None
    assert is_step_back("rehab", "initial")
    assert not is_step_back("rehab", "long_term")


@pytest.mark.parametrize(
    ("phase", "day", "expected"),
    [
        ("initial", 13, None),
        ("initial", 14, (0, False, False)),
        ("initial", 20, (6, False, False)),
        ("initial", 21, (7, True, False)),
        ("initial", 27, (13, True, False)),
        ("initial", 28, (14, True, True)),
        ("rehab", 41, None),
        ("rehab", 42, (0, False, False)),
        ("rehab", 49, (7, True, False)),
        ("long_term", 400, None),
    ],
)
def test_a_phase_that_outlasts_its_days_is_extended_then_a_task_then_a_review(
    phase: PhaseId, day: int, expected: tuple[int, bool, bool] | None
) -> None:
    found = extension(phase, day, CONTENT)

    assert (found and (found.days, found.task_due, found.review_due)) == expected


def test_the_blocking_level_is_the_prompt_within_days() -> None:
    assert BLOCKING_LEVEL == Level.PROMPT_DAYS


@pytest.mark.parametrize("phase", ["initial", "rehab"])
def test_a_flare_keeps_the_gate_shut(phase: PhaseId) -> None:
    assert unmet(gate_of(phase, unsteady=True)) == ["no_flare"]
