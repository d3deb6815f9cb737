"""What a later score means against the first (pure). Compared exactly, never after rounding."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from exercises.tracking.instruments.scoring import ratings, same_words, score
from exercises.tracking.instruments.shapes import Activities, ChangeMeaning, Instrument, Size

Direction = Literal["better", "worse", "same"]


@dataclass(frozen=True)
class Change:
    """`points` from the first form to the later one, with the sign of the scale.

    `percent` is of the first score, None where that is 0 or the answer is a change already.
    `compared` is how many activities both forms rate (1 where there is one score). `size` None: not
    a meaningful change. `floor` and `ceiling`: the first score leaves little room on that side.
    """

    points: Fraction
    percent: Fraction | None
    direction: Direction
    size: Size | None
    recovered: bool
    compared: int
    floor: bool = False
    ceiling: bool = False


def change(
    instrument: Instrument, first: Mapping[str, Any], later: Mapping[str, Any]
) -> Change | None:
    """The change between the answers of two forms; None where it cannot be told."""
    meaning = instrument.change
    pair = _scores(instrument, first, later)
    if pair is None:
        return None
    before, after, compared = pair
    points = after if meaning.is_the_score else after - before
    percent = None if meaning.is_the_score or before == 0 else 100 * points / before
    direction = _direction(instrument, points)
    return Change(
        points=points,
        percent=percent,
        direction=direction,
        size=_size(meaning, points, percent, direction),
        recovered=meaning.recovered_max is not None and after <= meaning.recovered_max,
        compared=compared,
        floor=meaning.floor_below is not None and before < meaning.floor_below,
        ceiling=meaning.ceiling_above is not None and before > meaning.ceiling_above,
    )


def _scores(
    instrument: Instrument, first: Mapping[str, Any], later: Mapping[str, Any]
) -> tuple[Fraction, Fraction, int] | None:
    if isinstance(instrument.response, Activities):
        return _paired(first, later)
    before, after = score(instrument, first).value, score(instrument, later).value
    if before is None or after is None:
        return None
    return before, after, 1


def _paired(
    first: Mapping[str, Any], later: Mapping[str, Any]
) -> tuple[Fraction, Fraction, int] | None:
    # Leaving out the hardest activity must not look like progress: like is compared with like.
    before = {same_words(text): points for text, points in ratings(first).items()}
    after = {same_words(text): points for text, points in ratings(later).items()}
    both = before.keys() & after.keys()
    if not both:
        return None
    count = len(both)
    means = [Fraction(sum(rated[text] for text in both), count) for rated in (before, after)]
    return means[0], means[1], count


def _direction(instrument: Instrument, points: Fraction) -> Direction:
    if points == 0:
        return "same"
    return "better" if (points > 0) == (instrument.higher_is == "better") else "worse"


def _size(
    meaning: ChangeMeaning, points: Fraction, percent: Fraction | None, direction: Direction
) -> Size | None:
    reached = [step.size for step in meaning.steps if abs(points) >= Fraction(step.points)]
    if reached:
        return reached[-1]
    share = meaning.percent_better
    by_share = share is not None and percent is not None and abs(percent) >= share
    return meaning.steps[0].size if by_share and direction == "better" else None
