"""The words of the visit brief, by language; each names what was entered, never what it may mean."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources

from backend.core.shaping import convert
from exercises.catalog import selectors as catalog
from exercises.triage.texts import text_of

LANGUAGES = ("en", "de")
UNTIL = "\N{EN DASH}"
_MONTHS = {
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
    "de": (
        "Januar", "Februar", "März", "April", "Mai", "Juni",
        "Juli", "August", "September", "Oktober", "November", "Dezember",
    ),
}  # fmt: skip

Groups = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Words:
    """The words of one language."""

    language: str
    groups: Groups

    def say(self, group: str, word: str, **values: object) -> str:
        """The words under `group` and `word`, with `values` put in."""
        return self.groups[group][word].format(**values)

    def find(self, group: str, word: str) -> str:
        """The words of a code, "" where there are none."""
        return self.groups[group].get(word, "")

    def day(self, day: date) -> str:
        """A date with its year, as it is read in this language."""
        return f"{self.short_day(day)} {day.year}"

    def short_day(self, day: date) -> str:
        """A date without its year."""
        dot = "." if self.language == "de" else ""
        return f"{day.day}{dot} {_MONTHS[self.language][day.month - 1]}"

    def span(self, first: date, last: date) -> str:
        """Two dates, both included, as short as they can be told."""
        start = self.short_day(first)
        if first.month == last.month:
            start = start.partition(" ")[0]
        return f"{start}{UNTIL}{self.short_day(last)}"

    def moment(self, at: datetime) -> str:
        """A date and the time of the day, as its zone has them."""
        return f"{self.short_day(at.date())}, {at:%H:%M}"

    def decimal(self, value: float) -> str:
        """A number with one decimal."""
        text = f"{value:.1f}"
        return text.replace(".", ",") if self.language == "de" else text

    def number(self, value: float) -> str:
        """A number with at most one decimal."""
        return self.decimal(value).removesuffix(",0").removesuffix(".0")


@cache
def words_in(language: str) -> Words:
    """The words in a BCP 47 `language`, or in English."""
    main = language.lower().partition("-")[0]
    known = main if main in LANGUAGES else "en"
    file = resources.files("exercises.reports").joinpath(f"content/brief.{known}.toml")
    groups = convert(tomllib.loads(file.read_text("utf-8")), dict[str, dict[str, str]])
    return Words(known, groups)


def alert_words(rule: str, matched: list[dict[str, object]], words: Words) -> str:
    """What an alert is about: the symptoms that were reported, or else what its rule looks for."""
    codes = [str(item.get("code", "")) for item in matched if item.get("what") == "symptom"]
    named = [found for code in dict.fromkeys(codes) if (found := _symptom(code, words))]
    text = ", ".join(named) or words.find("rules", rule) or _title(rule, words.language)
    return text[:1].upper() + text[1:]


def _symptom(code: str, words: Words) -> str:
    try:
        return words.find("symptoms", code) or catalog.symptom(code).question
    except KeyError:
        return code


def _title(rule: str, language: str) -> str:
    try:
        return text_of(rule, country="", language=language).title
    except KeyError:
        return rule
