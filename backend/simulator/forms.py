"""A filled-in questionnaire for a score: a scenario names the result, the product takes the form."""

from fractions import Fraction
from typing import Any

from exercises.tracking.instruments.content import instruments
from exercises.tracking.instruments.shapes import Activities, Rating, Ticks

# A mean is written with two digits or fewer.
ROUNDED = Fraction(1, 100)


class NoSuchForm(ValueError):
    """No way of filling in the questionnaire has this score."""


def version_of(instrument: str) -> str:
    """The version on offer; "1" of what is not offered, which the product then refuses itself."""
    known = instruments().offered.get(instrument)
    return known.version if known else "1"


def answers_with(instrument: str, score: float) -> dict[str, Any]:
    """Answers that score as asked. Raises `NoSuchForm`."""
    known = instruments().offered.get(instrument)
    match known.response if known else None:
        case Rating() as response:
            return {response.id: _whole(score)}
        case Ticks() as response:
            return {"ticked": _ticked(response, score), "submitted": True}
        case Activities() as response:
            return {"activities": _activities(response, score)}
    return {"score": score}


def _whole(score: float) -> int | float:
    return int(score) if score == int(score) else score


def _ticked(response: Ticks, score: float) -> list[str]:
    if score not in range(len(response.items) + 1):
        raise NoSuchForm(f"the score is a whole number from 0 to {len(response.items)}")
    return [item.id for item in response.items[: int(score)]]


def _activities(response: Activities, score: float) -> list[dict[str, Any]]:
    """The same activities in every form, as few of them rated as have this mean."""
    low, high = response.bounds
    for rated in range(1, response.most + 1):
        total = round(Fraction(score) * rated)
        if low <= score <= high and abs(Fraction(total, rated) - Fraction(score)) <= ROUNDED:
            scores = [total // rated + (index < total % rated) for index in range(rated)]
            return [
                {"text": f"activity {index + 1}"}
                | ({"score": scores[index]} if index < rated else {})
                for index in range(response.most)
            ]
    raise NoSuchForm(f"the score is a mean of up to {response.most} ratings from {low} to {high}")
