"""Questionnaires: their content, the answers they take, their scores, and what a change means."""

import shutil
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from exercises.catalog.catalog import ContentError
from exercises.tracking.instruments.answers import answer_problems
from exercises.tracking.instruments.change import change
from exercises.tracking.instruments.checks import check_instruments
from exercises.tracking.instruments.content import CONTENT_DIR, instruments, load
from exercises.tracking.instruments.scoring import score
from exercises.tracking.instruments.shapes import Instrument, Ticks


def instrument(code: str) -> Instrument:
    return instruments().offered[code]


def activities(**scores: int | None) -> dict[str, Any]:
    items: list[dict[str, Any]] = []
    for text, points in scores.items():
        items.append({"text": text} if points is None else {"text": text, "score": points})
    return {"activities": items}


def ticks(count: int, *, submitted: bool = True) -> dict[str, Any]:
    return {"ticked": [f"rmdq_{n:02}" for n in range(1, count + 1)], "submitted": submitted}


def test_what_is_on_offer_carries_its_licence_and_its_source() -> None:
    assert list(instruments().offered) == ["PSFS", "RMDQ", "GROC"]
    assert all(item.licence and item.citation for item in instruments().offered.values())
    assert check_instruments() == []


def test_the_roland_morris_form_has_24_statements_and_nothing_but_ticks() -> None:
    response = instrument("RMDQ").response
    assert isinstance(response, Ticks)
    assert [item.id for item in response.items] == [f"rmdq_{n:02}" for n in range(1, 25)]
    assert all("my back" in item.text.lower() for item in response.items)
    assert len({item.text for item in response.items}) == 24


def test_what_is_not_licensed_has_a_name_and_a_reason_and_no_text() -> None:
    assert set(instruments().not_offered) == {
        "KOOS", "PROMIS", "STARTBACK", "ODI", "SBI", "MSK-HQ", "EQ-5D-5L",
    }  # fmt: skip
    assert all(slot.reason for slot in instruments().not_offered.values())


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("psfs.toml", "points = 2.3", "points = 1.2", "do not rise"),
        ("psfs.toml", "window_days = 14", "window_days = 15", "window_days is longer"),
        ("groc.toml", 'references = ["P08"]', 'references = ["P99"]', "P99 does not exist"),
        ("rmdq.toml", '"rmdq_02"', '"rmdq_01"', "appears twice"),
        ("rmdq.toml", 'kind = "ticks"', 'kind = "slider"', "slider"),
        ("groc.toml", "every_days = 7", "", "either days or every_days"),
        ("not_offered.toml", 'code = "ODI"', 'code = "PSFS"', "is on offer"),
    ],
)
def test_content_that_does_not_hold_together_is_refused(
    tmp_path: Path, file: str, old: str, new: str, says: str
) -> None:
    directory = tmp_path / "instruments"
    shutil.copytree(CONTENT_DIR, directory)
    text = (directory / file).read_text()
    assert old in text
    (directory / file).write_text(text.replace(old, new))
    with pytest.raises(ContentError, match=says):
        load(directory)


@pytest.mark.parametrize(
    ("code", "answers"),
    [
        ("GROC", {"change": -5}),
        ("GROC", {"change": 5}),
        ("RMDQ", ticks(0)),
        ("RMDQ", ticks(24)),
        ("PSFS", activities(walk=0)),
        ("PSFS", activities(a=1, b=2, c=3, d=4, e=10)),
        ("PSFS", activities(walk=None)),
    ],
)
def test_answers_that_fit_are_taken(code: str, answers: Mapping[str, Any]) -> None:
    assert answer_problems(code, "1", answers) == []


@pytest.mark.parametrize(
    ("code", "answers", "pointer", "problem"),
    [
        ("GROC", {"change": -6}, "/answers/change", "invalid"),
        ("GROC", {"change": 6}, "/answers/change", "invalid"),
        ("GROC", {"change": True}, "/answers/change", "invalid"),
        ("GROC", {"change": "3"}, "/answers/change", "invalid"),
        ("GROC", {}, "/answers/change", "invalid"),
        ("GROC", {"change": 1, "mood": 2}, "/answers", "unknown_field"),
        ("RMDQ", {"ticked": ["rmdq_25"], "submitted": True}, "/answers/ticked/0", "unknown_item"),
        (
            "RMDQ",
            {"ticked": ["rmdq_01", "rmdq_01"], "submitted": True},
            "/answers/ticked/1",
            "repeated",
        ),
        ("RMDQ", {"ticked": []}, "/answers/submitted", "required"),
        ("PSFS", {"activities": []}, "/answers/activities", "invalid"),
        ("PSFS", activities(walk=11), "/answers/activities/0/score", "invalid"),
        ("PSFS", activities(walk=-1), "/answers/activities/0/score", "invalid"),
        ("PSFS", activities(a=1, b=1, c=1, d=1, e=1, f=1), "/answers/activities", "too_many"),
        ("PSFS", activities(**{"Walk  far": 1, "walk far": 2}), "/answers/activities/1/text", "repeated"),
        ("PSFS", activities(**{"  ": 1}), "/answers/activities/0/text", "empty"),
        ("PSFS", activities(**{"a\u0000": 1}), "/answers/activities/0/text", "invalid"),
    ],
)  # fmt: skip
def test_answers_that_do_not_fit_are_named(
    code: str, answers: Mapping[str, Any], pointer: str, problem: str
) -> None:
    (found,) = answer_problems(code, "1", answers)
    assert (found.pointer, found.code) == (pointer, problem)


