"""The intake as the phone answers it: merged, its red flags reported, and judged."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from backend.accounts.models import Patient
from backend.accounts.revisions import Revision, revision
from backend.core.localtime import local_date
from exercises.plans.models import Intake
from exercises.plans.services import record_intake
from exercises.sync.services.accepting import remember_advice
from exercises.tracking import services as tracking
from exercises.tracking.facts import SymptomItem, SymptomReport
from exercises.tracking.models import Fact, FactType
from exercises.triage.models import Alert
from exercises.triage.services import judge, plan_next_evaluation


@dataclass(frozen=True)
class Answered:
    """The intake as it stands, and the alerts that the answer speaks of, highest first."""

    intake: Intake
    alerts: tuple[Alert, ...]


def answer_intake(*, patient: Patient, answers: dict[str, Any], now: datetime) -> tuple[Alert, ...]:
    """Merges the answers, reports the red flags among them, and judges: one transaction.

    Returns the alerts that the answer speaks of, highest first.
    """
    with revision(patient.pk) as rev:
        return take_answers(patient=patient, answers=answers, rev=rev, now=now).alerts


def take_answers(
    *, patient: Patient, answers: dict[str, Any], rev: Revision, now: datetime
) -> Answered:
    """As `answer_intake`, inside the transaction of `rev`."""
    zone = patient.user.time_zone
    outcome = record_intake(patient_id=patient.pk, answers=answers, zone=zone, rev=rev, now=now)
    if outcome.plan is not None:
        plan_next_evaluation(patient=patient, now=now)
    ticked = outcome.intake.answers.get("red_flags") if "red_flags" in outcome.changed else []
    alerts = report_red_flags(patient=patient, codes=ticked or [], rev=rev, now=now)
    return Answered(outcome.intake, alerts)


def report_red_flags(
    *, patient: Patient, codes: list[str], rev: Revision, now: datetime
) -> tuple[Alert, ...]:
    """Stores the ticked symptoms as a report of their own, where there are any, and judges."""
    fresh: list[Fact] = []
    if codes:
        report = _screen(codes, patient.pk, patient.user.time_zone, now)
        (stored,) = tracking.store(patient_id=patient.pk, reports=[report], rev=rev, now=now)
        fresh = [stored.fact] if stored.status is tracking.Status.APPLIED else []
    judgement = judge(patient=patient, fresh=fresh, rev=rev, now=now)
    remember_advice(fresh, judgement)
    return judgement.speaking_of(_id_of(fresh), trends=False)


def _screen(codes: list[str], patient_id: UUID, zone: str, now: datetime) -> tracking.Report:
    today: date = local_date(now, zone)
    body = SymptomReport(
        occurred_at=now,
        tz=zone,
        local_date=today,
        symptoms=[SymptomItem(code=code, present=True) for code in codes],
    )
    # The same flags ticked on another day are said anew; on the same day they are one report.
    name = f"intake red flags {today} {' '.join(sorted(codes))}"
    return tracking.Report(id=uuid5(patient_id, name), type=FactType.SYMPTOM, body=body)


def _id_of(fresh: list[Fact]) -> UUID:
    return fresh[0].id if fresh else UUID(int=0)
