"""What a write asks of the database: so many statements, whatever the history and the push."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Patient, User
from tests.client import ApiClient
from tests.exercises.sync.conftest import new_id
from tests.exercises.sync.pushing import op, push, statuses

Api = Callable[[User | Patient | None], ApiClient]
Make = Callable[..., dict[str, Any]]

# On PostgreSQL a judgement is one read, on SQLite one for each of its five parts.
JUDGED = 1 if connection.vendor == "postgresql" else 5
# Who asks, the lock, what stands under the ids, the rows, the days, when it was heard of.
PUT = 6 + JUDGED
# Besides: what is known already, and the device where it was silent for a minute.
PUSH = PUT + 1
DEVICE = 1


def asked_by(write: Callable[[], object]) -> list[str]:
    """The statements of `write`, without those that only open and close transactions."""
    with CaptureQueriesContext(connection) as asked:
        write()
    around = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    return [query["sql"] for query in asked.captured_queries if not query["sql"].startswith(around)]


def reports(pain: Make, now: datetime, count: int) -> list[dict[str, Any]]:
    """So many reports, three a day until now, of a patient who is not getting worse."""
    moments = [now - timedelta(hours=8 * number) for number in range(count)]
    return [
        op(
            "pain_report",
            pain(occurred_at=at.isoformat(), local_date=at.date().isoformat(), score=2),
        )
        for at in moments
    ]


@pytest.mark.parametrize("history", [0, 90])
def test_a_report_costs_the_same_whatever_came_before(
    api: Api, settled: Patient, pain: Make, now: datetime, history: int
) -> None:
    client = api(settled)
    push(client, *reports(pain, now, history))
    asked = asked_by(lambda: client.put(f"me/pain-reports/{new_id()}", pain(score=2)))
    assert len(asked) <= PUT, asked


@pytest.mark.parametrize("count", [1, 10, 100])
def test_a_push_costs_the_same_however_much_it_brings(
    api: Api, settled: Patient, pain: Make, now: datetime, count: int
) -> None:
    client = api(settled)
    push(client)
    ops = reports(pain, now, count)
    asked = asked_by(lambda: push(client, *ops))
    assert len(asked) <= PUSH, asked


def test_a_device_that_comes_back_costs_one_statement_more(
    api: Api, settled: Patient, pain: Make, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    client, ops = api(settled), reports(pain, now, 10)
    push(client)
    set_clock(now + timedelta(hours=1))
    asked = asked_by(lambda: push(client, *ops))
    assert len(asked) <= PUSH + DEVICE, asked


def test_a_push_that_is_sent_again_only_looks(
    api: Api, settled: Patient, pain: Make, now: datetime
) -> None:
    client, ops = api(settled), reports(pain, now, 50)
    push(client, *ops)
    answers: list[Any] = []
    asked = asked_by(lambda: answers.append(push(client, *ops)))
    assert statuses(answers[0]) == ["duplicate"] * 50
    assert len(asked) <= 2, asked
    assert all(text.lstrip().startswith("SELECT") for text in asked), asked
