"""The diary's own SQL stores what the ORM would have stored."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from django.forms.models import model_to_dict

from backend.accounts.models import Patient
from exercises.tracking.inserting import insert_facts, store_advice
from exercises.tracking.models import Fact, FactType

EXAMPLES = [
    {},
    {"note": 'quotes " and \\ and é and 🦵', "nested": {"list": [1, 2.5, None, True]}},
    {"empty": {}, "big": 2**53, "negative": -1},
]


def make(patient: Patient, rev: int, data: dict[str, object], *, full: bool) -> Fact:
    return Fact(
        patient_id=patient.pk,
        id=uuid4(),
        type=FactType.PAIN,
        rev=rev,
        occurred_at=datetime(2026, 10, 25, 0, 30, 0, 123456 if full else 0, tzinfo=UTC),
        tz="Europe/Berlin",
        local_date=date(2026, 10, 25),
        received_at=datetime(2026, 10, 25, 1, 0, tzinfo=UTC),
        clock_skew_ms=-(2**40) if full else None,
        date_disagrees=full,
        data=data,
        digest="0" * 32,
        target=uuid4() if full else None,
        retracted_by=uuid4() if full else None,
        amended_by=uuid4() if full else None,
        advice_alerts=[str(uuid4())] if full else None,
    )


def stored(fact_id: UUID) -> dict[str, object]:
    found = model_to_dict(Fact.objects.get(id=fact_id))
    return {name: value for name, value in found.items() if name not in ("id", "row", "rev")}


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("data", EXAMPLES)
def test_what_is_inserted_is_what_the_orm_stores(
    patient: Patient, data: dict[str, object], full: bool
) -> None:
    mine, theirs = make(patient, 1, data, full=full), make(patient, 2, data, full=full)
    for name in ("target", "retracted_by", "amended_by", "advice_alerts"):
        setattr(theirs, name, getattr(mine, name))
    insert_facts([mine])
    theirs.save()
    assert stored(mine.id) == stored(theirs.id)
    assert Fact.objects.filter(local_date=mine.local_date, data=data).count() == 2


def test_advice_is_stored_with_each_of_many_facts(patient: Patient) -> None:
    facts = [make(patient, rev, {}, full=False) for rev in range(1, 301)]
    insert_facts(facts)
    for fact in facts[::2]:
        fact.advice_alerts = [str(fact.id)]
    store_advice(facts[::2])
    for fact in facts:
        expected = [str(fact.id)] if fact.advice_alerts else None
        assert Fact.objects.get(patient=patient, id=fact.id).advice_alerts == expected
