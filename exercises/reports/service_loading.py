"""Reads what a service report counts, of all patients of a clinic at once."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Subquery

from backend.accounts.access import is_open
from backend.accounts.consents import granting
from backend.accounts.models import AuditEvent, CareRelationship, Clinic, Scope
from backend.core.localtime import local_date
from exercises.plans.models import RecoveryPlan
from exercises.reports.service_report import (
    ACTIVE_AFTER_DAYS,
    ACTIVE_WINDOW_DAYS,
    Cohort,
    Enrolment,
    Stop,
    service_report,
)
from exercises.tracking.models import Fact

_DAY_30 = timedelta(days=ACTIVE_AFTER_DAYS)
_WINDOW = timedelta(days=ACTIVE_WINDOW_DAYS)


def report_of(clinic: Clinic, now: datetime) -> tuple[tuple[Cohort, ...], Cohort]:
    """The months of `clinic`, in its zone, and all of them together; six queries."""
    return service_report(_enrolments(clinic, now))


def _enrolments(clinic: Clinic, now: datetime) -> list[Enrolment]:
    care = CareRelationship.objects.filter(clinic=clinic, started_at__lte=now)
    rows = list(
        care.order_by()
        .values("patient")
        .annotate(begun=Min("started_at"), open=Count("pk", filter=is_open(now)))
    )
    begun: dict[UUID, datetime] = {row["patient"]: row["begun"] for row in rows}
    planned = set(
        RecoveryPlan.objects.filter(patient__in=care.values("patient")).values_list(
            "patient", flat=True
        )
    )
    sharing = granting(begun, Scope.DIARY, now)
    reported = _reported_near_day_30(clinic)
    ended = _ended_by(clinic)
    return [
        Enrolment(
            month=local_date(row["begun"], clinic.time_zone).replace(day=1),
            started=row["patient"] in planned,
            reported_near_day_30=(row["patient"] in reported)
            if now >= row["begun"] + _DAY_30 and row["patient"] in planned & sharing
            else None,
            stopped=None if row["open"] else ended.get(row["patient"], "system"),
        )
        for row in rows
    ]


def _reported_near_day_30(clinic: Clinic) -> set[UUID]:
    """The patients with a report from day 23 until day 30 (exclusive) of care at the clinic."""
    hers = CareRelationship.objects.filter(clinic=clinic, patient=OuterRef("patient"))
    first = hers.order_by("started_at")
    near = Fact.objects.filter(
        patient=OuterRef("patient"),
        retracted_by=None,
        occurred_at__gte=OuterRef("started_at") + _DAY_30 - _WINDOW,
        occurred_at__lt=OuterRef("started_at") + _DAY_30,
    )
    starts = CareRelationship.objects.filter(clinic=clinic, pk=Subquery(first.values("pk")[:1]))
    return set(starts.filter(Exists(near)).values_list("patient", flat=True))


def _ended_by(clinic: Clinic) -> dict[UUID | None, Stop]:
    """Who ended the last care of each patient, as the audit has it."""
    ended = CareRelationship.objects.filter(clinic=clinic, ended_at__isnull=False)
    here = {str(pk) for pk in ended.values_list("pk", flat=True)}
    events = AuditEvent.objects.filter(
        action="care.ended", object_kind="care", patient_id__in=ended.values("patient")
    )
    rows = events.order_by("at", "pk").values_list("patient_id", "actor_id", "object_id")
    return {patient: _stop(patient, actor) for patient, actor, care in rows if care in here}


def _stop(patient: UUID | None, actor: UUID | None) -> Stop:
    if actor is None:
        return "system"
    return "patient" if actor == patient else "clinic"
