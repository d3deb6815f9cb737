"""What several readers want is read at once, and each gets its own rows."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Patient
from backend.core.compiled import compiled
from backend.core.together import Part
from backend.core.wanted import Wanted, joined, read, read_all
from exercises.plans.models import RecoveryPlan

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)


@compiled
def plans(patient_id: UUID, episode: int) -> QuerySet[RecoveryPlan]:
    return RecoveryPlan.objects.filter(patient_id=patient_id, episode=episode)


def revs(patient: Patient, *episodes: int) -> Wanted[list[list[int]]]:
    def made(*found: Any) -> list[list[int]]:
        return [[row.rev for row in rows] for rows in found]

    return Wanted([Part(plans, (patient.pk, each), RecoveryPlan) for each in episodes], made)


def test_each_reader_gets_the_rows_of_its_own_parts(patient: Patient) -> None:
    for episode in (1, 2):
        RecoveryPlan.objects.create(
            patient=patient,
            episode=episode,
            start_date=NOON.date(),
            care_started_on=NOON.date(),
            phase_since=NOON.date(),
            rev=10 * episode,
            created_at=NOON,
            closed_at=NOON if episode == 1 else None,
        )
    both, none, second = revs(patient, 1, 2), revs(patient), revs(patient, 2, 3)
    with CaptureQueriesContext(connection) as made:
        read_all(both, none, second)
    assert (both.found, none.found, second.found) == ([[10], [20]], [], [[20], []])
    assert len(made) == (1 if connection.vendor == "postgresql" else 4)
    assert read(revs(patient, 2)) == [[20]]
    joint = joined(lambda *found: found, revs(patient, 2, 1), revs(patient), revs(patient, 1))
    assert read(joint) == ([[20], [10]], [], [[10]])
