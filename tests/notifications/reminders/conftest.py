"""A patient whose plan has begun, and a clock that runs the tick and the deliveries for her."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from backend.accounts.models import Patient, User
from tests.client import ApiClient
from tests.notifications.reminders.running import Run


@pytest.fixture
def now() -> datetime:
    """Monday 4 May 2026, 08:00 in Berlin: before anything rings."""
    return datetime(2026, 5, 4, 6, 0, tzinfo=UTC)


@pytest.fixture
def run(patient: Patient, now: datetime) -> Run:
    """Moves the clock on; `patient` has a plan that began today."""
    return Run(patient=patient, now=now)


@pytest.fixture
def phone(api: Callable[[User | Patient | None], ApiClient], run: Run) -> ApiClient:
    """The phone of that patient."""
    return api(run.patient)
