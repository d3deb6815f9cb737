"""Random histories of three devices: nothing lost, nothing doubled, nothing stale."""

from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from backend.accounts.models import Patient, User
from tests.client import ApiClient
from tests.exercises.sync.histories import Histories

STEPS, EXAMPLES = 100, 20


@pytest.mark.parametrize("part", range(1))
def test_devices_agree_after_two_thousand_steps_of_whatever_happens(
    part: int,
    api: Callable[[User | Patient | None], ApiClient],
    set_clock: Callable[[datetime], None],
) -> None:
    machine = type("SuiteHistories", (Histories,), {})
    machine.make_client = staticmethod(api)
    machine.set_clock = staticmethod(set_clock)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
