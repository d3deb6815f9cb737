"""What reminders say in the inbox, by language; content/reminder_texts.*.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache

from backend.core.shaping import convert
from notifications.reminders.content import KINDS
from notifications.terms import CONTENT, TermsError
from notifications.wording import Frame

LANGUAGES = ("en", "de")
Texts = Mapping[str, Frame]


def speaks_of(kind: str) -> bool:
    """Whether a message of this kind is said in the words of this file."""
    return kind in texts_in("en")


def reminder_text(kind: str, also: Mapping[str, list[str]], language: str) -> tuple[str, str]:
    """Title and body of a reminder; `also` are those it speaks for, as message: [kind, slot]."""
    texts = texts_in(language)
    kinds = dict.fromkeys([kind, *(other for other, _ in also.values())])
    if len(kinds) == 1:
        return texts[kind].title, texts[kind].body
    titles = " · ".join(texts[name].title for name in kinds if name in texts)
    return texts["bundle"].title, texts["bundle"].body.format(titles=titles)


def texts_in(language: str) -> Texts:
    """The texts in a language of ours, else in English."""
    asked = language.partition("-")[0].lower()
    return _read(asked if asked in LANGUAGES else "en")


@cache
def _read(language: str) -> Texts:
    path = CONTENT / f"reminder_texts.{language}.toml"
    try:
        found = convert(tomllib.loads(path.read_text(encoding="utf-8")), dict[str, Frame])
    except (OSError, ValueError) as error:
        raise TermsError(f"{path.name}: {error}") from None
    if found.keys() != {"bundle", "test", *KINDS}:
        raise TermsError(f"{path.name}: each kind, the test and the bundle stand once")
    return found
