"""Judges texts for patients: easy to read, no verdict, no dose, nothing to sell or to fear. Pure."""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from exercises.catalog.texts import PatientText
from exercises.catalog.translation import ENGLISH

HIGHEST_GRADE = 8.0
# A grade says little about fewer words than this.
FEWEST_WORDS = 30
LONGEST_SENTENCE_WORDS = 22

_ANY_LANGUAGE = {
    "a drug dose": r"\d\s?(?:mg|mcg|µg|ml|milligrams?|milligramm)\b|\bmg\b",
    "a number of tablets": r"\b(?:\d+|one|two|three|four) (?:tablets?|pills?|capsules?)\b"
    r"|\b(?:\d+|eine|zwei|drei|vier) (?:tabletten?|kapseln?)\b",
    "a brand": r"\b(?:advil|motrin|aleve|tylenol|nurofen|voltaren|voltarol|panadol)\b",
    "a provider": r"\bspine institute\b",
    "a web address": r"https?://|\bwww\.",
}
_FORBIDDEN = {
    ENGLISH: {
        # "you have had" and "you have to" state no condition.
        "a verdict": r"\byou(?: may| might| could| probably| likely)? have"
        r"(?! (?:had|been|to|none|any|not|no)\b)|\byou've got\b|\byou suffer\b|diagnos",
        "a word that frightens": r"misalign|realign|\bcrumbl|\bdegenerat|\bpermanent damage\b",
        "an error of the sources": r"arthrodesis",
        "a call that nobody promised": r"therapist will (?:call|ring|phone|contact)",
    },
    "de": {
        "a verdict": r"\bdiagnos|\bSie haben (?:ein|einen|eine) ",
        "a call that nobody promised": r"(?:Therapeutin|Therapeut) (?:ruft|meldet sich)",
    },
}
_REASSURANCE = {
    ENGLISH: r"don't worry|do not worry|no need to worry|nothing serious|harmless"
    r"|most people (?:get|recover)|nothing to fear",
    "de": r"keine sorge|harmlos|nichts ernstes|kein grund zur sorge",
}


@dataclass(frozen=True)
class TextProblem:
    """What is wrong with a text, and where it stands."""

    file: str
    id: str
    message: str

    def __str__(self) -> str:
        return f"{self.file} at {self.id}: {self.message}"


def text_problems(texts: Iterable[PatientText]) -> Iterator[TextProblem]:
    """Everything wrong with `texts`; the reading grade is judged item by item, in English."""
    known = list(texts)
    for text in known:
        yield from (TextProblem(text.file, text.id, found) for found in _forbidden(text))
        yield from (TextProblem(text.file, text.id, found) for found in _long_sentences(text))
    english = [text for text in known if text.language == ENGLISH]
    for (file, name), group in itertools.groupby(english, key=lambda text: (text.file, text.id)):
        prose = [text.text for text in group if text.text.endswith((".", "?", "!"))]
        found = grade(" ".join(prose))
        if found > HIGHEST_GRADE:
            yield TextProblem(file, name, f"reads at grade {found:.1f}, above {HIGHEST_GRADE:g}")


def grade(text: str) -> float:
    """The Flesch-Kincaid grade level of English prose; 0.0 for too few words to say."""
    words = re.findall(r"[A-Za-z']+", text)
    if len(words) < FEWEST_WORDS:
        return 0.0
    count = sum(_syllables(word) for word in words)
    return 0.39 * len(words) / len(sentences(text)) + 11.8 * count / len(words) - 15.59


def sentences(text: str) -> list[str]:
    """The sentences of a text; a colon ends one too."""
    return [part for part in re.split(r"(?<=[.?!:])\s+", text) if part]


def _syllables(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    is_last_silent = word.lower().endswith("e") and not word.lower().endswith("le")
    return max(1, groups - is_last_silent)


def _forbidden(text: PatientText) -> Iterator[str]:
    patterns = {**_ANY_LANGUAGE, **_FORBIDDEN.get(text.language, {})}
    if text.is_alarm and text.language in _REASSURANCE:
        patterns["reassurance at a red flag"] = _REASSURANCE[text.language]
    for name, pattern in patterns.items():
        found = re.search(pattern, text.text, re.IGNORECASE)
        if found:
            yield f"holds {name}: {found.group()!r}"


def _long_sentences(text: PatientText) -> Iterator[str]:
    for sentence in sentences(text.text):
        if len(sentence.split()) > LONGEST_SENTENCE_WORDS:
            yield f"has a sentence of {len(sentence.split())} words: {sentence[:60]!r}"
