"""A simple reading of what a patient writes: does it name a red flag? (pure)

It finds phrases, understands nothing and judges nothing: its only use is to point to the questions
that are judged. What it overlooks is as urgent as before, which both sides are told.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from msgspec import Struct

from backend.core.shaping import convert

CONTENT = Path(__file__).parent / "content" / "words.toml"
ENGLISH = "en"


class SideTexts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said in one language: to the patient beside every message (`notice`) and where one seems
    to name a red flag (`pointed`), to the care team, and when she is told that there is a message."""

    notice: str
    pointed: str
    team_notice: str
    told_title: str
    told: str


class Words(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """words.toml: by symptom code the phrases that name it, in every language; the texts."""

    source: str
    named: Mapping[str, tuple[str, ...]]
    texts: Mapping[str, SideTexts]

    def texts_in(self, language: str) -> SideTexts:
        """The texts in a language of ours (BCP 47), else in English."""
        return self.texts.get(language.partition("-")[0].lower()) or self.texts[ENGLISH]


@cache
def wording() -> Words:
    """The words that ship with this code, read once; raises `ValueError` where they do not fit."""
    return convert(tomllib.loads(CONTENT.read_text("utf-8")), Words)


def red_flags_named(text: str) -> tuple[str, ...]:
    """The codes of the red flags that a text seems to name, whatever its language."""
    plain = _plain(text)
    return tuple(code for code, pattern in _patterns() if pattern.search(plain))


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (code, re.compile("|".join(_phrase(_plain(phrase)) for phrase in phrases)))
        for code, phrases in wording().named.items()
    )


def _phrase(phrase: str) -> str:
    # Whole words from their beginning, and any ending: "numb" finds "numbness".
    return r"\b" + r"\W+".join(re.escape(word) for word in phrase.split())


def _plain(text: str) -> str:
    folded = unicodedata.normalize(
        "NFKD", text.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    )
    return "".join(letter for letter in folded if not unicodedata.combining(letter))