def test_an_instrument_without_a_licence_is_refused_with_the_reason() -> None:
    for code, slot in instruments().not_offered.items():
        (found,) = answer_problems(code, "1", {})
        assert (found.pointer, found.code) == ("/instrument", "not_licensed")
        assert slot.reason in found.message
    (unknown,) = answer_problems("HAQ", "1", {})
    assert unknown.code == "unknown_instrument"
    (version,) = answer_problems("GROC", "2", {"change": 1})
    assert version.pointer == "/version"


@pytest.mark.parametrize(
    ("code", "answers", "value", "numerator", "denominator"),
    [
        ("PSFS", activities(a=2, b=4, c=5), Fraction(11, 3), 11, 3),
        ("PSFS", activities(a=2, b=None, c=5), Fraction(7, 2), 7, 2),
        ("PSFS", activities(a=0, b=None), Fraction(0), 0, 1),
        ("RMDQ", ticks(0), Fraction(0), 0, 24),
        ("RMDQ", ticks(24), Fraction(24), 24, 24),
        ("GROC", {"change": -3}, Fraction(-3), -3, 1),
    ],
)
def test_a_score_says_what_it_is_made_of(
    code: str, answers: Mapping[str, Any], value: Fraction, numerator: int, denominator: int
) -> None:
    found = score(instrument(code), answers)
    assert (found.value, found.missing) == (value, None)
    assert (found.numerator, found.denominator) == (numerator, denominator)


def test_a_partial_form_has_no_score() -> None:
    put_aside = score(instrument("RMDQ"), ticks(7, submitted=False))
    assert (put_aside.value, put_aside.missing) == (None, "not_submitted")
    unrated = score(instrument("PSFS"), activities(walk=None, stairs=None))
    assert (unrated.value, unrated.missing) == (None, "nothing_rated")
    assert change(instrument("RMDQ"), ticks(9), ticks(1, submitted=False)) is None
    assert change(instrument("PSFS"), activities(walk=2), activities(walk=None)) is None


@pytest.mark.parametrize(
    ("before", "after", "size"),
    [
        ((0, 0, 0, 0, 0), (1, 1, 1, 1, 2), None),  # 1.2
        ((0, 0, 0, 0, 0), (1, 1, 1, 2, 2), "small"),  # 1.4
        ((0, 0, 0, 0, 0), (2, 2, 2, 2, 3), "small"),  # 2.2
        ((0, 0, 0, 0, 0), (2, 2, 2, 3, 3), "medium"),  # 2.4
        ((0, 0, 0, 0, 0), (2, 2, 3, 3, 3), "medium"),  # 2.6
        ((0, 0, 0, 0, 0), (2, 3, 3, 3, 3), "large"),  # 2.8
        ((3, 3, 3, 3, 3), (2, 2, 2, 1, 1), "small"),  # -1.4
    ],
)
def test_a_change_of_activities_is_small_medium_or_large(
    before: tuple[int, ...], after: tuple[int, ...], size: str | None
) -> None:
    def form(scores: tuple[int, ...]) -> dict[str, Any]:
        return activities(**dict(zip("abcde", scores, strict=True)))

    found = change(instrument("PSFS"), form(before), form(after))
    assert found is not None
    assert found.size == size
    assert found.direction == ("better" if sum(after) > sum(before) else "worse")
    assert found.compared == 5


def test_only_activities_that_both_forms_rate_are_compared() -> None:
    first = activities(stairs=0, walk=6)
    found = change(instrument("PSFS"), first, activities(stairs=None, walk=6))
    assert found is not None
    assert (found.points, found.direction, found.compared) == (0, "same", 1)
    assert change(instrument("PSFS"), activities(stairs=1), activities(walk=5)) is None


@pytest.mark.parametrize(
    ("before", "after", "direction", "meaningful"),
    [
        (20, 16, "better", False),  # 4 points, 20 %
        (20, 15, "better", True),  # 5 points, 25 %
        (10, 8, "better", False),  # 20 %
        (10, 7, "better", True),  # 30 %
        (11, 8, "better", False),  # 27.3 %
        (3, 4, "worse", False),  # a third, but one point
        (10, 14, "worse", False),
        (10, 15, "worse", True),
        (0, 4, "worse", False),
        (0, 5, "worse", True),
        (9, 9, "same", False),
    ],
)
def test_disability_changes_meaningfully_by_5_points_or_better_by_30_percent(
    before: int, after: int, direction: str, meaningful: bool
) -> None:
    found = change(instrument("RMDQ"), ticks(before), ticks(after))
    assert found is not None
    assert (found.direction, found.size is not None) == (direction, meaningful)


@pytest.mark.parametrize(("after", "recovered"), [(2, True), (3, False)])
def test_two_statements_or_fewer_are_recovered(after: int, recovered: bool) -> None:
    found = change(instrument("RMDQ"), ticks(12), ticks(after))
    assert found is not None
    assert found.recovered is recovered


@pytest.mark.parametrize(
    ("before", "floor", "ceiling"),
    [(3, True, False), (4, False, False), (20, False, False), (21, False, True)],
)
def test_a_first_score_at_either_end_leaves_little_room(
    before: int, floor: bool, ceiling: bool
) -> None:
    found = change(instrument("RMDQ"), ticks(before), ticks(before))
    assert found is not None
    assert (found.floor, found.ceiling) == (floor, ceiling)


@pytest.mark.parametrize(
    ("rating", "direction", "size"),
    [
        (2, "better", None),
        (3, "better", "meaningful"),
        (-2, "worse", None),
        (-3, "worse", "meaningful"),
        (0, "same", None),
    ],
)
def test_a_rating_of_change_is_the_change(rating: int, direction: str, size: str | None) -> None:
    found = change(instrument("GROC"), {"change": 5}, {"change": rating})
    assert found is not None
    assert (found.points, found.direction, found.size) == (rating, direction, size)
    assert found.percent is None
