"""The doors of a clinic's own exercises, for its therapists."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from backend.core.api import respond
from backend.core.conditional import stale
from backend.core.cursors import PAGE_QUERY, page
from backend.core.problems import FieldError, Problem
from backend.core.schema import describe
from backend.core.wire import Wire, invalid
from exercises.plans.clinic_doors import WritingDoor
from exercises.plans.models import ClinicExercise
from exercises.plans.services import variations as services
from exercises.plans.services.writings import Changed, NameTaken
from exercises.plans.variations import clinic_exercise_for, usable_clinic_exercises_for
from exercises.plans.variations_wire import (
    ClinicExerciseBody,
    ClinicExerciseList,
    ClinicExerciseView,
    NewClinicExercise,
    clinic_exercise_view,
    words_of_body,
)

_TAGS = ("clinic-exercises",)
_IF_MATCH = {"If-Match": "The ETag of the exercise as it was read"}


class ClinicExerciseDoor(WritingDoor[ClinicExercise]):
    """The own exercises of the clinics where one is a therapist."""

    def find(self, writing_id: UUID) -> ClinicExercise | None:
        return clinic_exercise_for(self.user, writing_id, self.now)

    def view(self, writing: ClinicExercise) -> Wire:
        return clinic_exercise_view(writing)


class ClinicExercises(ClinicExerciseDoor):
    @describe(
        "The own exercises of my clinics",
        response=ClinicExerciseList,
        errors=(401, 403),
        query=PAGE_QUERY,
        tags=_TAGS,
    )
    def get(self, request: Request) -> HttpResponse:
        rows, cursor = page(request._request, usable_clinic_exercises_for(self.user, self.now))
        items = [*map(clinic_exercise_view, rows)]
        return respond(ClinicExerciseList(items=items, next_cursor=cursor))

    @describe(
        "Write an own exercise",
        request=NewClinicExercise,
        response=ClinicExerciseView,
        status=(201,),
        errors=(401, 403, 409),
        tags=_TAGS,
    )
    def post(self, _request: Request) -> HttpResponse:
        body = self.body(NewClinicExercise)
        _refuse_blank(body)
        clinic = self.clinic_named(body.clinic)
        try:
            made = services.make_exercise(
                clinic=clinic,
                exercise=body.exercise,
                words=words_of_body(body),
                author=self.author,
            )
        except services.UnknownBase:
            unknown = FieldError("/exercise", "unknown_exercise", "There is no such exercise.")
            raise invalid([unknown]) from None
        except NameTaken:
            raise _name_taken() from None
        return self.shown(made, status=201)


class OneClinicExercise(ClinicExerciseDoor):
    @describe(
        "One own exercise",
        response=ClinicExerciseView,
        status=(200, 304),
        errors=(401, 403, 404),
        tags=_TAGS,
    )
    def get(self, request: Request, own_id: UUID) -> HttpResponse:
        return self.read(own_id)

    @describe(
        "Write an own exercise anew, for everybody who is to do it",
        request=ClinicExerciseBody,
        response=ClinicExerciseView,
        errors=(401, 403, 404, 409, 412, 428),
        tags=_TAGS,
        headers=_IF_MATCH,
    )
    def put(self, _request: Request, own_id: UUID) -> HttpResponse:
        own, body = self.one(own_id), self.body(ClinicExerciseBody)
        _refuse_blank(body)
        base = self.base_version(own)
        try:
            return self.shown(
                services.edit_exercise(
                    own=own, words=words_of_body(body), base_version=base, author=self.author
                )
            )
        except NameTaken:
            raise _name_taken() from None
        except Changed:
            raise stale() from None


class RetireClinicExercise(ClinicExerciseDoor):
    @describe(
        "Offer an own exercise no longer",
        response=ClinicExerciseView,
        errors=(401, 403, 404, 412, 428),
        tags=_TAGS,
        headers=_IF_MATCH,
    )
    def post(self, _request: Request, own_id: UUID) -> HttpResponse:
        return self.retired(own_id)


def _refuse_blank(body: ClinicExerciseBody) -> None:
    wrong = [] if body.name.strip() else [FieldError("/name", "required", "Give it a name.")]
    wrong += [
        FieldError(f"/steps/{index}", "required", "Say what to do.")
        for index, step in enumerate(body.steps)
        if not step.strip()
    ]
    if wrong:
        raise invalid(wrong)


def _name_taken() -> Problem:
    return Problem(409, "name_taken", "The clinic has an exercise of that name.", retry="after_fix")
