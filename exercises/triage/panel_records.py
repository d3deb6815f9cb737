"""What the panel reads of patients' records, at once: in two queries on PostgreSQL, however many there
are, in eight on SQLite."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from msgspec import Struct

from backend.accounts.consents import Shared, wanted_shared
from backend.accounts.models import Patient
from backend.core.compiled import compiled
from backend.core.localtime import local_date
from backend.core.together import Part
from backend.core.wanted import Wanted, read_all
from exercises.plans.models import PlanPause, Prescription, RecoveryPlan
from exercises.tracking import selectors as tracking
from exercises.tracking import trends
from exercises.tracking.models import DayPain, Fact, FactType
from exercises.triage.models import Alert
from exercises.triage.selectors import WAITING

R = TypeVar("R")

WEEK = timedelta(days=7)
DAY = timedelta(days=1)
# Two weeks of days, and one more since a zone's today may be the next of UTC's.
LOOK_BACK = timedelta(days=15)
_BY_PATIENT, _BY_PLAN = attrgetter("patient_id"), attrgetter("plan_id")
_IS_INDEXED = Q(site__in=trends.INDEX_SITES) & (Q(avg24_count__gt=0) | Q(now_count__gt=0))


class PatientSession(Struct, array_like=True, frozen=True):
    """What a session of one of many patients says was done."""

    patient_id: UUID
    local_date: date
    data: dict[str, Any]


class PatientDay(tracking.SummedDay, array_like=True, frozen=True):
    """A day summary of one of many patients."""

    patient_id: UUID


class _LastPain(Struct, array_like=True, frozen=True):
    id: UUID
    last_pain_on: date | None


@dataclass(frozen=True)
class Heads:
    """What decides what else is read, by patient: what she shares, her open plan, and the last day
    of whose pain she told. Who has none is left out."""

    shared: Mapping[UUID, Shared]
    plans: Mapping[UUID, RecoveryPlan]
    last_pains: Mapping[UUID, date]


def read_heads(patient_ids: Sequence[UUID], now: datetime) -> Heads:
    """The heads of these patients' records; one query on PostgreSQL."""
    shared = wanted_shared(patient_ids, now)
    opened = _wanted_plans(patient_ids)
    last_pains = _wanted_last_pains(patient_ids, now)
    read_all(shared, opened, last_pains)
    return Heads(shared.found, opened.found, last_pains.found)


@dataclass(frozen=True)
class Records:
    """What rows are computed from, by patient, and by plan where it is of a plan. Of who does not
    share her diary there are the alerts alone."""

    heads: Heads
    alerts: Mapping[UUID, list[Alert]]
    pains: Mapping[UUID, list[PatientDay]]
    pauses: Mapping[UUID, list[PlanPause]]
    prescriptions: Mapping[UUID, list[Prescription]]
    sessions: Mapping[UUID, list[PatientSession]]


def wanted_records(patients: Sequence[Patient], heads: Heads, now: datetime) -> Wanted[Records]:
    """What the rows of `patients` (with their users) need besides their heads."""
    ids = [patient.pk for patient in patients if heads.shared[patient.pk].diary]
    plan_ids = [heads.plans[pk].pk for pk in ids if pk in heads.plans]
    first, end = local_date(now, "UTC") - LOOK_BACK, _end(now)

    def made(
        alerts: Sequence[Alert],
        pains: Sequence[PatientDay],
        pauses: Sequence[PlanPause],
        prescriptions: Sequence[Prescription],
        sessions: Sequence[PatientSession],
    ) -> Records:
        return Records(
            heads=heads,
            alerts=_grouped(alerts, _BY_PATIENT),
            pains=_grouped(pains, _BY_PATIENT),
            pauses=_grouped(pauses, _BY_PLAN),
            prescriptions=_grouped(prescriptions, _BY_PLAN),
            sessions=_grouped(sessions, _BY_PATIENT),
        )

    return Wanted(
        [
            Part(_waiting, ([patient.pk for patient in patients],), Alert),
            Part(_pains, (ids, first, end, *_long_silent(ids, heads, first)), PatientDay),
            Part(_pauses, (plan_ids, now - LOOK_BACK), PlanPause),
            Part(_prescriptions, (plan_ids, first), Prescription),
            Part(_sessions, (ids, first + WEEK, end), PatientSession),
        ],
        made,
    )


