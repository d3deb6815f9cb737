"""The diary's own search by ids finds what the ORM finds."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from django.forms.models import model_to_dict

from backend.accounts.models import Patient
from exercises.tracking.finding import KnownFact, clearly_about, facts_about, known_about
from exercises.tracking.models import Fact, FactType

NOON = datetime(2026, 10, 25, 0, 30, 0, 123456, tzinfo=UTC)


def fact_of(patient: Patient, rev: int, *, id: UUID | None = None, target: UUID | None) -> Fact:  # noqa: A002
    return Fact.objects.create(
        patient=patient,
        id=id or uuid4(),
        type=FactType.RETRACTION if target else FactType.PAIN,
        rev=rev,
        occurred_at=NOON,
        tz="Europe/Berlin",
        local_date=date(2026, 10, 25),
        received_at=NOON,
        data={"note": 'quotes " and \\ and 🦵', "nested": [1, 2.5, None]},
        digest="0" * 32,
        target=target,
        advice_alerts=[str(uuid4())] if target else None,
    )


@pytest.fixture
def diary(patient: Patient, other_patient: Patient) -> list[Fact]:
    """Six facts, two of them about others; the other patient has a fact under the same id."""
    plain = [fact_of(patient, rev, target=None) for rev in range(1, 5)]
    actors = [fact_of(patient, 4 + place, target=plain[place].id) for place in (1, 2)]
    fact_of(other_patient, 1, id=plain[0].id, target=None)
    return [*plain, *actors]


@pytest.mark.parametrize("count", range(7))
def test_it_finds_what_the_orm_finds(patient: Patient, diary: list[Fact], count: int) -> None:
    ids = {fact.id for fact in diary[:count]} | {uuid4()}
    found, clear = facts_about(patient.pk, ids), clearly_about(patient.pk, ids)
    assert [model_to_dict(fact) for fact in found] == [model_to_dict(fact) for fact in clear]
    assert [fact.row for fact in found] == [fact.row for fact in clear]
    assert all(fact.patient_id == patient.pk for fact in found)


@pytest.mark.parametrize("count", range(7))
def test_what_is_known_is_what_the_facts_say(
    patient: Patient, diary: list[Fact], count: int
) -> None:
    ids = {fact.id for fact in diary[:count]} | {uuid4()}
    clear = {
        fact.id: KnownFact(fact.id, fact.type, fact.rev, fact.digest, fact.advice_alerts)
        for fact in clearly_about(patient.pk, ids)
    }
    found = known_about(patient.pk, ids)
    assert {fact.id: fact for fact in found} == clear
    assert len(found) == len(clear)


def test_what_it_finds_can_be_saved(patient: Patient, diary: list[Fact]) -> None:
    fact = facts_about(patient.pk, [diary[0].id])[0]
    fact.rev = 99
    fact.save()
    assert Fact.objects.get(row=diary[0].row).rev == 99
    assert Fact.objects.filter(patient=patient).count() == 6
