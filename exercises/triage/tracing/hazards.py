"""The hazard log: what may go wrong, how bad and how likely, and the tests that hold it back (pure)."""

import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, field

from exercises.catalog.shapes.base import Content, Text

Score = Annotated[int, Meta(ge=1, le=5)]
HazardId = Annotated[str, Meta(pattern=r"^HZ-\d\d$")]
TestName = Annotated[str, Meta(pattern=r"^tests/[a-z0-9_/]+\.py::test_[a-z0-9_]+$")]


class Risk(Content, frozen=True, kw_only=True):
    """Severity and likelihood, each 1 (least) to 5."""

    severity: Score
    likelihood: Score

    @property
    def score(self) -> int:
        """Severity times likelihood, 1 to 25."""
        return self.severity * self.likelihood


class Control(Content, frozen=True, kw_only=True):
    """What holds a hazard back, and the tests that show it. A planned one is not there yet."""

    says: Text
    state: Literal["built", "planned"] = "built"
    tests: tuple[TestName, ...] = ()


class Hazard(Content, frozen=True, kw_only=True):
    """One hazard. `after` is the risk with all controls, the planned ones too."""

    id: HazardId
    title: Text
    cause: Text
    harm: Text
    before: Risk
    after: Risk
    controls: tuple[Control, ...] = field(name="control")


class HazardLog(Content, frozen=True, kw_only=True):
    """hazard-log.toml. `safety_officer` is empty until somebody is named."""

    status: Literal["draft", "accepted"]
    safety_officer: str
    hazards: tuple[Hazard, ...] = field(name="hazard")


def read_hazards(path: Path) -> HazardLog:
    """hazard-log.toml; raises `msgspec.ValidationError` on a wrong one."""
    return msgspec.convert(tomllib.loads(path.read_text("utf-8")), HazardLog)


def hazard_problems(log: HazardLog, *, tests: Collection[str]) -> Iterator[str]:
    """What is wrong with a hazard log, given the names of all tests."""
    if log.status == "accepted" and not log.safety_officer:
        yield "nobody is named who accepted the hazard log"
    ids = [hazard.id for hazard in log.hazards]
    yield from (f"{name}: appears twice" for name in sorted({i for i in ids if ids.count(i) > 1}))
    for hazard in log.hazards:
        if hazard.after.score > hazard.before.score:
            yield f"{hazard.id}: the controls make it worse"
        if not any(control.tests for control in hazard.controls):
            yield f"{hazard.id}: no control with a test"
        for control in hazard.controls:
            yield from _control_problems(hazard.id, control, tests)


def _control_problems(hazard: str, control: Control, tests: Collection[str]) -> Iterator[str]:
    if control.state == "built" and not control.tests:
        yield f"{hazard}: built without a test: {control.says}"
    if control.state == "planned" and control.tests:
        yield f"{hazard}: planned, and has a test already: {control.says}"
    yield from (f"{hazard}: no test {name}" for name in control.tests if name not in tests)
