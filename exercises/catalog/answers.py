"""Judges answers to intake questions and attributes of symptoms. Pure; never raises on any value.

Values are plain JSON: `True` is not the number 1, and null is not an answer (leave it out instead).
"""

import math
import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime

from msgspec import Struct

from backend.core.pointers import pointer_to
from exercises.catalog.shapes import Attribute, IntakeQuestion, Symptom

MAX_TEXT_LENGTH = 4000
YES_NO_UNKNOWN = ("yes", "no", "unknown")
SCORE = (0, 10)
# As in every text of the API, without importing its framework: what PostgreSQL would refuse.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class AnswerProblem(Struct, frozen=True, kw_only=True):
    """What is wrong: `pointer` is a JSON pointer below the answer ("" is the answer itself).

    Codes: wrong_type, unknown_option, unknown_attribute, out_of_range, too_long, not_a_date,
    control_character, repeated_option.
    """

    pointer: str
    code: str
    message: str


def validate_answer(question: IntakeQuestion, value: object) -> list[AnswerProblem]:
    """What is wrong with `value` as an answer to `question`; empty when it fits."""
    options = [option.value for option in question.options]
    low, high = SCORE if question.kind == "score" else (question.min, question.max)
    checks: dict[str, Callable[[], list[AnswerProblem]]] = {
        "integer": lambda: _integer("", value, low, high),
        "score": lambda: _integer("", value, low, high),
        "boolean": lambda: _boolean("", value),
        "yes_no_unknown": lambda: _choice("", value, YES_NO_UNKNOWN),
        "date": lambda: _day("", value),
        "choice": lambda: _choice("", value, options),
        "multi_choice": lambda: _choices(value, options),
        "text": lambda: _text("", value, question.max),
    }
    return checks[question.kind]()


def validate_attrs(
    symptom: Symptom, attrs: Mapping[str, object], attributes: Mapping[str, Attribute]
) -> list[AnswerProblem]:
    """What is wrong with the attributes of one reported symptom; empty when they fit.

    Any attribute of the vocabulary may come with any symptom; where the symptom narrows its
    options, only those count.
    """
    narrowed = {spec.name: spec.options for spec in symptom.attrs if spec.options}
    problems: list[AnswerProblem] = []
    for name, value in attrs.items():
        attribute = attributes.get(name)
        if attribute is None:
            problems.append(_problem(pointer_to(name), "unknown_attribute", "No such attribute."))
        else:
            options = narrowed.get(name, attribute.options)
            problems += _attribute_problems(attribute, options, value)
    return problems


def _attribute_problems(
    attribute: Attribute, options: Collection[str], value: object
) -> list[AnswerProblem]:
    at = pointer_to(attribute.name)
    checks: dict[str, Callable[[], list[AnswerProblem]]] = {
        "boolean": lambda: _boolean(at, value),
        "choice": lambda: _choice(at, value, options),
        "decimal": lambda: _decimal(at, value, attribute.min, attribute.max),
        "integer": lambda: _integer(at, value, attribute.min, attribute.max),
        "date": lambda: _day_or_instant(at, value),
        "text": lambda: _text(at, value, attribute.max),
    }
    return checks[attribute.kind]()


def _problem(pointer: str, code: str, message: str) -> AnswerProblem:
    return AnswerProblem(pointer=pointer, code=code, message=message)


def _boolean(at: str, value: object) -> list[AnswerProblem]:
    if isinstance(value, bool):
        return []
    return [_problem(at, "wrong_type", "Must be true or false.")]


def _integer(at: str, value: object, low: int | None, high: int | None) -> list[AnswerProblem]:
    if isinstance(value, bool) or not isinstance(value, int):
        return [_problem(at, "wrong_type", "Must be a whole number.")]
    return _bounds(at, value, low, high)


def _decimal(at: str, value: object, low: int | None, high: int | None) -> list[AnswerProblem]:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not isinstance(value, int | float) or not math.isfinite(value):
        return [_problem(at, "wrong_type", "Must be a number.")]
    return _bounds(at, value, low, high)


def _bounds(at: str, value: float, low: int | None, high: int | None) -> list[AnswerProblem]:
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = f"{'-∞' if low is None else low} to {'∞' if high is None else high}"
        return [_problem(at, "out_of_range", f"Must be within {bounds}.")]
    return []


def _choice(at: str, value: object, options: Collection[str]) -> list[AnswerProblem]:
    if not isinstance(value, str):
        return [_problem(at, "wrong_type", "Must be one of the options, as text.")]
    if value not in options:
        return [_problem(at, "unknown_option", f"Must be one of: {', '.join(options)}.")]
    return []


def _choices(value: object, options: Collection[str]) -> list[AnswerProblem]:
    if not isinstance(value, list | tuple):
        return [_problem("", "wrong_type", "Must be a list of options.")]
    problems = [
        problem
        for index, item in enumerate(value)
        for problem in _choice(f"/{index}", item, options)
    ]
    if not problems and len(set(value)) != len(value):
        problems.append(_problem("", "repeated_option", "Names an option twice."))
    return problems


def _day(at: str, value: object) -> list[AnswerProblem]:
    if not isinstance(value, str):
        return [_problem(at, "wrong_type", "Must be a date as text.")]
    try:
        parsed = date.fromisoformat(value)
    except ValueError:
        return [_problem(at, "not_a_date", "Must be a date such as 2025-03-31.")]
    if parsed.isoformat() != value:
        return [_problem(at, "not_a_date", "Must be a date such as 2025-03-31.")]
    return []


def _day_or_instant(at: str, value: object) -> list[AnswerProblem]:
    if isinstance(value, str) and "T" in value:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is not None and moment.tzinfo is not None:
            return []
    return _day(at, value)


def _text(at: str, value: object, longest: int | None) -> list[AnswerProblem]:
    if not isinstance(value, str):
        return [_problem(at, "wrong_type", "Must be text.")]
    limit = MAX_TEXT_LENGTH if longest is None else longest
    if len(value) > limit:
        return [_problem(at, "too_long", f"Must be at most {limit} characters.")]
    if CONTROL.search(value):
        return [_problem(at, "control_character", "Must not contain control characters.")]
    return []
