"""The intake: questions from the server, answers in any number of steps; it makes the plan."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.http import HttpResponse
from rest_framework.request import Request

from backend.accounts.doors import PatientDoor
from backend.accounts.models import Patient
from backend.accounts.revisions import revision
from backend.core.api import respond
from backend.core.localtime import local_date
from backend.core.schema import describe
from exercises.plans.presenters import intake_view
from exercises.plans.selectors import intake_of, open_plan
from exercises.plans.services import record_intake
from exercises.plans.wire import IntakeAnswers, IntakeView
from exercises.sync.services import remember_advice
from exercises.tracking import services as tracking
from exercises.tracking.facts import SymptomItem, SymptomReport
from exercises.tracking.models import Fact, FactType
from exercises.triage.advice import Advice, advice_for
from exercises.triage.models import Alert
from exercises.triage.services import judge, plan_next_evaluation


class IntakeAnswer(IntakeView, frozen=True, kw_only=True):
    """The intake after the write, and the advice that the answers caused."""

    advice: Advice | None


class MyIntake(PatientDoor):
    """The intake of the patient who asks."""

    @describe("The intake", response=IntakeView, errors=(401, 403), tags=("intake",))
    def get(self, request: Request) -> HttpResponse:
        return respond(intake_view(intake_of(self.patient.pk), open_plan(self.patient.pk)))

    @describe(
        "Answer the intake, whole or in parts",
        request=IntakeAnswers,
        response=IntakeAnswer,
        errors=(401, 403),
        tags=("intake",),
    )
    def put(self, request: Request) -> HttpResponse:
        answers = self.body(IntakeAnswers).answers
        alerts = answer_intake(patient=self.patient, answers=answers, now=self.now)
        advice = advice_for(alerts, self.reader)
        view = intake_view(intake_of(self.patient.pk), open_plan(self.patient.pk))
        return respond(IntakeAnswer(**_fields(view), advice=advice))


def answer_intake(*, patient: Patient, answers: dict[str, Any], now: datetime) -> tuple[Alert, ...]:
    """Merges the answers, reports the red flags among them, and judges: one transaction.

    Returns the alerts that the answer speaks of, highest first.
    """
    zone = patient.user.time_zone
    with revision(patient.pk) as rev:
        outcome = record_intake(patient_id=patient.pk, answers=answers, zone=zone, rev=rev, now=now)
        fresh = []
        if "red_flags" in outcome.changed and outcome.intake.answers["red_flags"]:
            report = _screen(outcome.intake.answers["red_flags"], patient.pk, zone, now)
            (stored,) = tracking.store(patient_id=patient.pk, reports=[report], rev=rev, now=now)
            fresh = [stored.fact] if stored.status is tracking.Status.APPLIED else []
        if outcome.plan is not None:
            plan_next_evaluation(patient=patient, now=now)
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


def _fields(view: IntakeView) -> dict[str, Any]:
    return {name: getattr(view, name) for name in IntakeView.__struct_fields__}
