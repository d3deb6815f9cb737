"""What of one patient waits for her therapist: alerts, tasks of the plan, and what was closed of late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from msgspec import Struct

from backend.accounts.models import Patient
from backend.core.compiled import compiled
from backend.core.localtime import local_date
from backend.core.together import Part
from backend.core.wanted import Wanted
from exercises.plans.models import Prescription
from exercises.triage.models import Alert
from exercises.triage.panel_records import Heads
from exercises.triage.selectors import waiting_with_people
from exercises.triage.sharing import is_shown_without_diary, veiled
from exercises.triage.tasks_due import Task, wanted_tasks

EARLIER_DAYS = 42
MOST_EARLIER = 50


@dataclass(frozen=True)
class Desk:
    """`earlier` are alerts that were closed within six weeks. `names` are the exercises of all that
    was ever prescribed to her, by prescription. Of a patient who does not share her diary, nothing."""

    tasks: tuple[Task, ...] = ()
    earlier: tuple[Alert, ...] = ()
    names: Mapping[UUID, str] = field(default_factory=dict)


class _Named(Struct, array_like=True, frozen=True):
    id: UUID
    exercise: str


def wanted_desk(patient: Patient, heads: Heads, now: datetime) -> Wanted[Desk]:
    """What waits of `patient` (with her user) at `now`, to be read with other things."""
    if not heads.shared[patient.pk].diary:
        return Wanted([], Desk)
    today, plan = local_date(now, patient.user.time_zone), heads.plans.get(patient.pk)
    if plan is not None:
        plan.patient = patient
    tasks = wanted_tasks([plan] if plan else [], {plan.pk: today} if plan else {})

    def made(earlier: Sequence[Alert], named: Sequence[_Named], *rows: Sequence[Any]) -> Desk:
        found = tasks.made(*rows)
        return Desk(
            tasks=found[plan.pk] if plan else (),
            earlier=tuple(earlier),
            names={row.id: row.exercise for row in named},
        )

    since = today - timedelta(days=EARLIER_DAYS)
    return Wanted(
        [
            Part(_earlier, (patient.pk, since), Alert),
            Part(_named, (patient.pk,), _Named),
            *tasks.parts,
        ],
        made,
    )


def alerts_on_desk(patient: Patient, *, shared: bool) -> tuple[Alert, ...]:
    """The alerts that stand or wait for review, highest first, with prompt, people and steps; two
    queries. Of a patient whose diary is not `shared` those that stay visible."""
    rows = waiting_with_people(patient.pk)
    if not shared:
        zone = patient.user.time_zone
        rows = [veiled(row, zone) for row in rows if is_shown_without_diary(row)]
    return tuple(sorted(rows, key=lambda row: (row.closed_at is not None, -row.level, row.rev)))


def exercises_named(patient_id: UUID) -> dict[UUID, str]:
    """The exercises of all that was ever prescribed to the patient, by prescription; one query."""
    return {row.id: row.exercise for row in _named(patient_id)}


@compiled
def _earlier(patient_id: UUID, since: date) -> QuerySet[Alert]:
    rows = Alert.objects.filter(patient_id=patient_id, review_open=False, closed_at__isnull=False)
    return rows.filter(occurred_at__date__gte=since).order_by("-closed_at")[:MOST_EARLIER]


@compiled
def _named(patient_id: UUID) -> QuerySet[Prescription]:
    return Prescription.objects.filter(plan__patient_id=patient_id).only("exercise")
