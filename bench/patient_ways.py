"""Ways of making what a therapist reads of one patient (see `bench.panel_worker`).

`page` is what `GET /patients/{id}` answers with, and `page_sql` its reads with nothing around them;
`page_html_sql` the reads of the dashboard's page. `page_orm` are the same numbers as they are had from
Django's ORM where nothing was summarised before: means of pain by day and site, what was done of the
plan, open alerts and the last reports.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any

import msgspec
import psycopg
from django.conf import settings
from django.db import connection
from django.db.models import Avg, FloatField
from django.db.models.functions import Cast
from django.test import Client

from backend.accounts.models import CareRelationship, Patient
from backend.accounts.services import make_session_token
from backend.core import clock
from backend.core.localtime import local_date
from exercises.plans.models import Prescription, RecoveryPlan
from exercises.tracking.models import Fact, FactType
from exercises.triage.models import Alert
from exercises.triage.panel_presenters import patient_view
from exercises.triage.patient_page import REPORT_DAYS, SERIES_DAYS, patient_page

Way = Callable[[], Any]


def ways(patient_id: str) -> dict[str, Way]:
    """The ways, for this patient."""
    patient = Patient.objects.select_related("user").get(pk=patient_id)
    now = clock.now()
    today = local_date(now, patient.user.time_zone)

    def page() -> bytes:
        return msgspec.json.encode(patient_view(patient_page(patient, now, language="en")))

    return {
        "page": page,
        "page_sql": _bare(page),
        "page_html_sql": _bare(_html(patient, now)),
        "page_orm": lambda: _by_orm(patient, today),
    }


def _html(patient: Patient, now: datetime) -> Way:
    relation = CareRelationship.objects.filter(patient=patient).select_related("therapist")[0]
    client = Client(headers={"Host": "127.0.0.1"})
    client.cookies[settings.SESSION_COOKIE_NAME] = make_session_token(relation.therapist, now)

    def page() -> None:
        status = client.get(f"/dashboard/patients/{patient.pk}/").status_code
        if status != HTTPStatus.OK:
            raise RuntimeError(f"The page was answered with {status}.")

    return page


def _bare(page: Way) -> Way:
    """The reads of `page`, prepared, with nothing around them."""
    reads: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT"):
            reads.append((sql, params))
        return execute(sql, params, many, context)

    page()
    with connection.execute_wrapper(note):
        page()

    def sql() -> None:
        with psycopg.Cursor(connection.connection) as cursor:
            for statement, params in reads:
                cursor.execute(statement, params, prepare=True).fetchall()

    return sql


def _by_orm(patient: Patient, today: date) -> bytes:
    counting = Fact.objects.filter(patient=patient, retracted_by=None, amended_by=None)
    plan = RecoveryPlan.objects.get(patient=patient, closed_at=None)
    reports = [*counting.filter(local_date__gt=today - timedelta(days=REPORT_DAYS))]
    pains = counting.filter(type=FactType.PAIN, local_date__gt=today - timedelta(days=SERIES_DAYS))
    return msgspec.json.encode(
        {
            "name": patient.user.name,
            "plan": {"phase": plan.phase, "started": plan.start_date},
            "series": [
                *pains.values("local_date", "data__site", "data__kind")
                .annotate(mean=Avg(Cast("data__score", FloatField())))
                .order_by("local_date")
            ],
            "courses": [_course(row, reports, today) for row in plan.prescriptions.all()],
            "alerts": [
                {"rule": alert.rule, "level": alert.level, "at": alert.occurred_at}
                for alert in Alert.objects.filter(patient=patient, closed_at=None)
            ],
            "reports": [
                {"type": fact.type, "at": fact.occurred_at, "data": fact.data} for fact in reports
            ],
        }
    )


def _course(row: Prescription, reports: list[Fact], today: date) -> dict[str, Any]:
    recent = [
        item
        for fact in reports
        if fact.type == FactType.SESSION and fact.local_date > today - timedelta(days=7)
        for item in fact.data["items"]
    ]
    done = sum(item.get("prescription") == str(row.pk) for item in recent)
    return {"exercise": row.exercise, "done": done, "due": 7 * len(row.slots)}
