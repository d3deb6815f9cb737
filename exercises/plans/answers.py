"""Judges the answers of an intake as a whole (pure but for the shape of its errors)."""

from collections.abc import Mapping, Sequence
from datetime import date

from backend.core.pointers import pointer_to
from backend.core.problems import FieldError
from exercises.catalog.answers import validate_answer
from exercises.catalog.shapes import IntakeQuestion

EARLIEST = date(1900, 1, 1)
_PAST_DATES = ("home_care_since", "episode_started_on")


def answer_errors(
    questions: Sequence[IntakeQuestion], answers: Mapping[str, object], today: date
) -> list[FieldError]:
    """What is wrong with `answers` (question id to value); `today` is the patient's local date."""
    known = {question.id: question for question in questions}
    errors: list[FieldError] = []
    for name, value in answers.items():
        pointer = f"/answers{pointer_to(name)}"
        if name in known:
            errors += [error.under(pointer) for error in _errors(known[name], value, today)]
        else:
            errors.append(FieldError(pointer, "unknown_question", "There is no such question."))
    return errors


def missing(questions: Sequence[IntakeQuestion], answers: Mapping[str, object]) -> list[str]:
    """The required questions that are still to be answered, in order."""
    return [item.id for item in questions if item.required and item.id not in answers]


def _errors(question: IntakeQuestion, value: object, today: date) -> list[FieldError]:
    found = [
        FieldError(problem.pointer, problem.code, problem.message)
        for problem in validate_answer(question, value)
    ]
    if found or not isinstance(value, str):
        return found
    return _date_errors(value, today) if question.id in _PAST_DATES else []


def _date_errors(value: str, today: date) -> list[FieldError]:
    day = date.fromisoformat(value)
    if day > today:
        return [FieldError("", "in_the_future", "This day is still to come.")]
    if day < EARLIEST:
        return [FieldError("", "too_early", f"Must be {EARLIEST} or later.")]
    return []
