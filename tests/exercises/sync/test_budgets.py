"""How many statements each of the phone's reads may cost, whatever its history."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Patient, User
from tests.client import ApiClient
from tests.exercises.sync.conftest import new_id

Api = Callable[[User | Patient | None], ApiClient]
Make = Callable[..., dict[str, Any]]

AT_ONCE = connection.vendor == "postgresql"
# With the one that finds session, person and patient; `{tomorrow}` makes a screen anew.
BUDGETS = {
    "meta": 1,
    "me": 4,
    "me/consents": 2,
    "me/today": 1,
    "me/today?date={tomorrow}": 3 if AT_ONCE else 18,
    "me/occurrences": 4 if AT_ONCE else 9,
    "me/plan": 5,
    "me/plan/gate": 5 if AT_ONCE else 7,
    "me/advice": 3,
    "me/home-care": 3 if AT_ONCE else 6,
    "me/questionnaires": 4,
    "me/notifications": 4,
    "me/reminders": 2,
    "sync/pull?cursor={cursor}": 1,
    "sync/status": 5,
    "sync/rejections": 2,
    "content/exercises": 1,
    "safety/bundle": 1,
}
DAYS = 25


@pytest.fixture
def counted(api: Api, settled: Patient, now: datetime) -> Callable[[], dict[str, int]]:
    """`counted()` is the number of statements of each read, of a phone that has read it before."""
    phone = api(settled)
    names = {"tomorrow": str((now + timedelta(days=1)).date())}

    def count() -> dict[str, int]:
        names["cursor"] = phone.get("sync/pull?limit=1000").json()["cursor"]
        return {read: statements(phone, read.format(**names)) for read in BUDGETS}

    return count


def statements(phone: ApiClient, path: str) -> int:
    assert phone.get(path).status_code == 200, path
    with CaptureQueriesContext(connection) as made:
        phone.get(path)
    return len(made)


def test_each_read_keeps_its_budget_and_a_history_makes_none_dearer(
    counted: Callable[[], dict[str, int]],
    api: Api,
    settled: Patient,
    pain: Make,
    symptom: Make,
    now: datetime,
) -> None:
    before = counted()
    assert {read: count for read, count in before.items() if count > BUDGETS[read]} == {}
    log_days(api(settled), pain, symptom, now)
    after = counted()
    assert {
        read: (before[read], after[read]) for read in BUDGETS if after[read] > before[read]
    } == {}


def log_days(phone: ApiClient, pain: Make, symptom: Make, now: datetime) -> None:
    """Pain, sessions and a symptom of each of the last days, all in one push."""
    due = [item["prescription"] for item in phone.get("me/today").json()["occurrences"]]
    ops = []
    for ago in range(DAYS):
        day = now - timedelta(days=ago)
        when = {"occurred_at": day.isoformat(), "local_date": str(day.date())}
        session = {**pain(), **when, "items": [{"prescription": due[0], "pain_during": 2}]}
        for name in ("site", "kind", "score"):
            session.pop(name)
        ops += [
            ("pain_report", pain(**when)),
            ("session", session),
            ("symptom_report", {**symptom("S-BUCKLE"), **when}),
        ]
    body = {
        "device_id": "one",
        "device_time": now.isoformat(),
        "ops": [
            {"op_id": str(place), "type": kind, "id": new_id(), "data": data}
            for place, (kind, data) in enumerate(ops)
        ],
    }
    results = phone.post("sync/push", body).json()["results"]
    assert {result["status"] for result in results} == {"applied"}
