"""A clinic's own exercises on the wire."""

from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from backend.core.wire import PLAIN, Instant, Wire
from exercises.catalog import selectors as catalog
from exercises.plans.dose_wire import Exercise
from exercises.plans.models import ClinicExercise
from exercises.plans.services.variations import Words

MOST_STEPS = 12
STEP_LENGTH = 300
NAME_LENGTH = 120
NOTE_LENGTH = 500

Name = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH, pattern=PLAIN)]
Step = Annotated[str, Meta(min_length=1, max_length=STEP_LENGTH, pattern=PLAIN)]
Steps = Annotated[list[Step], Meta(min_length=1, max_length=MOST_STEPS)]
Note = Annotated[str, Meta(max_length=NOTE_LENGTH, pattern=PLAIN)]


class ClinicExerciseBody(Wire, frozen=True, kw_only=True):
    """What a clinic's own exercise says, in plain text."""

    name: Name
    steps: Steps
    note: Note = ""


class NewClinicExercise(ClinicExerciseBody, frozen=True, kw_only=True):
    """`exercise` is the code of the catalogue's exercise on which it is based, for good. `clinic` may
    be left out by a therapist of one clinic."""

    exercise: Exercise
    clinic: UUID | UnsetType = UNSET


class ClinicExerciseView(ClinicExerciseBody, frozen=True, kw_only=True):
    """An own exercise of a clinic; `based_on` is the name of the catalogue's `exercise`. One that is
    retired is no longer offered."""

    id: UUID
    clinic: UUID
    exercise: str
    based_on: str
    version: int
    created_at: Instant
    retired_at: Instant | UnsetType = UNSET


class ClinicExerciseList(Wire, frozen=True, kw_only=True):
    """A page of them, by name."""

    items: list[ClinicExerciseView]
    next_cursor: str | None


def words_of_body(body: ClinicExerciseBody) -> Words:
    """What `body` says, for the service."""
    return Words(
        name=body.name.strip(),
        steps=tuple(step.strip() for step in body.steps),
        note=body.note.strip(),
    )


def clinic_exercise_view(own: ClinicExercise) -> ClinicExerciseView:
    """The exercise as it stands."""
    base = catalog.find_exercise(own.exercise)
    return ClinicExerciseView(
        id=own.pk,
        clinic=own.clinic_id,
        exercise=own.exercise,
        based_on=base.name if base else own.exercise,
        name=own.name,
        steps=list(own.steps),
        note=own.note,
        version=own.version,
        created_at=own.created_at,
        retired_at=own.retired_at or UNSET,
    )
