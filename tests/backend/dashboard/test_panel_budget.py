"""A therapist's panel costs three statements, besides who asks and that she asked."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Clinic, User
from backend.accounts.services import make_session_token
from exercises.triage.levels import Level
from tests.backend.dashboard.records import (
    make_alert,
    make_pain_days,
    make_plan,
    make_prescription,
)
from tests.client import ApiClient
from tests.factories import make_care, make_patient

MOST = 3
# Who asks, in what role and by which session; that she asked.
OF_THE_DOOR = {
    "accounts_storedsession",
    "accounts_user",
    "accounts_membership",
    "accounts_auditevent",
}
Browse = Callable[[User], Client]


@pytest.fixture
def caseload(therapist: User, clinic: Clinic, now: datetime) -> None:
    """Twenty patients with plans, diaries and alerts."""
    for index in range(20):
        one = make_patient(now=now)
        make_care(patient=one, therapist=therapist, clinic=clinic, now=now)
        make_prescription(make_plan(one, start=now.date() - timedelta(days=9), now=now))
        make_pain_days(one, last=now.date() - timedelta(days=30 * (index % 2)), knee=[3, 4])
        make_alert(one, now=now, level=Level.PROMPT_DAYS)


def asked_of(ask: Callable[[], object]) -> list[str]:
    """The statements of a panel that was looked at before, without those of the door."""
    ask()
    with CaptureQueriesContext(connection) as captured:
        ask()
    statements = [query["sql"] for query in captured.captured_queries]
    return [sql for sql in statements if first_table(sql) not in OF_THE_DOOR]


def first_table(sql: str) -> str:
    found = re.search(r'(?:FROM|INTO|UPDATE)\s+"?(\w+)', sql)
    return found.group(1) if found else sql


def test_in_the_api(caseload: None, therapist: User, now: datetime) -> None:
    client = ApiClient(make_session_token(therapist, now))
    statements = asked_of(lambda: client.get("patients"))
    assert len(statements) <= MOST, statements


def test_on_the_dashboard(caseload: None, therapist: User, browse: Browse) -> None:
    client = browse(therapist)
    statements = asked_of(lambda: client.get("/dashboard/"))
    assert len(statements) <= MOST, statements
