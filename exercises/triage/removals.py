"""Exercises that were taken out after bad mornings, and wait for a therapist's look."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from msgspec import Struct

from backend.core.compiled import compiled
from backend.core.together import Part
from backend.core.wanted import Wanted
from exercises.catalog import selectors as catalog
from exercises.plans.models import Prescription, RecoveryPlan
from exercises.plans.progression import Borne, removed_on
from exercises.tracking.models import Fact, FactType
from exercises.triage.progress import reviews_of


@dataclass(frozen=True)
class Removal:
    """An exercise that is prescribed and not offered, since the local date `since`; `prescription`
    is the row to change or to end."""

    exercise: str
    prescription: UUID
    since: date


class BadSession(Struct, array_like=True, frozen=True):
    """A session after which the next morning was worse."""

    patient_id: UUID
    local_date: date
    data: dict[str, Any]


def wanted_removals(
    opened: Sequence[RecoveryPlan], todays: Mapping[UUID, date]
) -> Wanted[dict[UUID, list[Removal]]]:
    """What was removed of each of these plans by its patient's local date, by plan; of the sessions
    only those after which a morning was worse are read."""

    def made(
        rows: Sequence[Prescription], sessions: Sequence[BadSession]
    ) -> dict[UUID, list[Removal]]:
        by_plan: defaultdict[UUID, list[Prescription]] = defaultdict(list)
        for row in rows:
            by_plan[row.plan_id].append(row)
        by_patient: defaultdict[UUID, list[BadSession]] = defaultdict(list)
        for session in sessions:
            by_patient[session.patient_id].append(session)
        return {
            plan.pk: [
                *_of_plan(plan, by_plan[plan.pk], by_patient[plan.patient_id], todays[plan.pk])
            ]
            for plan in opened
        }

    patients = [plan.patient_id for plan in opened]
    first = min((plan.start_date for plan in opened), default=date.min)
    last = max(todays.values(), default=date.min)
    return Wanted(
        [
            Part(_prescribed, ([plan.pk for plan in opened],), Prescription),
            Part(_bad_sessions, (patients, first, last), BadSession),
        ],
        made,
    )


def _of_plan(
    plan: RecoveryPlan, rows: Sequence[Prescription], sessions: Sequence[BadSession], today: date
) -> Iterator[Removal]:
    reviewed, limits = reviews_of(rows, today), catalog.monitoring()
    names = {str(row.pk): row.exercise for row in rows}
    days: defaultdict[str, list[Borne]] = defaultdict(list)
    for session in sessions:
        if plan.start_date <= session.local_date <= today:
            rise = session.data["next_morning_increase"]
            for exercise in _exercises(session, names):
                days[exercise].append(Borne(session.local_date, next_morning=rise))
    for row in rows:
        if row.flare_id is not None or row.starts_on > today or _has_ended(row, today):
            continue
        review = reviewed.get(row.exercise, date.min)
        counted = [item for item in days[row.exercise] if item.local_date >= review]
        since = removed_on(counted, limits)
        if since is not None:
            yield Removal(row.exercise, row.pk, since)


@compiled
def _prescribed(plan_ids: Sequence[UUID]) -> QuerySet[Prescription]:
    return Prescription.objects.filter(plan__in=plan_ids).order_by("starts_on", "id")


@compiled
def _bad_sessions(patient_ids: Sequence[UUID], first: date, last: date) -> QuerySet[Fact]:
    rows = Fact.objects.filter(
        patient__in=patient_ids,
        local_date__range=(first, last),
        type=FactType.SESSION,
        retracted_by=None,
        amended_by=None,
        data__next_morning_increase__gte=catalog.monitoring().next_morning_rise,
    )
    return rows.only("patient", "local_date", "data")


def _exercises(session: BadSession, names: dict[str, str]) -> set[str]:
    found = {
        item.get("exercise") or names.get(item.get("prescription", ""), "")
        for item in session.data["items"]
    }
    return found - {""}


def _has_ended(row: Prescription, today: date) -> bool:
    return row.ends_on is not None and row.ends_on <= max(today, row.starts_on)
