"""The judge of texts knows what must not be said, and what is hard to read."""

import pytest

from exercises.catalog.reading import grade, sentences, text_problems
from exercises.catalog.texts import PatientText

HARD = (
    "Conservative rehabilitation necessitates individualised physiotherapeutic interventions "
    "incorporating neurodynamic mobilisation, progressive musculoskeletal strengthening. "
    "Comprehensive multidisciplinary evaluation facilitates appropriate differentiation. "
    "Psychological considerations significantly influence long-term rehabilitation outcomes "
    "irrespective of radiological abnormalities."
)


def problems(text: str, *, language: str = "en", is_alarm: bool = False) -> list[str]:
    given = PatientText("file.toml", "item", text, language, is_alarm)
    return [problem.message for problem in text_problems([given])]


@pytest.mark.parametrize(
    "text",
    [
        "You have a slipped disc.",
        "You may have arthritis.",
        "This is your diagnosis.",
        "Take 400 mg at night.",
        "Take 400mg.",
        "Take two tablets.",
        "Try Advil.",
        "Your spine is misaligned.",
        "Your therapist will call you.",
        "Read more at www.example.org.",
    ],
)
def test_what_must_not_be_said_is_found(text: str) -> None:
    assert len(problems(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "If you have had cancer, say so.",
        "You have to stop when it hurts.",
        "Say that you have none of these.",
        "Walk for 5 minutes, then rest.",
        "You shave in the morning.",
    ],
)
def test_harmless_words_pass(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [("Ihre Diagnose steht fest.", "de"), ("Nehmen Sie 400 mg.", "de"),
     ("Sie haben einen Bandscheibenvorfall.", "de"), ("Nehmen Sie zwei Tabletten.", "de")],
)  # fmt: skip
def test_german_is_judged_too(text: str, language: str) -> None:
    assert len(problems(text, language=language)) == 1


def test_reassurance_is_wrong_only_at_a_red_flag() -> None:
    assert problems("Most people get well. It is harmless.") == []
    assert problems("It is harmless.", is_alarm=True)


def test_a_long_sentence_is_named() -> None:
    (found,) = problems("word " * 23 + "end.")

    assert found.startswith("has a sentence of 24 words")


def test_hard_prose_is_refused_by_its_grade() -> None:
    (found,) = problems(HARD)

    assert found.startswith("reads at grade")


def test_only_english_has_a_grade() -> None:
    assert problems(HARD, language="de") == []


def test_a_problem_names_file_and_item() -> None:
    (problem,) = text_problems([PatientText("file.toml", "item", "Take 400 mg.")])

    assert str(problem) == "file.toml at item: holds a drug dose: '0 mg'"


def test_easy_prose_has_a_low_grade_and_few_words_have_none() -> None:
    assert grade("Walk to the door. Sit down. " * 10) < 3
    assert grade(HARD) > 12
    assert grade("Radiculopathy.") == 0.0


def test_a_colon_ends_a_sentence() -> None:
    assert sentences("Do this: walk. Rest!") == ["Do this:", "walk.", "Rest!"]
