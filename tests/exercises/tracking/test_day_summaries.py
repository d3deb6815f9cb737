"""The day summaries that the diary's own SQL keeps are what the facts add up to."""

import random
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db.models import QuerySet

from backend.accounts.models import Patient
from exercises.tracking.days import refresh_days, summaries
from exercises.tracking.days_checking import rebuild_days, those_with_wrong_days
from exercises.tracking.inserting import insert_facts
from exercises.tracking.models import DayPain, Fact, FactType

FIRST = date(2026, 5, 4)
COUNTS = ("avg24_sum", "avg24_count", "now_sum", "now_count", "worst")


def some_facts(patient: Patient, count: int, seed: int) -> list[Fact]:
    chosen = random.Random(seed)
    return [
        Fact(
            patient_id=patient.pk,
            id=uuid4(),
            type=FactType.PAIN,
            rev=number,
            occurred_at=datetime(2026, 5, 4, tzinfo=UTC),
            received_at=datetime(2026, 5, 4, tzinfo=UTC),
            tz="Europe/Berlin",
            local_date=FIRST + timedelta(days=chosen.randrange(4)),
            data={
                "site": chosen.choice(["knee", "leg", "back"]),
                "kind": chosen.choice(["avg24", "now", "worst24"]),
                "score": chosen.randrange(11),
            },
            digest="0" * 32,
            retracted_by=chosen.choice([None, None, uuid4()]),
            amended_by=chosen.choice([None, None, uuid4()]),
        )
        for number in range(1, count + 1)
    ]


def counts(row: DayPain) -> list[object]:
    return [getattr(row, name) for name in COUNTS]


@pytest.mark.parametrize("seed", range(5))
def test_a_summary_is_what_the_facts_that_count_add_up_to(patient: Patient, seed: int) -> None:
    facts = some_facts(patient, 40, seed)
    insert_facts(facts)
    # A second time, over what the first has stored.
    for _ in range(2):
        refresh_days(patient.pk, facts)
    clear = summaries(
        patient.pk,
        (
            (fact.local_date, fact.data)
            for fact in facts
            if fact.retracted_by is None and fact.amended_by is None
        ),
    )
    stored = {(row.local_date, row.site): row for row in DayPain.objects.filter(patient=patient)}
    assert stored.keys() == {(fact.local_date, fact.data["site"]) for fact in facts}
    for key, row in stored.items():
        expected = clear.get(key, DayPain(patient_id=patient.pk, local_date=key[0], site=key[1]))
        assert counts(row) == counts(expected), key


def test_a_summary_counts_nobody_elses_facts_and_no_other_type(
    patient: Patient, other_patient: Patient
) -> None:
    mine, hers = some_facts(patient, 6, 1), some_facts(other_patient, 6, 1)
    for fact in (*mine, *hers):
        fact.retracted_by = fact.amended_by = None
    insert_facts([*mine[:3], *hers])
    mine[3].type = FactType.RELIEF
    insert_facts(mine[3:4])
    refresh_days(patient.pk, mine[:3])
    assert sum(row.avg24_count + row.now_count for row in DayPain.objects.all()) <= 3
    assert not DayPain.objects.filter(patient=other_patient).exists()


def test_nothing_touched_writes_nothing(patient: Patient) -> None:
    refresh_days(patient.pk, [])
    assert not DayPain.objects.exists()


def test_what_is_kept_is_compared_with_the_diary_and_made_anew(
    patient: Patient, other_patient: Patient
) -> None:
    both = [patient.pk, other_patient.pk]
    for whose in (patient, other_patient):
        facts = some_facts(whose, 30, seed=1)
        insert_facts(facts)
        refresh_days(whose.pk, facts)
    assert those_with_wrong_days(both) == set()

    def mine() -> QuerySet[DayPain]:
        rows = DayPain.objects.filter(patient=patient, worst__isnull=False)
        return rows.order_by("local_date", "site")

    right = [counts(row) for row in mine()]
    for harm in (
        lambda: mine().filter(pk=mine()[0].pk).update(avg24_sum=99),
        lambda: mine().filter(pk=mine()[0].pk).delete(),
        lambda: DayPain.objects.create(
            patient=patient, local_date=FIRST - timedelta(days=9), site="knee", worst=1
        ),
    ):
        harm()
        assert those_with_wrong_days(both) == {patient.pk}
        rebuild_days(patient.pk)
        assert those_with_wrong_days(both) == set()
        assert [counts(row) for row in mine()] == right
