"""Exercises and the conditions of their contraindications."""

from collections.abc import Iterator

from exercises.catalog.catalog import Catalog, ContentError
from exercises.catalog.crosschecks.naming import missing, option_values, source_problems
from exercises.catalog.shapes import Condition, Dose, Exercise, PhaseId

PHASES: tuple[PhaseId, ...] = ("initial", "rehab", "long_term")


def exercise_problems(catalog: Catalog) -> Iterator[ContentError]:
    """Sources, swaps, contraindications and doses, and what was retired."""
    file = "exercises.toml"
    yield from source_problems(catalog, file, "monitoring", (), catalog.monitoring.references)
    for item in catalog.contraindications:
        yield from missing(file, "contraindication", (item.code,), catalog.conditions)
    for exercise in catalog.exercises.values():
        yield from _one_exercise(catalog, file, exercise)
    for gone in catalog.retired:
        if gone.code in catalog.exercises:
            yield ContentError(file, f"retired.{gone.code}", "is still offered")
        replacement = (gone.replaced_by,) if gone.replaced_by else ()
        yield from missing(file, f"retired.{gone.code}", replacement, catalog.exercises)


def _one_exercise(catalog: Catalog, file: str, exercise: Exercise) -> Iterator[ContentError]:
    path = exercise.code
    yield from source_problems(catalog, file, path, exercise.facts, exercise.references)
    yield from missing(file, f"{path}.swap_to", exercise.swap_to, catalog.exercises)
    named = [item.code for item in exercise.contraindications]
    yield from missing(file, f"{path}.contraindications", named, catalog.conditions)
    if exercise.origin == "seed" and not exercise.facts:
        yield ContentError(file, f"{path}.facts", "an exercise of the articles needs a fact")
    if exercise.code in exercise.swap_to:
        yield ContentError(file, f"{path}.swap_to", "swaps to itself")
    for phase in PHASES:
        dose = exercise.dose.in_phase(phase)
        if dose is not None and not _asks_for_something(dose):
            yield ContentError(file, f"{path}.dose.{phase}", "has neither an amount nor `optional`")


def _asks_for_something(dose: Dose) -> bool:
    return dose.optional or dose.reps is not None or dose.minutes is not None


def condition_problems(catalog: Catalog) -> Iterator[ContentError]:
    """Symptoms, history items and answers that conditions name."""
    file = "exercises.toml"
    history = option_values(catalog, "history")
    for condition in catalog.conditions.values():
        path = f"condition.{condition.code}"
        yield from source_problems(catalog, file, path, condition.facts, ())
        yield from missing(file, f"{path}.symptoms", condition.symptoms, catalog.symptoms)
        yield from missing(file, f"{path}.history", condition.history, history)
        yield from _answer_problems(catalog, file, path, condition)


def _answer_problems(
    catalog: Catalog, file: str, path: str, condition: Condition
) -> Iterator[ContentError]:
    for group in condition.answers:
        yield from missing(file, f"{path}.answers", group, catalog.intake_questions)
        for question, values in group.items():
            if question in catalog.intake_questions:
                known = option_values(catalog, question)
                yield from missing(file, f"{path}.answers.{question}", values, known)
