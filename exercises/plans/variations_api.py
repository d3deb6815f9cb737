"""The doors of a clinic's own exercises, for its therapists."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from backend.accounts.doors import TherapistDoor
from backend.accounts.models import Clinic
from backend.accounts.selectors import clinics_employing
from backend.core.api import respond
from backend.core.conditional import etag, stale, unchanged
from backend.core.cursors import PAGE_QUERY, page
from backend.core.problems import FieldError, Problem, not_found
from backend.core.schema import describe
from backend.core.wire import UNSET, invalid
from exercises.plans.models import ClinicExercise
from exercises.plans.services import variations as services
from exercises.plans.variations import clinic_exercise_for, usable_clinic_exercises_for
from exercises.plans.variations_wire import (
    ClinicExerciseBody,
    ClinicExerciseList,
    ClinicExerciseView,
    NewClinicExercise,
    clinic_exercise_view,
    words_of_body,
)

NO_VERSION = 0
_TAGS = ("clinic-exercises",)
_IF_MATCH = {"If-Match": "The ETag of the exercise as it was read"}


class ClinicExerciseDoor(TherapistDoor):
    """The own exercises of the clinics where one is a therapist."""

    def own(self, own_id: UUID) -> ClinicExercise:
        """One of them, or 404."""
        found = clinic_exercise_for(self.user, own_id, self.now)
        if found is None:
            raise not_found()
        return found

    def before_replay(self, **path: Any) -> None:
        """A kept answer speaks of a clinic: she may no longer work there."""
        if "own_id" in path:
            self.own(path["own_id"])

    @property
    def author(self) -> services.Author:
        """Who writes it, now."""
        return services.Author(user=self.user, now=self.now, trace_id=self.trace_id)

    def shown(self, own: ClinicExercise, status: int = 200) -> HttpResponse:
        """The exercise, under the ETag that a change names."""
        return respond(clinic_exercise_view(own), status=status, headers={"ETag": _tag(own)})

    def base_version(self, own: ClinicExercise) -> int:
        """The version that `If-Match` names, or one that never was; 428 without the header."""
        given = self.request.headers.get("If-Match")
        if given is None:
            raise Problem(
                428, "if_match_required", "Send If-Match with the ETag that you last read."
            )
        named = {tag.strip().removeprefix("W/") for tag in given.split(",")}
        if _tag(own) in named:
            return own.version
        # Of an earlier version too: a repetition that changes nothing is answered as before.
        versions = range(own.version, 0, -1)
        return next((one for one in versions if etag(own.pk, one) in named), NO_VERSION)


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
        clinic = self._clinic(body)
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
        except services.NameTaken:
            raise _name_taken() from None
        return self.shown(made, status=201)

    def _clinic(self, body: NewClinicExercise) -> Clinic:
        hers = list(clinics_employing(self.user, self.now, role="therapist"))
        if body.clinic is UNSET and len(hers) > 1:
            raise invalid([FieldError("/clinic", "required", "Name one of your clinics.")])
        for clinic in hers:
            if body.clinic in (UNSET, clinic.pk):
                return clinic
        raise invalid([FieldError("/clinic", "invalid", "Not a clinic where you are a therapist.")])


class OneClinicExercise(ClinicExerciseDoor):
    @describe(
        "One own exercise",
        response=ClinicExerciseView,
        status=(200, 304),
        errors=(401, 403, 404),
        tags=_TAGS,
    )
    def get(self, request: Request, own_id: UUID) -> HttpResponse:
        own = self.own(own_id)
        return unchanged(request._request, _tag(own)) or self.shown(own)

    @describe(
        "Write an own exercise anew, for everybody who is to do it",
        request=ClinicExerciseBody,
        response=ClinicExerciseView,
        errors=(401, 403, 404, 409, 412, 428),
        tags=_TAGS,
        headers=_IF_MATCH,
    )
    def put(self, _request: Request, own_id: UUID) -> HttpResponse:
        own, body = self.own(own_id), self.body(ClinicExerciseBody)
        _refuse_blank(body)
        base = self.base_version(own)
        try:
            return self.shown(
                services.edit_exercise(
                    own=own, words=words_of_body(body), base_version=base, author=self.author
                )
            )
        except services.NameTaken:
            raise _name_taken() from None
        except services.ExerciseChanged:
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
        own = self.own(own_id)
        base = self.base_version(own)
        try:
            return self.shown(
                services.retire_exercise(own=own, base_version=base, author=self.author)
            )
        except services.ExerciseChanged:
            raise stale() from None


def _tag(own: ClinicExercise) -> str:
    retired = ("retired",) if own.retired_at else ()
    return etag(own.pk, own.version, *retired)


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
