"""Scores answers that were found valid (pure).

No score comes from a partial form: ticks count once the form is submitted; of activities, the mean
is of those that were rated, and at least one has to be.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from exercises.tracking.instruments.shapes import Activities, Instrument, Rating, Ticks

Missing = Literal["not_submitted", "nothing_rated"]


@dataclass(frozen=True)
class Score:
    """`value`, and what it is made of: `numerator` points (or ticks) over `denominator` answers.

    A mean is numerator / denominator; ticks are the numerator, of as many statements as the
    denominator says. `value` None: there is no score, for the reason `missing`.
    """

    value: Fraction | None
    numerator: int
    denominator: int
    missing: Missing | None = None


def score(instrument: Instrument, answers: Mapping[str, Any]) -> Score:
    """The score of one form."""
    match instrument.response:
        case Ticks(items=items):
            return _ticks(answers, len(items))
        case Activities():
            return _mean(ratings(answers))
        case Rating(id=question):
            value = int(answers[question])
            return Score(Fraction(value), value, 1)


def ratings(answers: Mapping[str, Any]) -> dict[str, int]:
    """The rated activities of a form, by the patient's words."""
    rated = (item for item in answers["activities"] if "score" in item)
    return {item["text"]: int(item["score"]) for item in rated}


def same_words(text: str) -> str:
    """A form in which two spellings of an activity that only differ in case or blanks agree."""
    return " ".join(text.split()).casefold()


def _ticks(answers: Mapping[str, Any], statements: int) -> Score:
    ticked = len(answers["ticked"])
    if not answers["submitted"]:
        return Score(None, ticked, statements, "not_submitted")
    return Score(Fraction(ticked), ticked, statements)


def _mean(rated: Mapping[str, int]) -> Score:
    points = sum(rated.values())
    if not rated:
        return Score(None, 0, 0, "nothing_rated")
    return Score(Fraction(points, len(rated)), points, len(rated))
