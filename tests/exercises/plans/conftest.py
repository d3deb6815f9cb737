"""A patient who answered the intake, and doors whose clock stands still."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from backend.accounts.models import Patient
from backend.accounts.revisions import revision
from backend.core import clock
from exercises.plans.models import RecoveryPlan
from exercises.plans.services import IntakeOutcome, record_intake

ANSWERS: dict[str, Any] = {
    "age": 52,
    "pregnant": "no",
    "first_episode": True,
    "history": [],
    "red_flags": [],
}


@pytest.fixture
def answer(now: datetime) -> Callable[..., IntakeOutcome]:
    """`answer(patient, answers)` records them in a transaction of their own."""

    def record(
        patient: Patient, answers: dict[str, Any], at: datetime = now, zone: str = "Europe/Berlin"
    ) -> IntakeOutcome:
        with revision(patient.id) as rev:
            return record_intake(patient_id=patient.id, answers=answers, zone=zone, rev=rev, now=at)

    return record


@pytest.fixture
def plan(patient: Patient, answer: Callable[..., IntakeOutcome]) -> RecoveryPlan:
    """The plan that the intake of `patient` made."""
    made = answer(patient, ANSWERS).plan
    assert made is not None
    return made


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """`set_clock(instant)` is what every door reads from then on."""

    def stand_still(instant: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: instant)

    return stand_still
