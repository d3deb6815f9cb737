"""A patient whose plan has begun, with something of everything that a brief tells."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.accounts.models import Patient, User
from exercises.reports.services import make_link, write_questions
from tests.backend.dashboard.records import (
    heard,
    make_alert,
    make_pain_days,
    make_plan,
    make_prescription,
    make_session,
)
from tests.client import ApiClient
from tests.exercises.reports.records import DAY, TODAY

Api = Callable[[User | Patient | None], ApiClient]


@pytest.fixture
def told(patient: Patient, now: datetime) -> Patient:
    """Nearly two weeks of her plan, and an alert of this morning."""
    plan = make_plan(patient, start=TODAY - 12 * DAY, now=now - timedelta(days=12))
    row = make_prescription(plan)
    make_pain_days(patient, last=TODAY, knee=[6] * 7 + [4] * 6)
    make_session(patient, day=TODAY - DAY, now=now, prescription=row.pk, pain_during=3)
    saddle = {"what": "symptom", "code": "S-SADDLE", "attrs": {}, "local_date": "2026-05-04"}
    make_alert(patient, now=now, matched=[saddle])
    heard(patient, at=now)
    return patient


@pytest.fixture
def asking(told: Patient, now: datetime) -> Patient:
    """She has a question for her doctor as well."""
    write_questions(patient=told, questions=["May I run again?"], base_version=0, now=now)
    return told


@pytest.fixture
def token(asking: Patient, now: datetime) -> str:
    """What opens her brief for a week."""
    return make_link(patient=asking, days=7, now=now)[1]


@pytest.fixture
def brief_of_her(api: Api, asking: Patient) -> Any:
    """Her brief as she gets it."""
    answer = api(asking).get("me/brief")
    assert answer.status_code == 200, answer.content
    return answer.json()
