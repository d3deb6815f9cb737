"""The short way in for reports that move nothing: judged before they are stored, and stored by one
statement if nothing was written to the record meanwhile (ADR 40).

It never decides anything that counts: as soon as a symptom, a correction, an alert or a plan is concerned,
or somebody else writes, the reports take the way under the lock.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import UNSET

from backend.accounts.models import Patient
from exercises.sync.services.outcomes import Outcome, moves_trends
from exercises.tracking.arriving import Arrival, arrivals, store_at_once
from exercises.tracking.facts import PainReport
from exercises.tracking.models import FactType
from exercises.tracking.services import Report, Status
from exercises.triage.services.foreseeing import foresee
from exercises.triage.services.judging import Judgement

KINDS = frozenset({FactType.PAIN, FactType.SESSION, FactType.HOME_CARE, FactType.RELIEF})


def take_at_once(
    *, patient: Patient, reports: Sequence[Report], now: datetime
) -> list[Outcome] | None:
    """What became of `reports`, in order, where all of them were new and moved nothing; None where
    nothing was stored, and they have to go the other way.

    `patient` is as she was read at the beginning of the request, before all else.
    """
    once = _each_once(reports)
    if once is None or not all(map(_is_plain, once.values())):
        return None
    fresh = arrivals(once.values(), held_rev=patient.rev, now=now)
    judgement = foresee(patient=patient, fresh=fresh, now=now)
    if judgement is None:
        return None
    _note_advice(fresh, judgement)
    if not store_at_once(patient_id=patient.pk, held_rev=patient.rev, facts=fresh, now=now):
        return None
    return _outcomes(reports, fresh, judgement)


def _each_once(reports: Sequence[Report]) -> dict[UUID, Report] | None:
    """The reports by their ids; None where one id stands for two contents."""
    found: dict[UUID, Report] = {}
    for report in reports:
        other = found.setdefault(report.id, report)
        if other is not report and (other.digest, other.type) != (report.digest, report.type):
            return None
    return found


def _is_plain(report: Report) -> bool:
    body = report.body
    says_where = isinstance(body, PainReport) and body.most_distal is not UNSET
    return report.type in KINDS and body.amends is UNSET and not says_where


def _note_advice(fresh: Sequence[Arrival], judgement: Judgement) -> None:
    if not judgement.standing:
        return
    for fact in fresh:
        alerts = judgement.speaking_of(fact.id, trends=moves_trends(fact.type))
        fact.advice_alerts = [str(alert.pk) for alert in alerts] or None


def _outcomes(
    reports: Sequence[Report], fresh: Sequence[Arrival], judgement: Judgement
) -> list[Outcome]:
    stored = {fact.id: fact for fact in fresh}
    met: set[UUID] = set()
    outcomes = []
    for report in reports:
        status = Status.DUPLICATE if report.id in met else Status.APPLIED
        met.add(report.id)
        fact = stored[report.id]
        speaks = judgement.standing and judgement.speaking_of(
            fact.id, trends=moves_trends(fact.type)
        )
        outcomes.append(Outcome(fact, status, speaks or ()))
    return outcomes