def _wanted_plans(ids: Sequence[UUID]) -> Wanted[Mapping[UUID, RecoveryPlan]]:
    def made(rows: Sequence[RecoveryPlan]) -> Mapping[UUID, RecoveryPlan]:
        return {row.patient_id: row for row in rows}

    return Wanted([Part(_open_plans, (ids,), RecoveryPlan)], made)


def _wanted_last_pains(ids: Sequence[UUID], now: datetime) -> Wanted[Mapping[UUID, date]]:
    def made(rows: Sequence[_LastPain]) -> Mapping[UUID, date]:
        return {row.id: row.last_pain_on for row in rows if row.last_pain_on is not None}

    return Wanted([Part(_last_pains, (ids, _end(now)), _LastPain)], made)


def _end(now: datetime) -> date:
    # A date beyond tomorrow comes from a clock that is wrong; it must not hide the latest entry.
    return local_date(now, "UTC") + 2 * DAY


def _long_silent(ids: Sequence[UUID], heads: Heads, first: date) -> tuple[list[UUID], list[date]]:
    """Those who told of no pain since `first`, and the days on which they last did."""
    last = {pk: heads.last_pains[pk] for pk in ids if pk in heads.last_pains}
    silent = {pk: day for pk, day in last.items() if day < first}
    return [*silent], [*silent.values()]


@compiled
def _open_plans(ids: Sequence[UUID]) -> QuerySet[RecoveryPlan]:
    return RecoveryPlan.objects.filter(patient__in=ids, closed_at=None)


@compiled
def _last_pains(ids: Sequence[UUID], end: date) -> QuerySet[Patient]:
    logged = DayPain.objects.filter(_IS_INDEXED, patient=OuterRef("pk"), local_date__lt=end)
    latest = logged.order_by("-local_date").values("local_date")[:1]
    return Patient.objects.filter(pk__in=ids).only("pk").annotate(last_pain_on=Subquery(latest))


@compiled
def _waiting(ids: Sequence[UUID]) -> QuerySet[Alert]:
    return Alert.objects.filter(WAITING, patient__in=ids)


@compiled
def _pains(
    ids: Sequence[UUID],
    first: date,
    end: date,
    silent: Sequence[UUID],
    silent_since: Sequence[date],
) -> QuerySet[DayPain]:
    # Of those long silent, the last day alone (the dates of others among them do no harm).
    long_ago = Q(patient__in=silent, local_date__in=silent_since)
    recent = Q(patient__in=ids, local_date__gte=first, local_date__lt=end)
    return DayPain.objects.filter(recent | long_ago)


@compiled
def _pauses(plan_ids: Sequence[UUID], since: datetime) -> QuerySet[PlanPause]:
    recent = Q(ended_at=None) | Q(ended_at__gt=since)
    return PlanPause.objects.filter(recent, plan__in=plan_ids).order_by("started_at", "id")


@compiled
def _prescriptions(plan_ids: Sequence[UUID], first: date) -> QuerySet[Prescription]:
    stands = Q(ends_on=None) | Q(ends_on__gt=first)
    rows = Prescription.objects.filter(stands, plan__in=plan_ids).exclude(ends_on=F("starts_on"))
    return rows.order_by("starts_on", "id")


@compiled
def _sessions(ids: Sequence[UUID], first: date, end: date) -> QuerySet[Fact]:
    sessions = Fact.objects.filter(type=FactType.SESSION, retracted_by=None, amended_by=None)
    days = sessions.filter(patient__in=ids, local_date__gte=first, local_date__lt=end)
    return days.only("patient", "local_date", "data").order_by("occurred_at", "row")


def _grouped(rows: Iterable[R], key: Callable[[R], UUID]) -> dict[UUID, list[R]]:
    groups: defaultdict[UUID, list[R]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups
