"""What is read together is what each selector finds by itself."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import connection
from django.db.models import QuerySet
from django.forms.models import model_to_dict
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Patient
from backend.core.compiled import compiled
from backend.core.together import Part, read_together
from exercises.plans.models import RecoveryPlan
from exercises.tracking.models import Fact, FactType

NOON = datetime(2026, 5, 6, 12, 0, 0, 123456, tzinfo=UTC)
TEXT = 'quotes " and \\ and é and 🦵 and 100 %s'


class Seen(msgspec.Struct, array_like=True):
    id: str
    occurred_at: datetime
    local_date: date
    data: dict[str, Any]
    retracted_by: str | None


@compiled
def facts(patient_id: UUID, named: Sequence[UUID]) -> QuerySet[Fact]:
    return Fact.objects.filter(patient_id=patient_id, id__in=named).order_by("-rev")


@compiled
def plans(patient_id: UUID) -> QuerySet[RecoveryPlan]:
    return RecoveryPlan.objects.filter(patient_id=patient_id).order_by("episode")


@pytest.fixture
def diary(patient: Patient) -> list[Fact]:
    """Five facts, and two plans of which one is held."""
    for episode in (1, 2):
        RecoveryPlan.objects.create(
            patient=patient,
            episode=episode,
            start_date=NOON.date(),
            care_started_on=NOON.date(),
            phase_since=NOON.date(),
            held_at=NOON if episode == 2 else None,
            held_by=patient.user if episode == 2 else None,
            held_reason=TEXT if episode == 2 else "",
            rev=episode,
            created_at=NOON,
            closed_at=NOON if episode == 1 else None,
        )
    return [
        Fact.objects.create(
            patient=patient,
            id=uuid4(),
            type=FactType.PAIN,
            rev=rev,
            occurred_at=NOON - rev * timedelta(days=1),
            tz="UTC",
            local_date=NOON.date(),
            received_at=NOON,
            data={"note": TEXT, "nested": [rev, 1.5, None, True]},
            digest="0" * 32,
            retracted_by=uuid4() if rev % 2 else None,
        )
        for rev in range(1, 6)
    ]


def seen(rows: Sequence[Any]) -> list[tuple[object, ...]]:
    return [
        (
            str(row.id),
            row.occurred_at,
            row.local_date,
            row.data,
            row.retracted_by and str(row.retracted_by),
        )
        for row in rows
    ]


@pytest.mark.parametrize("count", [0, 1, 3, 5])
def test_each_part_is_what_its_selector_finds(
    patient: Patient, diary: list[Fact], count: int
) -> None:
    named = [fact.id for fact in diary[:count]]
    found, opened = read_together(
        Part(facts, (patient.pk, named), Seen), Part(plans, (patient.pk,), RecoveryPlan)
    )
    assert seen(found) == seen(facts(patient.pk, named))
    assert [model_to_dict(plan) for plan in opened] == [
        model_to_dict(plan) for plan in plans(patient.pk)
    ]
    assert [plan.pk for plan in opened] == [plan.pk for plan in plans(patient.pk)]


def test_a_model_that_was_read_so_can_be_saved(patient: Patient, diary: list[Fact]) -> None:
    ((first, _),) = read_together(Part(plans, (patient.pk,), RecoveryPlan))
    first.version = 7
    first.save()
    assert RecoveryPlan.objects.get(pk=first.pk).version == 7
    assert RecoveryPlan.objects.count() == 2


def test_nothing_is_an_empty_list(patient: Patient) -> None:
    found = read_together(
        Part(facts, (patient.pk, [uuid4()]), Seen), Part(plans, (patient.pk,), RecoveryPlan)
    )
    assert found == [[], []]


def test_on_postgresql_it_is_one_statement(
    patient: Patient, diary: list[Fact], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    named = [fact.id for fact in diary]
    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 2):
        read_together(
            Part(facts, (patient.pk, named), Seen), Part(plans, (patient.pk,), RecoveryPlan)
        )
