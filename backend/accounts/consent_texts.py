"""The versioned texts of what patients are asked to agree to, from content/consents.toml."""

import tomllib
from functools import cache
from importlib import resources

import msgspec

from backend.accounts.models import Scope
from backend.core.shaping import convert


class Wording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One consent text in one language."""

    question: str
    text: str


class ConsentText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a scope asks today; a text whose meaning changes gets the next version."""

    version: int
    en: Wording
    de: Wording

    def wording(self, language: str) -> Wording:
        """The text in `language` (BCP 47), or in English."""
        return self.de if language.partition("-")[0] == "de" else self.en


@cache
def consent_texts() -> dict[Scope, ConsentText]:
    """The text of each scope. Raises `msgspec.ValidationError` where the content is not whole."""
    file = resources.files("backend.accounts").joinpath("content/consents.toml")
    texts = convert(tomllib.loads(file.read_text("utf-8")), dict[str, ConsentText])
    return {scope: texts[scope] for scope in Scope}
