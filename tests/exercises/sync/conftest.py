"""What the phone's doors are tested with: reports, and a patient whose plan has begun."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from backend.accounts.models import Patient
from exercises.sync.services.intake import answer_intake

INTAKE = {"age": 44, "pregnant": "no", "first_episode": False, "history": [], "red_flags": []}


@pytest.fixture
def settled(patient: Patient, now: datetime) -> Patient:
    """`patient`, with a plan that began today."""
    answer_intake(patient=patient, answers=INTAKE, now=now)
    return patient


@pytest.fixture
def pain() -> Callable[..., dict[str, Any]]:
    def make(**changes: Any) -> dict[str, Any]:
        return {
            "occurred_at": "2026-05-04T09:30:00+02:00",
            "tz": "Europe/Berlin",
            "local_date": "2026-05-04",
            "site": "knee",
            "kind": "avg24",
            "score": 4,
        } | changes

    return make


@pytest.fixture
def symptom() -> Callable[..., dict[str, Any]]:
    def make(code: str, present: bool = True, **attrs: Any) -> dict[str, Any]:
        return {
            "occurred_at": "2026-05-04T09:30:00+02:00",
            "tz": "Europe/Berlin",
            "local_date": "2026-05-04",
            "symptoms": [{"code": code, "present": present, "attrs": attrs}],
        }

    return make


def new_id() -> str:
    """An id as a phone makes it."""
    return str(uuid4())
