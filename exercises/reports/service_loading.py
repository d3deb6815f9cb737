"""Reads what a service report counts, of all patients of a clinic at once."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Subquery

from backend.accounts.access import is_open
from backend.accounts.consents import granting
from backend.accounts.ending import EndReason
from backend.accounts.models import AuditEvent, CareRelationship, Clinic, Scope
from backend.core.localtime import local_date
from exercises.plans.models import RecoveryPlan
from exercises.reports.service_report import (
    ACTIVE_AFTER_DAYS,
    ACTIVE_WINDOW_DAYS,
    UNSAID,
    Cohort,
    Enrolment,
    Stop,
    reasons_of,
    service_report,
)
from exercises.reports.service_report import Count as Counted
from exercises.tracking.models import Fact

_DAY_30 = timedelta(days=ACTIVE_AFTER_DAYS)
_WINDOW = timedelta(days=ACTIVE_WINDOW_DAYS)


def report_of(
    clinic: Clinic, now: datetime
) -> tuple[tuple[Cohort, ...], Cohort, dict[str, Counted]]:
    """The months of `clinic`, in its zone, all of them together, and why care ended, by reason; six
    queries."""
    rows = _enrolments(clinic, now)
    return *service_report(rows), reasons_of(rows, EndReason.values)


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
    ended, reasons = _ended_by(clinic)
    return [
        Enrolment(
            month=local_date(row["begun"], clinic.time_zone).replace(day=1),
            started=row["patient"] in planned,
            reported_near_day_30=(row["patient"] in reported)
            if now >= row["begun"] + _DAY_30 and row["patient"] in planned & sharing
            else None,
            stopped=None if row["open"] else ended.get(row["patient"], "system"),
            reason=reasons.get(row["patient"], UNSAID),
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


def _ended_by(clinic: Clinic) -> tuple[dict[UUID | None, Stop], dict[UUID, str]]:
    """Who ended the last care of each patient, as the audit has it, and the reason that was given."""
    ended = CareRelationship.objects.filter(clinic=clinic, ended_at__isnull=False)
    known = [*ended.order_by("ended_at", "pk").values_list("pk", "patient", "end_reason")]
    here = {str(pk) for pk, _, _ in known}
    events = AuditEvent.objects.filter(
        action="care.ended", object_kind="care", patient_id__in=ended.values("patient")
    )
    rows = events.order_by("at", "pk").values_list("patient_id", "actor_id", "object_id")
    by = {patient: _stop(patient, actor) for patient, actor, care in rows if care in here}
    return by, {patient: reason for _, patient, reason in known}


def _stop(patient: UUID | None, actor: UUID | None) -> Stop:
    if actor is None:
        return "system"
    return "patient" if actor == patient else "clinic"
