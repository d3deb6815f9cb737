"""The phone's way in: every report, from whatever path, is stored, judged and answered here."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.accounts.models import Patient
from backend.accounts.revisions import Revision, revision
from exercises.tracking import services as tracking
from exercises.tracking.facts import Retraction, plain
from exercises.tracking.models import Fact, FactType, Quarantined
from exercises.tracking.services import Report, Status
from exercises.triage import services as triage
from exercises.triage.loading import TREND_TYPES, recognises
from exercises.triage.models import Alert
from exercises.triage.selectors import alerts_by_ids
from exercises.triage.services import Judgement


@dataclass(frozen=True)
class Outcome:
    """What became of one report, and the alerts that its answer speaks of (highest first)."""

    fact: Fact
    status: Status
    alerts: tuple[Alert, ...]
    quarantined: Quarantined | None = None


def accept(*, patient: Patient, reports: Sequence[Report], now: datetime) -> list[Outcome]:
    """Stores and judges `reports` in one transaction; answers for each, in order.

    They are judged together, as one thing said at one moment; only what is withdrawn or said anew
    under its id further down is judged before that, as if the two had come one by one.
    """
    with revision(patient.pk) as rev:
        return [
            outcome
            for part in _parts(reports)
            for outcome in _accept_together(patient, part, rev, now)
        ]


def _parts(reports: Sequence[Report]) -> Iterator[list[Report]]:
    part: list[Report] = []
    ids: set[UUID] = set()
    for report in reports:
        is_withdrawal = isinstance(report.body, Retraction) and report.body.target in ids
        if is_withdrawal or report.id in ids:
            yield part
            part, ids = [], set()
        part.append(report)
        ids.add(report.id)
    yield part


def _accept_together(
    patient: Patient, reports: Sequence[Report], rev: Revision, now: datetime
) -> list[Outcome]:
    stored = tracking.store(patient_id=patient.pk, reports=reports, rev=rev, now=now)
    fresh = [item.fact for item in stored if item.status is Status.APPLIED]
    kept = {
        index: _keep(patient, item.report, rev, now)
        for index, item in enumerate(stored)
        if item.status is Status.DIFFERENT and item.report.type == FactType.SYMPTOM
    }
    judgement = Judgement()
    if fresh or kept:
        rows = [row for row in kept.values() if row]
        judgement = triage.judge(patient=patient, fresh=fresh, quarantined=rows, rev=rev, now=now)
        remember_advice(fresh, judgement)
    return [_outcome(item, judgement, kept.get(index)) for index, item in enumerate(stored)]


def refuse(
    *,
    patient: Patient,
    fact_id: UUID,
    type: FactType,  # noqa: A002  (the word of the model)
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
    with revision(patient.pk) as rev:
        row = tracking.quarantine(
            patient_id=patient.pk,
            fact_id=fact_id,
            type=type,
            raw=json.dumps(raw),
            problem=problem,
            rev=rev,
            now=now,
        )
        judgement = triage.judge(patient=patient, fresh=[], quarantined=[row], rev=rev, now=now)
        return row, judgement.speaking_of(row.fact_id, trends=False)


def _keep(patient: Patient, report: Report, rev: Revision, now: datetime) -> Quarantined | None:
    # Another content under a known id is refused; what it says of symptoms is judged all the same.
    raw = plain(report.body)
    if not recognises(raw, now):
        return None
    return tracking.quarantine(
        patient_id=patient.pk,
        fact_id=report.id,
        type=report.type,
        raw=json.dumps(raw),
        problem={"code": "different_content"},
        rev=rev,
        now=now,
    )


def _outcome(item: tracking.Stored, judgement: Judgement, kept: Quarantined | None) -> Outcome:
    if item.status is Status.DUPLICATE:
        alerts = alerts_by_ids(item.fact.patient_id, item.fact.advice_alerts or [])
    elif item.status is Status.APPLIED:
        alerts = judgement.speaking_of(item.fact.id, trends=_moves_trends(item.fact))
    else:
        alerts = judgement.speaking_of(item.fact.id, trends=False) if kept else ()
    return Outcome(item.fact, item.status, alerts, kept)


def remember_advice(fresh: Sequence[Fact], judgement: Judgement) -> None:
    """Notes with each new fact which alerts its answer spoke of, for when it is sent again."""
    advised = []
    for fact in fresh:
        alerts = judgement.speaking_of(fact.id, trends=_moves_trends(fact))
        if alerts:
            fact.advice_alerts = [str(alert.pk) for alert in alerts]
            advised.append(fact)
    Fact.objects.bulk_update(advised, ["advice_alerts"])


def _moves_trends(fact: Fact) -> bool:
    return fact.type in TREND_TYPES
