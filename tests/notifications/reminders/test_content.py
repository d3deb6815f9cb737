import re
from datetime import timedelta
from pathlib import Path

import pytest

from exercises.catalog.content import catalog
from notifications.reminders.content import KINDS, load, reminder_terms
from notifications.reminders.texts import LANGUAGES, reminder_text, texts_in
from notifications.terms import CONTENT, TermsError
from notifications.wording import wording

# What a stranger who reads a lock screen or a mail must not learn.
TELLING = re.compile(
    r"pain|knee|sciatic|symptom|exercise|doctor|Schmerz|Knie|Übung|Arzt", re.IGNORECASE
)


def test_every_kind_says_where_it_comes_from() -> None:
    for kind in reminder_terms().kinds:
        assert kind.source
        assert set(kind.facts) <= catalog().facts.keys()
        assert kind.useful <= timedelta(hours=2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_words_in_each_language(language: str) -> None:
    texts = texts_in(language)

    for kind in (*KINDS, "test"):
        title, body = reminder_text(kind, {}, language)
        assert (title, body) == (texts[kind].title, texts[kind].body)
        assert len(title) <= 40


def test_a_language_that_is_not_spoken_is_english() -> None:
    assert texts_in("fr-CH") == texts_in("en")
    assert texts_in("de-AT") == texts_in("de")


def test_what_is_said_together_is_listed() -> None:
    also = {"id": ["daily_check_in", "19:30"]}

    title, body = reminder_text("exercise", also, "en")

    assert title == "Your reminders"
    assert body == "Time for your exercises · Your check-in for today."


def test_a_lock_screen_and_a_mail_tell_nothing_of_health() -> None:
    push, mail = wording().push.values(), wording().email["patient"]

    for text in (*(f"{one.title} {one.body}" for one in push), mail.subject + mail.body):
        assert not TELLING.search(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('code = "exercise"', 'code = "dance"'),
        ('slot = "morning"', 'slot = "dawn"'),
        ('slot = "midday"', 'slot = "morning"'),
        ("expires_minutes = 90", "expires_minutes = 121"),
        ('silenced_from = "emergency_now"', 'silenced_from = "never"'),
        ("rests = true", "rest = true"),
    ],
)
def test_bad_content_is_refused(tmp_path: Path, before: str, after: str) -> None:
    text = (CONTENT / "reminders.toml").read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "reminders.toml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")

    with pytest.raises(TermsError, match=r"reminders\.toml"):
        load(path)
