"""What no single content file can know: that every code named exists, and that phases fit."""

from collections.abc import Iterator

from exercises.catalog.catalog import Catalog, ContentError
from exercises.catalog.crosschecks.articles import article_problems
from exercises.catalog.crosschecks.care import home_care_problems
from exercises.catalog.crosschecks.exercises import condition_problems, exercise_problems
from exercises.catalog.crosschecks.phases import phase_problems
from exercises.catalog.crosschecks.questions import intake_problems, symptom_problems
from exercises.catalog.crosschecks.translations import translation_problems

__all__ = ["find_problems"]


def find_problems(catalog: Catalog) -> Iterator[ContentError]:
    """Every cross-reference that leads nowhere, in file order."""
    yield from exercise_problems(catalog)
    yield from condition_problems(catalog)
    yield from phase_problems(catalog)
    yield from symptom_problems(catalog)
    yield from intake_problems(catalog)
    yield from home_care_problems(catalog)
    yield from article_problems(catalog)
    yield from translation_problems(catalog)
