"""Every scenario of ours, played through the real services, ends as it must."""

import json
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backend.simulator.scenario import Scenario, read
from backend.simulator.services import simulate
from tests.scenarios.expectations import disagreements

FILES = sorted((Path(__file__).parents[2] / "scenarios").glob("*.json"))
SCENARIOS = [*chain.from_iterable(read(path.read_bytes()).scenarios for path in FILES)]


def as_printed(value: object) -> Any:
    return json.loads(msgspec.json.encode(value))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_the_scenario_ends_as_it_must(scenario: Scenario, db: None) -> None:
    played = simulate(scenario)
    found = {
        str(checkpoint.at): disagreements(checkpoint.expect, as_printed(seen))
        for checkpoint, seen in zip(scenario.checkpoints, played.checkpoints, strict=True)
    }
    assert not any(found.values()), found


def test_every_scenario_has_a_name_of_its_own() -> None:
    assert len({scenario.id for scenario in SCENARIOS}) == len(SCENARIOS) > 30
