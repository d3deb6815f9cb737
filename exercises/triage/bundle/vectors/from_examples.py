"""The examples that come with every event rule, as records of a phone (pure)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from msgspec import UNSET, UnsetType

from exercises.triage.bundle.record_wire import (
    SafetyPainReport,
    SafetyRecord,
    SafetyReliefAnswer,
    SafetyStableWord,
    SafetySymptom,
    SafetySymptomReport,
)
from exercises.triage.bundle.vectors.cases import Case
from exercises.triage.rules.example_shapes import Example
from exercises.triage.rules.examples import record_of
from exercises.triage.rules.pack import RulePack
from exercises.triage.rules.record import PainFact, Record, SymptomFact


def from_examples(pack: RulePack) -> Iterator[Case]:
    """One case an example, named after the rule and what the example says."""
    for rule_id in sorted(pack.event_rules):
        for example in pack.rules[rule_id].examples:
            yield f"{rule_id}: {example.says}", local_record(example)


def local_record(example: Example) -> SafetyRecord:
    """An example as a phone would hold it."""
    record = record_of(example)
    age = record.profile.age
    return SafetyRecord(
        age=UNSET if age is None else age,
        history=sorted(record.profile.history),
        symptom_reports=_reports(record.symptoms),
        pain_reports=[_pain(fact) for fact in record.pains],
        relief_answers=_answers(record),
        known_stable=_words(record),
    )


def _reports(facts: Iterable[SymptomFact]) -> list[SafetySymptomReport]:
    grouped: dict[str, list[SymptomFact]] = {}
    for fact in facts:
        grouped.setdefault(fact.source_id, []).append(fact)
    return [_report(source, items) for source, items in grouped.items()]


def _report(source: str, facts: list[SymptomFact]) -> SafetySymptomReport:
    first = facts[0]
    return SafetySymptomReport(
        id=source,
        occurred_at=first.occurred_at,
        local_date=first.local_date,
        received_at=_received(first),
        symptoms=[
            SafetySymptom(code=fact.code, present=fact.present, attrs=_attrs(fact))
            for fact in facts
        ],
    )


def _received(fact: SymptomFact) -> datetime | UnsetType:
    return UNSET if fact.received_at == fact.occurred_at else fact.received_at


def _attrs(fact: SymptomFact) -> dict[str, object]:
    """Decimal numbers as JSON writes them."""
    return {
        name: float(value) if isinstance(value, Decimal) else value
        for name, value in fact.attrs.items()
    }


def _pain(fact: PainFact) -> SafetyPainReport:
    return SafetyPainReport(
        id=fact.source_id,
        occurred_at=fact.occurred_at,
        local_date=fact.local_date,
        site=fact.site,
        kind=fact.kind,
        score=fact.score,
        relief_rest=fact.relief_rest,
        relief_otc=fact.relief_otc,
    )


def _answers(record: Record) -> list[SafetyReliefAnswer]:
    return [
        SafetyReliefAnswer(
            id=fact.source_id,
            occurred_at=fact.occurred_at,
            question=fact.question,
            value=fact.value,
        )
        for fact in record.answers
    ]


def _words(record: Record) -> list[SafetyStableWord]:
    return [
        SafetyStableWord(symptom=item.symptom, at=item.at, side=item.side)
        for item in record.known_stable
    ]
