"""The doses that are due now, after how the sessions were borne."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from django.db.models import QuerySet
from msgspec import Struct

from backend.core.compiled import compiled
from backend.core.together import Part
from backend.core.wanted import Wanted, read
from exercises.catalog import selectors as catalog
from exercises.plans.models import Prescription, RecoveryPlan
from exercises.plans.progression import Adjusted, dose_after
from exercises.triage.courses import KeptCourses, Key, Read, Session, courses, wanted_courses


class Row(Protocol):
    """What a course needs of a prescription."""

    @property
    def id(self) -> UUID: ...
    @property
    def exercise(self) -> str: ...
    @property
    def by_id(self) -> UUID | None: ...
    @property
    def starts_on(self) -> date: ...


class Prescribed(Struct, array_like=True, frozen=True):
    """That much of one."""

    id: UUID
    exercise: str
    by_id: UUID | None
    starts_on: date


@dataclass(frozen=True)
class Borne:
    """What tells how the plan's doses were borne until before the local date `before`: all its
    prescriptions, and what is known of their courses."""

    before: date
    every: Sequence[Prescribed]
    read: Read


def adjusted_doses(
    plan: RecoveryPlan, rows: Iterable[Prescription], before: date, *, keep: bool = False
) -> dict[UUID, Adjusted]:
    """The dose of each of the plan's prescriptions `rows` on the local date `before`, by
    prescription, after the sessions of the days before it; three queries. `keep`: what the older
    sessions come to is written down, where it is not yet."""
    return doses_after(plan, rows, read(wanted_borne(plan, before)), keep=keep)


def wanted_borne(plan: RecoveryPlan, before: date) -> Wanted[Borne]:
    """What `doses_after` needs, to be read with other things."""

    def made(
        every: Sequence[Prescribed], rows: Sequence[KeptCourses], *recent: Sequence[Session]
    ) -> Borne:
        return Borne(before, every, Read(rows, *recent))

    return Wanted([Part(_every, (plan.pk,), Prescribed), *wanted_courses(plan, before)], made)


def doses_after(
    plan: RecoveryPlan, rows: Iterable[Prescription], borne: Borne, *, keep: bool = False
) -> dict[UUID, Adjusted]:
    """`adjusted_doses` after what was read."""
    asked, every = list(rows), borne.every
    # Her look at it stands, even where the template has taken its place since.
    known: list[Row] = [*every, *asked]
    reviewed, limits = reviews_of(known, borne.before), catalog.monitoring()
    keys = {row.id: Key(row.exercise, row.starts_on, reviewed.get(row.exercise)) for row in known}
    found = courses(
        plan,
        {keys[row.id] for row in asked},
        names={str(row.id): row.exercise for row in every},
        before=borne.before,
        read=borne.read,
        kept={keys[row.id] for row in every} if keep else None,
    )
    return {
        row.id: dose_after(row.dose, found[keys[row.id]], phase=row.phase, limits=limits)
        for row in asked
    }


def reviews_of(rows: Iterable[Row], today: date) -> dict[str, date]:
    """When a therapist last prescribed each exercise herself, until `today`."""
    found: dict[str, date] = {}
    for row in rows:
        if row.by_id is not None and row.starts_on <= today:
            found[row.exercise] = max(row.starts_on, found.get(row.exercise, row.starts_on))
    return found


@compiled
def _every(plan_id: UUID) -> QuerySet[Prescription]:
    return Prescription.objects.filter(plan_id=plan_id)
