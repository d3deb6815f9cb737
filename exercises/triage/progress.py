"""The doses that are due now, after how the sessions were borne."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from exercises.catalog import selectors as catalog
from exercises.plans.models import Prescription, RecoveryPlan
from exercises.plans.progression import Adjusted, dose_after
from exercises.triage.courses import Key, courses


def adjusted_doses(
    plan: RecoveryPlan, rows: Iterable[Prescription], before: date, *, keep: bool = False
) -> dict[UUID, Adjusted]:
    """The dose of each of the plan's prescriptions `rows` on the local date `before`, by
    prescription, after the sessions of the days before it; three queries. `keep`: what the older
    sessions come to is written down, where it is not yet."""
    asked, every = list(rows), [*plan.prescriptions.only("plan", "exercise", "by", "starts_on")]
    # Her look at it stands, even where the template has taken its place since.
    reviewed, limits = reviews_of([*every, *asked], before), catalog.monitoring()
    keys = {
        row.pk: Key(row.exercise, row.starts_on, reviewed.get(row.exercise))
        for row in (*every, *asked)
    }
    found = courses(
        plan,
        {keys[row.pk] for row in asked},
        names={str(row.pk): row.exercise for row in every},
        before=before,
        kept={keys[row.pk] for row in every} if keep else None,
    )
    return {
        row.pk: dose_after(row.dose, found[keys[row.pk]], phase=row.phase, limits=limits)
        for row in asked
    }


def reviews_of(rows: Iterable[Prescription], today: date) -> dict[str, date]:
    """When a therapist last prescribed each exercise herself, until `today`."""
    found: dict[str, date] = {}
    for row in rows:
        if row.by_id is not None and row.starts_on <= today:
            found[row.exercise] = max(row.starts_on, found.get(row.exercise, row.starts_on))
    return found
