"""Exercises that were taken out after bad mornings, and wait for a therapist's look."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

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


def removals(
    opened: Sequence[RecoveryPlan], todays: Mapping[UUID, date]
) -> dict[UUID, list[Removal]]:
    """What was removed of each of these plans by its patient's local date, by plan; two queries,
    and only the sessions after which a morning was worse are read."""
    rows: defaultdict[UUID, list[Prescription]] = defaultdict(list)
    for row in Prescription.objects.filter(plan__in=list(opened)).order_by("starts_on", "id"):
        rows[row.plan_id].append(row)
    sessions: defaultdict[UUID, list[Fact]] = defaultdict(list)
    for session in _bad_sessions(opened):
        sessions[session.patient_id].append(session)
    return {
        plan.pk: [*_of_plan(plan, rows[plan.pk], sessions[plan.patient_id], todays[plan.pk])]
        for plan in opened
    }


def _of_plan(
    plan: RecoveryPlan, rows: Sequence[Prescription], sessions: Sequence[Fact], today: date
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


def _bad_sessions(opened: Sequence[RecoveryPlan]) -> Iterator[Fact]:
    rows = Fact.objects.filter(
        patient__in=[plan.patient_id for plan in opened],
        type=FactType.SESSION,
        retracted_by=None,
        amended_by=None,
        data__next_morning_increase__gte=catalog.monitoring().next_morning_rise,
    )
    yield from rows.only("patient", "local_date", "data")


def _exercises(session: Fact, names: dict[str, str]) -> set[str]:
    found = {
        item.get("exercise") or names.get(item.get("prescription", ""), "")
        for item in session.data["items"]
    }
    return found - {""}


def _has_ended(row: Prescription, today: date) -> bool:
    return row.ends_on is not None and row.ends_on <= max(today, row.starts_on)
