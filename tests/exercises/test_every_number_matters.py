"""Each number of the content that decides something decides it exactly there: one off, on either
side, and something else comes out. A number that nobody looks at fails, and so does a new one.

The numbers of the rule pack are held in the same way by the rules' own examples
(tests/exercises/triage/rules/test_examples.py).
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.conf import settings
from msgspec.structs import fields, replace

from exercises.catalog import selectors as catalog
from exercises.catalog.shapes import HomeCare, PhaseFile, Range
from exercises.tracking.instruments.content import instruments
from exercises.tracking.instruments.shapes import Schedule, Step
from exercises.triage.home_care import Guide
from exercises.triage.home_care_loading import guide
from exercises.triage.tracing.held import known_tests
from tests.exercises.sweeps import (
    care_sweep,
    gate_sweep,
    instrument_sweep,
    limits_sweep,
    progression_sweep,
)

GATE = PhaseFile(gate=catalog.gate(), phases=catalog.phases())
# Of 24 statements no two shares lie closer together.
STEPS = {"percent_better": 2}
# A score in whole points cannot tell smaller steps apart.
WHOLE_POINTS = {"RMDQ", "GROC"}
Sweep = Callable[[Any], list[object]]

# What services with a database decide, by the tests that stand on its two sides.
FLARES = "tests/exercises/triage/test_flares.py::"
DAYS = "tests/exercises/triage/test_boundary_days.py::"
HELD_BY = {
    "gate.session_lookback_days": [f"{DAYS}test_a_session_counts_for_the_gate_for_three_days"],
    "gate.flare_days_max": [
        f"{FLARES}test_seven_days_that_settle_on_the_last_are_one_flare",
        f"{FLARES}test_more_than_seven_days_lead_back_by_a_phase",
    ],
    "gate.flares_window_days": [
        f"{FLARES}test_two_flares_within_fourteen_days_lead_back_by_a_phase"
    ],
    "gate.flares_before_step_back": [
        f"{FLARES}test_seven_days_that_settle_on_the_last_are_one_flare",
        f"{FLARES}test_two_flares_within_fourteen_days_lead_back_by_a_phase",
    ],
    "timing.heat_warmth_tag_hours": [f"{DAYS}test_a_warm_knee_is_put_down_to_heat_for_two_hours"],
}
# What a phone shows and times; the server does not act on it.
SHOWN = {
    "monitoring.go_max",
    "monitoring.acceptable_max",
    "monitoring.lingering_minutes",
    "ice.skin_check_minutes",
    "contrast.skin_check_minutes",
    "ice.default_minutes",
    "heat.default_minutes",
    "contrast.default_minutes",
}


def _numbers(name: str, struct: Any) -> Iterator[tuple[str, str, Any]]:
    for spec in fields(struct):
        value = getattr(struct, spec.name)
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            yield name, spec.name, value


def _off(struct: Any, field: str) -> Iterator[Any]:
    value = getattr(struct, field)
    step = STEPS.get(field, {int: 1, float: 0.1, Decimal: Decimal("0.1")}[type(value)])
    for other in (value - step, value + step):
        # What the content refuses by itself needs no sweep.
        with suppress(ValueError):
            if other >= 0:
                yield replace(struct, **{field: other})


def _gate_cases() -> Iterator[tuple[str, Sweep, list[Any]]]:
    for _, field, _ in _numbers("gate", GATE.gate):
        yield f"gate.{field}", gate_sweep, [replace(GATE, gate=g) for g in _off(GATE.gate, field)]
    for index, phase in enumerate(GATE.phases):
        for _, field, value in _numbers(phase.id, phase):
            # Nothing comes before the first day of the first phase.
            if (phase.id, value) != ("initial", 0):
                yield (
                    f"{phase.id}.{field}",
                    gate_sweep,
                    [
                        replace(GATE, phases=(*GATE.phases[:index], p, *GATE.phases[index + 1 :]))
                        for p in _off(phase, field)
                    ],
                )


def _care_cases() -> Iterator[tuple[str, Sweep, list[Any]]]:
    whole = guide("en")
    for _, field, _ in _numbers("timing", whole.timing):
        others = [Guide(whole.modalities, whole.blocks, t) for t in _off(whole.timing, field)]
        yield f"timing.{field}", care_sweep, others
    for item in whole.modalities:
        for _, field, value in _numbers(item.id, item):
            # Where there is no wait, none is counted.
            if value:
                others = [_with(whole, item, other) for other in _off(item, field)]
                yield f"{item.id}.{field}", care_sweep, others


def _with(whole: Guide, item: HomeCare, other: HomeCare) -> Guide:
    kinds = [other if one is item else one for one in whole.modalities]
    return Guide(kinds, whole.blocks, whole.timing)


def _instrument_cases() -> Iterator[tuple[str, Sweep, list[Any]]]:
    for code, item in instruments().offered.items():
        for index, step in enumerate(item.change.steps):
            others = [
                replace(item, change=replace(item.change, steps=_put(item.change.steps, index, s)))
                for s in _steps(step, whole=code in WHOLE_POINTS)
            ]
            yield f"{code}.steps.{step.size}", instrument_sweep, others
        for _, field, _ in _numbers(code, item.change):
            others = [replace(item, change=c) for c in _off(item.change, field)]
            yield f"{code}.change.{field}", instrument_sweep, others
        for field, schedules in _schedules(item.schedule):
            others = [replace(item, schedule=one) for one in schedules]
            yield f"{code}.schedule.{field}", instrument_sweep, others


def _steps(step: Step, *, whole: bool) -> Iterator[Step]:
    by = Decimal(1) if whole else Decimal("0.1")
    yield from (replace(step, points=step.points + sign * by) for sign in (-1, 1))


def _schedules(schedule: Schedule) -> Iterator[tuple[str, list[Schedule]]]:
    for _, field, _ in _numbers("schedule", schedule):
        if not (field == "first_day" and schedule.every_days is None):
            yield field, [*_off(schedule, field)]
    for index, day in enumerate(schedule.days):
        # The first window cannot move at all: the content refuses it.
        if day:
            yield f"days.{day}", [*_shifted(schedule, index, day)]


def _shifted(schedule: Schedule, index: int, day: int) -> Iterator[Schedule]:
    for other in (day - 1, day + 1):
        with suppress(ValueError):
            if other >= 0:
                yield replace(schedule, days=_put(schedule.days, index, other))


def _put(items: tuple[Any, ...], index: int, item: Any) -> tuple[Any, ...]:
    return (*items[:index], item, *items[index + 1 :])


def _limit_cases() -> Iterator[tuple[str, Sweep, list[Any]]]:
    limits = catalog.dose_limits()
    for spec in fields(limits):
        allowed: Range = getattr(limits, spec.name)
        for bound in ("min", "max"):
            others = [replace(limits, **{spec.name: one}) for one in _off(allowed, bound)]
            yield f"dose_limits.{spec.name}.{bound}", limits_sweep, others


def _monitoring_cases() -> Iterator[tuple[str, Sweep, list[Any]]]:
    limits = catalog.monitoring()
    for _, field, _ in _numbers("monitoring", limits):
        yield f"monitoring.{field}", progression_sweep, [*_off(limits, field)]


ORIGINALS: dict[Sweep, Callable[[str], Any]] = {
    gate_sweep: lambda _: GATE,
    progression_sweep: lambda _: catalog.monitoring(),
    care_sweep: lambda _: guide("en"),
    limits_sweep: lambda _: catalog.dose_limits(),
    instrument_sweep: lambda name: instruments().offered[name.partition(".")[0]],
}
CASES = [
    *_gate_cases(), *_care_cases(), *_instrument_cases(), *_limit_cases(), *_monitoring_cases(),
]  # fmt: skip
SWEPT = [case for case in CASES if case[0] not in SHOWN | HELD_BY.keys()]


@pytest.mark.parametrize(("name", "sweep", "others"), SWEPT, ids=[case[0] for case in SWEPT])
def test_a_number_one_off_changes_what_comes_out(
    name: str, sweep: Sweep, others: list[Any]
) -> None:
    right = sweep(ORIGINALS[sweep](name))
    assert others
    for other in others:
        assert sweep(other) != right, other


def test_what_no_sweep_reaches_is_named_and_held() -> None:
    names = {case[0] for case in CASES}
    assert SHOWN | HELD_BY.keys() <= names
    known = known_tests(Path(settings.BASE_DIR))
    assert [test for tests in HELD_BY.values() for test in tests if test not in known] == []


def test_every_struct_of_numbers_is_looked_at() -> None:
    assert len(SWEPT) >= 55
    assert msgspec.structs.asdict(catalog.monitoring()).keys() >= {"rise_factor", "sets_max"}
