"""Answers and attributes are judged without ever raising."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exercises.catalog import selectors
from exercises.catalog.answers import validate_answer
from exercises.catalog.content import catalog

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def answer_codes(question: str, value: object) -> list[str]:
    problems = validate_answer(catalog().intake_questions[question], value)
    return [problem.code for problem in problems]


def attr_codes(symptom: str, **attrs: object) -> list[str]:
    return [problem.code for problem in selectors.symptom_problems(symptom, attrs)]


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("age", 17),
        ("age", 120),
        ("pregnant", "unknown"),
        ("first_episode", False),
        ("episode_started_on", "2025-02-28"),
        ("side", "left"),
        ("pain_at_episode_start", 0),
        ("pain_at_episode_start", 10),
        ("history", []),
        ("history", ["cancer", "diabetes"]),
        ("red_flags", ["S-SADDLE"]),
        ("usual_medicines", ""),
        ("usual_medicines", "one\n\ttwo é 💊"),
    ],
)
def test_an_answer_of_the_right_kind_fits(question: str, value: object) -> None:
    assert answer_codes(question, value) == []


@pytest.mark.parametrize(
    ("question", "value", "code"),
    [
        ("age", "44", "wrong_type"),
        ("age", True, "wrong_type"),
        ("age", 44.0, "wrong_type"),
        ("age", None, "wrong_type"),
        ("age", -1, "out_of_range"),
        ("age", 121, "out_of_range"),
        ("pain_at_episode_start", 11, "out_of_range"),
        ("pregnant", True, "wrong_type"),
        ("pregnant", "maybe", "unknown_option"),
        ("first_episode", 1, "wrong_type"),
        ("episode_started_on", "2025-02-29", "not_a_date"),
        ("episode_started_on", "20250228", "not_a_date"),
        ("episode_started_on", "2025-02-28T10:00:00Z", "not_a_date"),
        ("side", "middle", "unknown_option"),
        ("history", "cancer", "wrong_type"),
        ("history", ["cancer", 3], "wrong_type"),
        ("history", ["gout"], "unknown_option"),
        ("history", ["cancer", "cancer"], "repeated_option"),
        ("red_flags", ["S-CONSTIPATION"], "unknown_option"),
        ("usual_medicines", "x" * 2001, "too_long"),
    ],
)
def test_an_answer_that_does_not_fit_says_why(question: str, value: object, code: str) -> None:
    assert answer_codes(question, value) == [code]


def test_a_wrong_option_is_found_by_its_place() -> None:
    problems = validate_answer(catalog().intake_questions["history"], ["cancer", "gout"])

    assert [problem.pointer for problem in problems] == ["/1"]


def test_every_attribute_of_a_nerve_symptom_is_accepted() -> None:
    assert not attr_codes(
        "S-NUMB-LEG",
        laterality="both",
        severity="severe",
        onset="sudden",
        course="worsening_rapidly",
        extent="half_body",
        new_or_changed=True,
        assessed_by_clinician=False,
        transient_positional=True,
        resolved=True,
        duration_minutes=30,
        duration_days=7,
        interferes_adl=True,
        note="Since lunch.",
    )


@pytest.mark.parametrize("symptom", catalog().symptoms)
def test_new_or_changed_may_come_with_any_symptom(symptom: str) -> None:
    assert attr_codes(symptom, new_or_changed=False) == []


@pytest.mark.parametrize(
    ("symptom", "attrs"),
    [
        ("S-FEVER", {"temp_c": 38}),
        ("S-FEVER", {"temp_c": 37.9, "felt": True}),
        ("S-TRAUMA", {"severity": "major", "when": "2025-03-01"}),
        ("S-TRAUMA", {"severity": "minor", "when": "2025-03-01T10:00:00+01:00"}),
        ("S-LEG-COLD-PALE", {"onset": "chronic"}),
        ("S-CANT-MOVE-KNEE", {"degree": "unable"}),
        ("S-BREATHLESS", {"onset": "sudden"}),
        ("S-CALF-SWELL", {"one_leg": True, "tender": False, "warm": True, "red": False}),
    ],
)
def test_attributes_of_the_vocabulary_fit(symptom: str, attrs: dict[str, object]) -> None:
    assert attr_codes(symptom, **attrs) == []


@pytest.mark.parametrize(
    ("symptom", "attrs", "code"),
    [
        ("S-NUMB-LEG", {"colour": "blue"}, "unknown_attribute"),
        ("S-NUMB-LEG", {"severity": "major"}, "unknown_option"),
        ("S-NUMB-LEG", {"laterality": None}, "wrong_type"),
        ("S-NUMB-LEG", {"duration_minutes": 1.5}, "wrong_type"),
        ("S-NUMB-LEG", {"duration_days": -1}, "out_of_range"),
        ("S-TRAUMA", {"severity": "severe"}, "unknown_option"),
        ("S-TRAUMA", {"when": "2025-03-01T10:00:00"}, "not_a_date"),
        ("S-LEG-COLD-PALE", {"onset": "gradual"}, "unknown_option"),
        ("S-SADDLE", {"new_or_changed": "yes"}, "wrong_type"),
        ("S-FEVER", {"temp_c": "38.4"}, "wrong_type"),
        ("S-FEVER", {"temp_c": True}, "wrong_type"),
        ("S-FEVER", {"temp_c": float("nan")}, "wrong_type"),
        ("S-FEVER", {"temp_c": 101.2}, "out_of_range"),
        ("S-BUCKLE", {"note": "x" * 2001}, "too_long"),
        ("S-BUCKLE", {"note": "a\x00b"}, "control_character"),
        ("S-BUCKLE", {"note": "a\ud800b"}, "control_character"),
    ],
)
def test_attributes_that_do_not_fit_say_why(
    symptom: str, attrs: dict[str, object], code: str
) -> None:
    assert attr_codes(symptom, **attrs) == [code]


def test_a_strange_attribute_name_makes_a_valid_pointer() -> None:
    problems = selectors.symptom_problems("S-SADDLE", {"a/b~c": True})

    assert [problem.pointer for problem in problems] == ["/a~1b~0c"]


@given(value=ANYTHING)
def test_no_value_makes_the_judgement_fail(value: object) -> None:
    for question in selectors.intake_questions():
        assert isinstance(validate_answer(question, value), list)
    for attribute in catalog().attributes:
        assert isinstance(selectors.symptom_problems("S-NUMB-LEG", {attribute: value}), list)
