"""The server's engine on a phone's record: what the test vectors expect."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TypeVar

from msgspec import UNSET, UnsetType

from exercises.triage.bundle.record_wire import (
    SafetyFinding,
    SafetyPainReport,
    SafetyRecord,
    SafetySymptomReport,
    SafetyVector,
)
from exercises.triage.rules.engine import evaluate
from exercises.triage.rules.pack import RulePack
from exercises.triage.rules.raw import read_symptoms
from exercises.triage.rules.record import (
    KnownStable,
    PainFact,
    Profile,
    Record,
    ReliefAnswer,
    SymptomFact,
)
from exercises.triage.rules.vocabulary import Vocabulary

# No event rule asks what time it is; trends do, and they are not judged here.
ANY_TIME = datetime(2026, 5, 4, tzinfo=UTC)

T = TypeVar("T")


def vector(name: str, local: SafetyRecord, pack: RulePack) -> SafetyVector:
    """A record with what the engine's event rules find in it."""
    evaluation = evaluate(record_of(local, pack.vocabulary), pack)
    findings = [
        SafetyFinding(
            rule=finding.rule,
            level=finding.level.code,
            key=finding.key,
            active=finding.active,
            late=finding.late,
        )
        for finding in evaluation.findings
        if finding.kind == "event"
    ]
    found = {finding.key for finding in findings}
    undecided = {key for key in evaluation.undecided if key.partition(":")[0] in pack.event_rules}
    return SafetyVector(
        name=name, record=local, findings=findings, undecided=sorted(undecided - found)
    )


def record_of(local: SafetyRecord, vocabulary: Vocabulary) -> Record:
    """A phone's record as the engine takes it."""
    unreadable = (
        fact
        for report in local.unreadable
        for fact in read_symptoms(
            report.body,
            source_id=report.id,
            received_at=report.received_at,
            vocabulary=vocabulary,
        )
    )
    reported = (fact for report in local.symptom_reports for fact in _symptoms(report))
    return Record(
        now=ANY_TIME,
        today=ANY_TIME.date(),
        plan_start=ANY_TIME.date(),
        profile=Profile(age=_given(local.age), history=frozenset(local.history)),
        symptoms=(*reported, *unreadable),
        pains=tuple(_pains(local)),
        answers=tuple(_answers(local)),
        known_stable=tuple(_words(local)),
        symptoms_since=_given(local.symptoms_since),
        pains_since=_given(local.pains_since),
    )


def _symptoms(report: SafetySymptomReport) -> Iterator[SymptomFact]:
    items = [(item.code, item.present, item.attrs) for item in report.symptoms]
    items += [(code, False, {}) for code in report.answered_no]
    for order, (code, present, attrs) in enumerate(items):
        yield SymptomFact(
            source_id=report.id,
            order=order,
            code=code,
            present=present,
            attrs=attrs,
            occurred_at=report.occurred_at,
            local_date=report.local_date,
            received_at=_received(report),
        )


def _pains(local: SafetyRecord) -> Iterator[PainFact]:
    for report in local.pain_reports:
        yield PainFact(
            source_id=report.id,
            site=report.site,
            kind=report.kind,
            score=report.score,
            occurred_at=report.occurred_at,
            local_date=report.local_date,
            received_at=_received(report),
            relief_rest=report.relief_rest,
            relief_otc=report.relief_otc,
        )


def _answers(local: SafetyRecord) -> Iterator[ReliefAnswer]:
    for answer in local.relief_answers:
        yield ReliefAnswer(
            source_id=answer.id,
            question=answer.question,
            value=answer.value,
            occurred_at=answer.occurred_at,
            local_date=answer.occurred_at.date(),
        )


def _words(local: SafetyRecord) -> Iterator[KnownStable]:
    for word in local.known_stable:
        yield KnownStable(
            symptom=word.symptom, at=word.at, side=word.side, expires_at=_given(word.expires_at)
        )


def _received(report: SafetySymptomReport | SafetyPainReport) -> datetime:
    return report.occurred_at if report.received_at is UNSET else report.received_at


def _given(value: T | UnsetType) -> T | None:
    return None if value is UNSET else value
