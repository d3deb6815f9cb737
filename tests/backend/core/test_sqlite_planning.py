"""What the planner of SQLite does once somebody has counted."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import QuerySet

from backend.accounts.models import Patient
from backend.core.sqlite3.planning import count_rows
from exercises.tracking.models import Fact, FactType
from exercises.triage.gathering import reports_since

pytestmark = pytest.mark.django_db
KINDS = (FactType.PAIN, FactType.SESSION, FactType.HOME_CARE)


def plan_of(queryset: QuerySet[Fact]) -> str:
    sql, params = queryset.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        return "\n".join(row[3] for row in cursor.fetchall())


@pytest.fixture
def long_diary(patient: Patient, now: datetime) -> None:
    Fact.objects.bulk_create(
        Fact(
            patient=patient,
            id=uuid4(),
            type=kind,
            rev=100 + day * len(KINDS) + place,
            occurred_at=now - timedelta(days=day),
            tz="UTC",
            local_date=(now - timedelta(days=day)).date(),
            received_at=now,
            data={},
            digest=str(day),
        )
        for day in range(300)
        for place, kind in enumerate(KINDS)
    )


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL counts by itself")
def test_a_judgement_finds_recent_reports_by_their_time_in_a_long_diary(
    patient: Patient, long_diary: None, now: datetime
) -> None:
    wanted = (patient.pk, now - timedelta(days=120), now - timedelta(days=15), [], False)
    count_rows()
    assert "patient_id=? AND type=? AND occurred_at>?" in plan_of(reports_since.queryset(*wanted))


def test_counting_changes_no_answer(patient: Patient, long_diary: None, now: datetime) -> None:
    wanted = (patient.pk, now - timedelta(days=120), now - timedelta(days=15), [], False)
    before = [fact.id for fact in reports_since(*wanted)]
    count_rows()
    assert [fact.id for fact in reports_since(*wanted)] == before
    assert len(before) == 16
