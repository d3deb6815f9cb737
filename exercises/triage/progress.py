"""The doses that are due now, after how the sessions were borne."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from exercises.catalog import selectors as catalog
from exercises.plans.models import Prescription, RecoveryPlan
from exercises.plans.progression import Adjusted, Borne, adjusted
from exercises.tracking import selectors as tracking


def adjusted_doses(
    plan: RecoveryPlan, rows: Iterable[Prescription], before: date
) -> dict[UUID, Adjusted]:
    """The dose of each of the plan's prescriptions `rows` on the local date `before`, by
    prescription, after the sessions of the days before it; two queries."""
    asked, every = list(rows), [*plan.prescriptions.only("plan", "exercise", "by", "starts_on")]
    names = {str(row.pk): row.exercise for row in every}
    histories = _histories(plan, names, before)
    # Her look at it stands, even where the template has taken its place since.
    reviewed, limits = reviews_of([*every, *asked], before), catalog.monitoring()
    return {
        row.pk: adjusted(
            row.dose,
            histories.get(row.exercise, ()),
            phase=row.phase,
            since=row.starts_on,
            reviewed_on=reviewed.get(row.exercise),
            limits=limits,
        )
        for row in asked
    }


def _histories(
    plan: RecoveryPlan, names: Mapping[str, str], before: date
) -> dict[str, list[Borne]]:
    sessions = tracking.sessions_between(plan.patient_id, plan.start_date, before)
    found: defaultdict[str, list[Borne]] = defaultdict(list)
    for session in sessions:
        by_exercise: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for item in session.data["items"]:
            exercise = item.get("exercise") or names.get(item.get("prescription", ""))
            if exercise is not None:
                by_exercise[exercise].append(item)
        for exercise, items in by_exercise.items():
            borne = _borne(items, session.local_date, session.data.get("next_morning_increase"))
            found[exercise].append(borne)
    return found


def _borne(items: list[dict[str, Any]], day: date, next_morning: int | None) -> Borne:
    pains = [item["pain_during"] for item in items if "pain_during" in item]
    stopped = any(item["stopped_because"] == "pain" for item in items)
    return Borne(day, max(pains, default=None), next_morning, stopped)


def reviews_of(rows: Iterable[Prescription], today: date) -> dict[str, date]:
    """When a therapist last prescribed each exercise herself, until `today`."""
    found: dict[str, date] = {}
    for row in rows:
        if row.by_id is not None and row.starts_on <= today:
            found[row.exercise] = max(row.starts_on, found.get(row.exercise, row.starts_on))
    return found
