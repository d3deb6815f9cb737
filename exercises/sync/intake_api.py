"""The intake: questions from the server, answers in any number of steps; it makes the plan."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from backend.accounts.doors import PatientDoor
from backend.core.api import respond
from backend.core.schema import describe
from exercises.plans.presenters import intake_view
from exercises.plans.selectors import intake_of, open_plan
from exercises.plans.wire import IntakeAnswers, IntakeView
from exercises.sync.services.intake import answer_intake
from exercises.triage.advice import Advice, advice_for


class IntakeAnswer(IntakeView, frozen=True, kw_only=True):
    """The intake after the write, and the advice that the answers caused."""

    advice: Advice | None


class MyIntake(PatientDoor):
    """The intake of the patient who asks."""

    @describe("The intake", response=IntakeView, errors=(401, 403), tags=("intake",))
    def get(self, request: Request) -> HttpResponse:
        return respond(self._view())

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
        view = self._view()
        return respond(IntakeAnswer(**_fields(view), advice=advice))

    def _view(self) -> IntakeView:
        patient_id = self.patient.pk
        return intake_view(
            intake_of(patient_id), open_plan(patient_id), language=self.reader.language
        )


def _fields(view: IntakeView) -> dict[str, Any]:
    return {name: getattr(view, name) for name in IntakeView.__struct_fields__}
