"""The catalogue's doors: what may be prescribed, for phones to keep."""

from django.http import HttpResponse
from rest_framework.request import Request

from backend.core.api import Door, respond
from backend.core.conditional import unchanged
from backend.core.problems import not_found
from backend.core.schema import describe
from backend.core.wire import Wire
from exercises.catalog import selectors
from exercises.catalog.content import catalog
from exercises.catalog.shapes import Contraindication, Doses, Exercise, Replacement, StopRule
from exercises.catalog.translation import ENGLISH
from exercises.catalog.wire import (
    CONTENT_HEADERS,
    SourceView,
    content_tag,
    kept,
    language_for,
    sources_of,
)


class ExerciseView(Wire, frozen=True, kw_only=True):
    """One exercise as it may be prescribed, with its variants, stop rules, licence and sources."""

    code: str
    name: str
    summary: str
    target: str
    strengthening: bool
    steps: list[str]
    equipment: list[str]
    easier: str
    no_equipment: str
    no_kneeling: str
    no_lying: str
    swap_to: list[str]
    dose: Doses
    stop_rules: list[StopRule]
    contraindications: list[Contraindication]
    licence: str
    sources: list[SourceView]


class ExerciseList(Wire, frozen=True, kw_only=True):
    """The whole catalogue; `replaced` names what is no longer offered, and what took its place."""

    version: str
    items: list[ExerciseView]
    replaced: list[Replacement]


class Exercises(Door):
    @describe(
        "The exercise catalogue",
        response=ExerciseList,
        status=(200, 304),
        errors=(401,),
        headers=CONTENT_HEADERS,
        tags=("content",),
    )
    def get(self, request: Request) -> HttpResponse:
        language = language_for(request._request, request.user)
        found = unchanged(request._request, content_tag(language), headers=kept(language))
        return found or respond(_exercise_list(language), headers=kept(language))


class OneExercise(Door):
    @describe(
        "One exercise",
        response=ExerciseView,
        status=(200, 304),
        errors=(401, 404),
        headers=CONTENT_HEADERS,
        tags=("content",),
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        if code not in catalog().exercises:
            raise not_found()
        language = language_for(request._request, request.user)
        exercise = selectors.exercise(code, language=language)
        return unchanged(
            request._request, content_tag(language), headers=kept(language)
        ) or respond(exercise_view(exercise, language), headers=kept(language))


def _exercise_list(language: str) -> ExerciseList:
    exercises = selectors.exercises(language=language)
    return ExerciseList(
        version=selectors.content_version(),
        items=[exercise_view(exercise, language) for exercise in exercises],
        replaced=list(catalog().retired),
    )


def exercise_view(exercise: Exercise, language: str = ENGLISH) -> ExerciseView:
    """An exercise with its own stop rules and those of every exercise."""
    return ExerciseView(
        code=exercise.code,
        name=exercise.name,
        summary=exercise.summary,
        target=exercise.target,
        strengthening=exercise.strengthening,
        steps=list(exercise.steps),
        equipment=list(exercise.equipment),
        easier=exercise.easier,
        no_equipment=exercise.no_equipment,
        no_kneeling=exercise.no_kneeling,
        no_lying=exercise.no_lying,
        swap_to=list(exercise.swap_to),
        dose=exercise.dose,
        stop_rules=list(selectors.stop_rules(exercise.code, language=language)),
        contraindications=list(exercise.contraindications),
        licence=exercise.licence,
        sources=sources_of(exercise.facts, exercise.references),
    )
