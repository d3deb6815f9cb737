"""A clinic's own exercises as cards, and the exercises on which one may be based."""

from dataclasses import dataclass
from uuid import UUID

from backend.dashboard.presenters.plans import exercise_name
from exercises.catalog import selectors as catalog
from exercises.plans.models import ClinicExercise


@dataclass(frozen=True)
class ExerciseCard:
    """An own exercise to look at."""

    id: UUID
    name: str
    based_on: str
    steps: tuple[str, ...]
    note: str
    version: int


def exercise_card(own: ClinicExercise) -> ExerciseCard:
    """The exercise as it stands."""
    return ExerciseCard(
        id=own.pk,
        name=own.name,
        based_on=exercise_name(own.exercise),
        steps=tuple(own.steps),
        note=own.note,
        version=own.version,
    )


def base_choices() -> tuple[tuple[str, str], ...]:
    """The exercises of the catalogue, code and name, by name."""
    found = sorted(catalog.exercises(), key=lambda one: one.name)
    return tuple((one.code, one.name) for one in found)
