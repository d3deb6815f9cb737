"""The short way in for reports that move nothing: judged before they are stored, and stored by one
statement if nothing was written to the record meanwhile (ADR 40).

It never decides anything that counts: as soon as a symptom, a correction, an alert or a plan is concerned,
or somebody else writes, the reports take the way under the lock.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import replace

from backend.accounts.models import Patient
from exercises.sync.services.outcomes import Outcome, moves_trends
from exercises.tracking.arriving import Arrival, arrivals, days_told, store_at_once
from exercises.tracking.facts import PainReport
from exercises.tracking.models import FactType
from exercises.tracking.services import Report, Status
from exercises.triage.models import Alert
from exercises.triage.services.foreseeing import foresee
from exercises.triage.services.judging import Judgement

KINDS = frozenset({FactType.PAIN, FactType.SESSION, FactType.HOME_CARE, FactType.RELIEF})


def take_at_once(
    *, patient: Patient, reports: Sequence[Report], now: datetime, are_new: bool = False
) -> list[Outcome] | None:
    """What became of `reports`, in order, where all of them were new and moved nothing; None where
    nothing was stored, and they have to go the other way.

    `patient` is as she was read at the beginning of the request, before all else; `are_new` says that
    the record was asked since, and knows none of the ids.
    """
    once = _each_once(reports)
    if once is None or not all(map(_is_plain, once.values())):
        return None
    fresh = arrivals(once.values(), held_rev=patient.rev, now=now)
    days = days_told(fresh)
    judgement = foresee(patient=patient, fresh=fresh, days=days, now=now)
    if judgement is None:
        return None
    advice = _advise(fresh, judgement)
    stored = store_at_once(
        patient_id=patient.pk,
        held_rev=patient.rev,
        facts=fresh,
        days=days,
        are_new=are_new,
        now=now,
    )
    return _outcomes(reports, fresh, advice) if stored else None


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


def _advise(fresh: Sequence[Arrival], judgement: Judgement) -> list[tuple[Alert, ...]]:
    """The alerts that the answer to each report speaks of, which are noted with it."""
    if not judgement.standing:
        return [() for _ in fresh]
    named = {name for alert in judgement.confirmed for name in alert.because["facts"]}
    # Reports of one kind that no alert names are answered alike: most of a push.
    alike: dict[object, tuple[tuple[Alert, ...], list[str] | None]] = {}
    found: list[tuple[Alert, ...]] = []
    for fact in fresh:
        trends = moves_trends(fact.type)
        kind = fact.id if named and str(fact.id) in named else trends
        if kind not in alike:
            alerts = judgement.speaking_of(fact.id, trends=trends)
            alike[kind] = alerts, [str(alert.pk) for alert in alerts] or None
        alerts, fact.advice_alerts = alike[kind]
        found.append(alerts)
    return found


def _outcomes(
    reports: Sequence[Report], fresh: Sequence[Arrival], advice: Sequence[tuple[Alert, ...]]
) -> list[Outcome]:
    """What became of each of `reports`; `fresh` are those of them that came first under their ids."""
    applied: dict[UUID, Outcome] = {}
    found: list[Outcome] = []
    coming = zip(fresh, advice, strict=True)
    for report in reports:
        outcome = applied.get(report.id)
        if outcome is None:
            fact, alerts = next(coming)
            outcome = applied[report.id] = Outcome(fact, Status.APPLIED, alerts)
        else:
            outcome = replace(outcome, status=Status.DUPLICATE)
        found.append(outcome)
    return found
