"""What patients read: plain, short, and never a verdict or a drug dose."""

import pytest

from exercises.catalog.content import catalog
from exercises.catalog.reading import grade, text_problems
from exercises.catalog.texts import patient_texts

HIGHEST_GRADE = 6.0
TEXTS = [*patient_texts(catalog())]


def prose(*files: str) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for text in TEXTS:
        if text.file in files and text.text.endswith((".", "?", "!")):
            found[text.file, text.id] = f"{found.get((text.file, text.id), '')} {text.text}".strip()
    return found


def test_no_text_gives_a_verdict_or_a_dose_or_is_hard_to_read() -> None:
    assert [str(problem) for problem in text_problems(TEXTS)] == []


def test_texts_of_every_kind_are_looked_at() -> None:
    seen = {(text.language, text.id) for text in TEXTS}
    english = {"EX-25", "S-SADDLE", "fever", "age", "rehab", "ice", "open_wound", "gate", "timing"}

    assert {("en", name) for name in english | {"posture", "warning_signs", "GB"}} <= seen
    assert {("de", name) for name in ("S-SADDLE", "ice", "warning-signs", "EX-18")} <= seen


@pytest.mark.parametrize("place", prose("exercises.toml", "articles"), ids=lambda place: place[1])
def test_each_exercise_and_article_reads_at_a_sixth_grade_level(place: tuple[str, str]) -> None:
    assert grade(prose(place[0])[place]) <= HIGHEST_GRADE


def test_the_questions_read_at_a_sixth_grade_level() -> None:
    questions = prose("symptoms.toml", "intake.toml")

    assert 0 < grade(" ".join(questions.values())) <= HIGHEST_GRADE


def test_bladder_is_asked_in_both_directions_and_as_separate_questions() -> None:
    symptoms = catalog().symptoms

    assert "can you not pee" in symptoms["S-BLADDER-RETENTION"].question
    assert "leak" in symptoms["S-BLADDER-INCONT"].question
    assert "leak" not in symptoms["S-BLADDER-RETENTION"].question
