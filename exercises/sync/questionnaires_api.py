"""Questionnaires: what is due now and when next, the answers to one, and their score."""

from typing import Any, cast
from uuid import UUID

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from backend.accounts.doors import PatientDoor
from backend.core.api import respond
from backend.core.problems import FieldError
from backend.core.schema import describe
from exercises.plans.selectors import open_plan, plan_state
from exercises.sync.fact_wire import view_of
from exercises.sync.facts_api import DEVICE_TIME, FactDoor, Retract
from exercises.sync.questionnaire_wire import (
    Questionnaires,
    QuestionnaireWritten,
    StoredQuestionnaire,
    questionnaire_view,
    score_view,
)
from exercises.sync.today_api import plan_or_404
from exercises.tracking.arriving import StoredFact
from exercises.tracking.facts import FactBody, Questionnaire
from exercises.tracking.instruments.content import instruments
from exercises.tracking.instruments.responses import (
    instrument_of,
    score_of,
    standings,
    wording_problems,
)
from exercises.tracking.models import Fact, FactType


class MyQuestionnaires(PatientDoor):
    @describe(
        "Questionnaires: what is due now, when next, and how the scores changed",
        response=Questionnaires,
        errors=(401, 403, 404),
        tags=("diary",),
    )
    def get(self, request: Request) -> HttpResponse:
        plan = plan_or_404(self)
        paused = plan_state(plan)[0] == "paused"
        return respond(
            Questionnaires(
                items=[
                    questionnaire_view(item, paused=paused) for item in standings(plan, self.today)
                ],
                not_offered=[*instruments().not_offered.values()],
            )
        )


class QuestionnaireReports(FactDoor):
    kind = FactType.QUESTIONNAIRE
    shape = Questionnaire

    @describe(
        "Answer a questionnaire",
        request=Questionnaire,
        response=QuestionnaireWritten,
        status=(200, 201),
        errors=(401, 403, 404, 409),
        tags=("diary",),
        headers=DEVICE_TIME,
    )
    def put(self, request: Request, fact_id: UUID) -> HttpResponse:
        return self.put_fact(request, fact_id)

    @describe(
        "One answered questionnaire",
        response=StoredQuestionnaire,
        errors=(401, 403, 404),
        tags=("diary",),
    )
    def get(self, request: Request, fact_id: UUID) -> HttpResponse:
        return self.get_fact(request, fact_id)

    def record_errors(self, fact_id: UUID, body: FactBody) -> list[FieldError]:
        plan = open_plan(self.patient.pk)
        return wording_problems(plan, fact_id, cast(Questionnaire, body)) if plan else []

    def more_in_answer(self, fact: StoredFact) -> dict[str, Any]:
        score, instrument = score_of(fact), instrument_of(fact)
        if score is None or instrument is None:
            return {}
        return {"score": msgspec.to_builtins(score_view(instrument, score))}

    def view(self, fact: Fact) -> dict[str, Any]:
        instrument = instrument_of(fact)
        note = {"licence": instrument.licence} if instrument else {}
        return view_of(fact) | self.more_in_answer(fact) | note


class RetractQuestionnaire(Retract):
    kind = FactType.QUESTIONNAIRE
