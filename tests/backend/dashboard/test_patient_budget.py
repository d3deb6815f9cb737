"""What one patient's page costs, whatever there is of her."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Clinic, Patient, User
from backend.accounts.services import make_session_token
from exercises.plans.models import Flare, PauseReason, PlanPause
from exercises.triage.levels import Level
from exercises.triage.models import AlertEvent
from tests.backend.dashboard.records import (
    heard,
    make_alert,
    make_pain_days,
    make_plan,
    make_prescription,
    make_session,
)
from tests.client import ApiClient
from tests.factories import make_care

DAY = timedelta(days=1)
Browse = Callable[[User], Client]
# Who asks, whom she may see and that she looked; the head of the record, and the rest of it. SQLite
# is asked part by part.
IN_THE_API = {"postgresql": 7, "sqlite": 15}
ON_THE_DASHBOARD = {"postgresql": 16, "sqlite": 52}


def make_record(patient: Patient, *, days: int, now: datetime) -> None:
    """`days` days of diary with a session each, and one alert a week with its steps."""
    plan = make_plan(patient, start=now.date() - days * DAY, now=now)
    row = make_prescription(plan)
    make_pain_days(patient, last=now.date(), knee=[3, 4] * (days // 2))
    for back in range(days):
        make_session(patient, day=now.date() - back * DAY, now=now, prescription=row.pk)
    for week in range(days // 7):
        alert = make_alert(patient, now=now - 7 * week * DAY, level=Level.PROMPT_DAYS)
        AlertEvent.objects.create(alert=alert, at=now, step="raised")
    Flare.objects.create(plan=plan, started_on=now.date() - DAY, ends_on=now.date() + 5 * DAY)
    PlanPause.objects.create(plan=plan, reason=PauseReason.THERAPIST, started_at=now - DAY)
    heard(patient, at=now)


def statements_of(ask: Callable[[], Any]) -> list[str]:
    """The statements of a page that was looked at before."""
    ask()
    with CaptureQueriesContext(connection) as captured:
        ask()
    return [query["sql"] for query in captured.captured_queries]


def test_in_the_api(patient: Patient, therapist: User, now: datetime) -> None:
    make_record(patient, days=30, now=now)
    client = ApiClient(make_session_token(therapist, now))
    statements = statements_of(lambda: client.get(f"patients/{patient.pk}"))
    assert len(statements) <= IN_THE_API[connection.vendor], statements


def test_on_the_dashboard(patient: Patient, therapist: User, browse: Browse, now: datetime) -> None:
    make_record(patient, days=30, now=now)
    client = browse(therapist)
    statements = statements_of(lambda: client.get(f"/dashboard/patients/{patient.pk}/"))
    assert len(statements) <= ON_THE_DASHBOARD[connection.vendor], statements


def test_more_history_costs_no_more_statements(
    patient: Patient, other_patient: Patient, therapist: User, clinic: Clinic, now: datetime
) -> None:
    make_care(patient=other_patient, therapist=therapist, clinic=clinic, now=now)
    make_record(patient, days=8, now=now)
    make_record(other_patient, days=60, now=now)
    client = ApiClient(make_session_token(therapist, now))
    few, many = (
        statements_of(lambda one=one: client.get(f"patients/{one.pk}"))
        for one in (patient, other_patient)
    )
    assert len(few) == len(many)
