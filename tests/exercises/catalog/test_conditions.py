"""Conditions of contraindications follow from symptoms, history and answers."""

from collections.abc import Mapping

import pytest

from exercises.catalog.conditions import conditions_met
from exercises.catalog.content import catalog


def met(
    symptoms: tuple[str, ...] = (),
    history: tuple[str, ...] = (),
    answers: Mapping[str, object] | None = None,
    stated: tuple[str, ...] = (),
) -> set[str]:
    conditions = catalog().conditions.values()
    return {
        *conditions_met(
            conditions, symptoms=symptoms, history=history, answers=answers, stated=stated
        )
    }


def test_nothing_known_meets_nothing() -> None:
    assert met() == set()


def test_a_swollen_calf_forbids_the_calf_stretch() -> None:
    codes = met(symptoms=("S-CALF-SWELL",))
    stretch = catalog().exercises["EX-18"]

    assert codes == {"calf_swelling"}
    assert [(c.code, c.effect) for c in stretch.contraindications] == [("calf_swelling", "exclude")]


def test_thin_bones_come_from_the_history() -> None:
    assert met(history=("osteoporosis",)) == {"osteoporosis"}


@pytest.mark.parametrize("relief", ["sit", "lean_forward"])
def test_pain_on_walking_that_sitting_or_leaning_eases_is_the_stenosis_pattern(relief: str) -> None:
    assert met(answers={"triggers": ["walk"], "relief": [relief]}) == {"stenosis_pattern"}


@pytest.mark.parametrize(
    "answers",
    [
        {"triggers": ["walk"]},
        {"triggers": ["walk"], "relief": ["lie"]},
        {"triggers": ["sit"], "relief": ["lean_forward"]},
        {"triggers": "walk" * 2, "relief": None},
    ],
)
def test_half_of_the_pattern_is_no_pattern(answers: dict[str, object]) -> None:
    assert met(answers=answers) == set()


def test_the_stenosis_pattern_excludes_bending_back_and_spaces_out_walks() -> None:
    effects = {
        exercise.code: item.effect
        for exercise in catalog().exercises.values()
        for item in exercise.contraindications
        if item.code == "stenosis_pattern"
    }

    assert effects == {"EX-09": "exclude", "EX-20": "modify"}


def test_a_yes_to_falls_is_a_condition() -> None:
    assert met(answers={"falls": True}) == {"falls"}
    assert met(answers={"falls": False}) == set()


def test_a_clinician_may_state_what_no_answer_shows() -> None:
    assert met(stated=("recent_fracture",)) == {"recent_fracture"}
