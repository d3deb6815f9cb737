"""The phone's way in: every report, from whatever path, is stored, judged and answered here."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.accounts.models import Patient
from backend.accounts.revisions import Revision, revision
from exercises.sync.retracting import is_named_by_target
from exercises.sync.services.at_once import take_at_once
from exercises.sync.services.outcomes import Outcome, moves_trends
from exercises.tracking import quarantining
from exercises.tracking import services as tracking
from exercises.tracking.facts import Retraction, plain
from exercises.tracking.inserting import store_advice
from exercises.tracking.models import Fact, FactType, Quarantined
from exercises.tracking.quarantining import Unfit
from exercises.tracking.services import Report, Status
from exercises.triage import services as triage
from exercises.triage.loading import recognises
from exercises.triage.models import Alert
from exercises.triage.selectors import alerts_by_ids
from exercises.triage.services import Judgement


@dataclass(frozen=True)
class Refusal:
    """Something that was kept although it could not be accepted, and what its symptoms led to."""

    row: Quarantined
    alerts: tuple[Alert, ...]


@dataclass(frozen=True)
class Taken:
    """What became of the reports and of the unfit, each in order."""

    outcomes: list[Outcome]
    refusals: list[Refusal]


def accept(*, patient: Patient, reports: Sequence[Report], now: datetime) -> list[Outcome]:
    """Stores and judges `reports` in one transaction; answers for each, in order."""
    outcomes = take_at_once(patient=patient, reports=reports, now=now)
    if outcomes is not None:
        return outcomes
    with revision(patient.pk) as rev:
        return take_in(patient=patient, reports=reports, rev=rev, now=now).outcomes


def refuse(
    *,
    patient: Patient,
    fact_id: UUID,
    type: FactType,  # noqa: A002
    raw: Any,
    problem: dict[str, Any],
    now: datetime,
) -> tuple[Quarantined | None, tuple[Alert, ...]]:
    """Keeps and judges a report whose form is invalid, if it says anything that can be judged.

    A red flag with a typing error in it is still a red flag: the raw report and its alert are
    committed although the answer is an error.
    """
    if type != FactType.SYMPTOM or not recognises(raw, now):
        return None, ()
    unfit = Unfit(id=fact_id, type=type, raw=json.dumps(raw), problem=problem, judged=True)
    with revision(patient.pk) as rev:
        (refusal,) = take_in(patient=patient, unfit=[unfit], rev=rev, now=now).refusals
        return refusal.row, refusal.alerts


def take_in(
    *,
    patient: Patient,
    reports: Sequence[Report] = (),
    unfit: Sequence[Unfit] = (),
    keep_all: bool = False,
    rev: Revision,
    now: datetime,
) -> Taken:
    """Stores and judges what came together, in a fixed number of statements.

    It is judged as one thing said at one moment; only what is withdrawn or said anew under its id
    further down is judged before that. Another content under a known id is kept where it names
    symptoms, and with `keep_all` in any case.
    """
    first, then = _in_two(reports)
    taken, refusals = _take_together(patient, first, unfit, keep_all, rev, now)
    if then:
        later, _ = _take_together(patient, then, (), keep_all, rev, now)
        taken |= later
    return Taken([taken[index] for index in range(len(reports))], refusals)


Numbered = list[tuple[int, Report]]


def _in_two(reports: Sequence[Report]) -> tuple[Numbered, Numbered]:
    """The reports with their places; apart those that withdraw, or say anew, an earlier symptom."""
    first: Numbered = []
    then: Numbered = []
    symptoms: set[UUID] = set()
    for place in enumerate(reports):
        body, known_as = place[1].body, place[1].id
        withdraws = isinstance(body, Retraction) and body.target in symptoms
        (then if withdraws or known_as in symptoms else first).append(place)
        if place[1].type == FactType.SYMPTOM:
            symptoms.add(known_as)
    return first, then


def _take_together(
    patient: Patient,
    numbered: Numbered,
    unfit: Sequence[Unfit],
    keep_all: bool,
    rev: Revision,
    now: datetime,
) -> tuple[dict[int, Outcome], list[Refusal]]:
    reports = [report for _, report in numbered]
    stored = tracking.store(patient_id=patient.pk, reports=reports, rev=rev, now=now)
    fresh = [item.fact for item in stored if item.status is Status.APPLIED]
    others = [
        (place, other)
        for place, item in enumerate(stored)
        if item.status is Status.DIFFERENT and (other := _other_content(item, keep_all, now))
    ]
    rows = quarantining.quarantine(
        patient_id=patient.pk, unfit=[*unfit, *(item for _, item in others)], rev=rev, now=now
    )
    judged = [row for row in rows if row.judged]
    judgement = Judgement()
    if fresh or judged:
        judgement = triage.judge(patient=patient, fresh=fresh, quarantined=judged, rev=rev, now=now)
        remember_advice(fresh, judgement)
        _remember_advice_of(judged, judgement)
    kept = {place: row for (place, _), row in zip(others, rows[len(unfit) :], strict=True)}
    outcomes = {
        numbered[place][0]: _outcome(item, judgement, kept.get(place))
        for place, item in enumerate(stored)
    }
    return outcomes, [_refusal(row, judgement) for row in rows[: len(unfit)]]


def other_content(report: Report, now: datetime, *, op_id: str = "") -> Unfit:
    """A report whose id stands for another one already, as it is kept."""
    raw = plain(report.body)
    return Unfit(
        id=report.id,
        type=report.type.value,
        raw=json.dumps(raw),
        problem={
            "code": "different_content",
            "detail": "Another report was stored under this id; send this one under a new id.",
        },
        judged=report.type == FactType.SYMPTOM and recognises(raw, now),
        op_id=op_id,
    )


def _other_content(
    item: tracking.Stored,
    keep_all: bool,
    now: datetime,
) -> Unfit | None:
    if is_named_by_target(item.report):
        return None
    unfit = other_content(item.report, now)
    return unfit if unfit.judged or keep_all else None


def _outcome(item: tracking.Stored, judgement: Judgement, kept: Quarantined | None) -> Outcome:
    if item.status is Status.DUPLICATE:
        alerts = alerts_by_ids(item.fact.patient_id, item.fact.advice_alerts or [])
    elif item.status is Status.APPLIED:
        alerts = judgement.speaking_of(item.fact.id, trends=moves_trends(item.fact.type))
    else:
        alerts = _of_quarantined(kept, judgement) if kept else ()
    return Outcome(item.fact, item.status, alerts, kept)


def _refusal(row: Quarantined, judgement: Judgement) -> Refusal:
    return Refusal(row, _of_quarantined(row, judgement))


def _of_quarantined(row: Quarantined, judgement: Judgement) -> tuple[Alert, ...]:
    return judgement.speaking_of(row.fact_id, trends=False) if row.judged else ()


def remember_advice(fresh: Sequence[Fact], judgement: Judgement) -> None:
    """Notes with each new fact which alerts its answer spoke of, for when it is sent again."""
    advised = []
    for fact in fresh:
        alerts = judgement.speaking_of(fact.id, trends=moves_trends(fact.type))
        if alerts:
            fact.advice_alerts = [str(alert.pk) for alert in alerts]
            advised.append(fact)
    store_advice(advised)


def _remember_advice_of(rows: Sequence[Quarantined], judgement: Judgement) -> None:
    advised = []
    for row in rows:
        alerts = _of_quarantined(row, judgement)
        if alerts and row.advice_alerts is None:
            row.advice_alerts = [str(alert.pk) for alert in alerts]
            advised.append(row)
    quarantining.remember_advice(advised)
