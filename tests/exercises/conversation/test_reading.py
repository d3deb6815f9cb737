"""A simple reading of what patients write."""

import pytest

from exercises.conversation.checks import check_words
from exercises.conversation.reading import red_flags_named, wording


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Since today I am NUMB between my legs!", "S-SADDLE"),
        ("I can\u2019t pee since this morning", "S-BLADDER-RETENTION"),
        ("Mein Schritt ist taub, genauer: taub im Schritt", "S-SADDLE"),
        ("Ich bin gestürzt und kann nicht mehr auftreten", "S-CANT-BEAR-WEIGHT"),
        ("Die Wade ist geschwollen", "S-CALF-SWELL"),
        ("I have a fever", "S-FEVER"),
        ("Ich spüre die Blase nicht", "S-BLADDER-SENS"),
        ("the calf is\n swollen", "S-CALF-SWELL"),
    ],
)
def test_it_finds_a_red_flag_in_either_language(text: str, code: str) -> None:
    assert code in red_flags_named(text)


@pytest.mark.parametrize(
    "text", ["May I cycle?", "The pain is down to 3", "Es geht weiter", "", "Push-ups are fine"]
)
def test_it_finds_none_where_none_is_named(text: str) -> None:
    assert red_flags_named(text) == ()


def test_every_phrase_finds_its_own_code_and_every_code_is_asked_about() -> None:
    for code, phrases in wording().named.items():
        for phrase in phrases:
            assert code in red_flags_named(f"Hello, {phrase} since today.")
    assert check_words() == []
