"""Checks the answers to a questionnaire: the shapes in which they travel, and their bounds."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from backend.core.problems import FieldError, Problem
from backend.core.wire import PLAIN, ShortText, Wire, decode
from exercises.tracking.instruments.content import instruments
from exercises.tracking.instruments.scoring import same_words
from exercises.tracking.instruments.shapes import Activities, Instrument, Rating, Ticks

ActivityText = Annotated[str, Meta(min_length=1, max_length=200, pattern=PLAIN)]


class TickedAnswers(Wire, frozen=True, kw_only=True):
    """The statements that were ticked. A form put aside half way is not `submitted`: no score."""

    ticked: Annotated[list[ShortText], Meta(max_length=60)]
    submitted: bool


class ActivityAnswer(Wire, frozen=True, kw_only=True):
    """An activity in the patient's words; without `score` it was not rated this time."""

    text: ActivityText
    score: int | UnsetType = UNSET


class ActivityAnswers(Wire, frozen=True, kw_only=True):
    """The activities that the patient named."""

    activities: Annotated[list[ActivityAnswer], Meta(min_length=1, max_length=60)]


def answer_problems(code: str, version: str, answers: Mapping[str, Any]) -> list[FieldError]:
    """What is wrong with answers to the instrument `code`; pointers are those of the report."""
    known = instruments()
    instrument = known.offered.get(code)
    if instrument is None:
        return [_not_offered(code)]
    errors = []
    if version != instrument.version:
        message = f'{code} is served in version "{instrument.version}".'
        errors.append(FieldError("/version", "unknown_version", message))
    errors += (error.under("/answers") for error in _answer_errors(instrument, answers))
    return errors


def _not_offered(code: str) -> FieldError:
    known = instruments()
    if code in known.not_offered:
        words = f"{code} is not offered here. {known.not_offered[code].reason}"
        return FieldError("/instrument", "not_licensed", words)
    words = f"Not a known instrument; there are {', '.join(known.offered)}."
    return FieldError("/instrument", "unknown_instrument", words)


def _answer_errors(instrument: Instrument, answers: Mapping[str, Any]) -> Iterator[FieldError]:
    response = instrument.response
    try:
        match response:
            case Rating():
                yield from _rating_errors(response, answers)
            case Ticks():
                yield from _tick_errors(response, decode(answers, TickedAnswers))
            case Activities():
                yield from _activity_errors(response, decode(answers, ActivityAnswers))
    except Problem as problem:
        yield from problem.errors


def _rating_errors(response: Rating, answers: Mapping[str, Any]) -> Iterator[FieldError]:
    for name in answers:
        if name != response.id:
            yield FieldError("", "unknown_field", f'There is one answer: "{response.id}".')
            return
    yield from _bounded(f"/{response.id}", answers.get(response.id), response.bounds)


def _tick_errors(response: Ticks, answers: TickedAnswers) -> Iterator[FieldError]:
    known = {statement.id for statement in response.items}
    seen: set[str] = set()
    for index, ticked in enumerate(answers.ticked):
        if ticked not in known:
            yield FieldError(f"/ticked/{index}", "unknown_item", "Not a statement of this form.")
        elif ticked in seen:
            yield FieldError(f"/ticked/{index}", "repeated", "A statement is ticked once.")
        seen.add(ticked)


def _activity_errors(response: Activities, answers: ActivityAnswers) -> Iterator[FieldError]:
    if len(answers.activities) > response.most:
        yield FieldError("/activities", "too_many", f"At most {response.most} activities.")
    seen: set[str] = set()
    for index, activity in enumerate(answers.activities):
        words = same_words(activity.text)
        if not words:
            yield FieldError(f"/activities/{index}/text", "empty", "Name the activity.")
        elif words in seen:
            yield FieldError(f"/activities/{index}/text", "repeated", "It is named already.")
        seen.add(words)
        if activity.score is not UNSET:
            yield from _bounded(f"/activities/{index}/score", activity.score, response.bounds)


def _bounded(pointer: str, value: object, bounds: tuple[int, int]) -> Iterator[FieldError]:
    low, high = bounds
    if type(value) is not int or not low <= value <= high:
        yield FieldError(pointer, "invalid", f"A whole number from {low} to {high}.")
