"""The words around a rule's own: e-mail texts and the frame of each kind of inbox item (pure)."""

import tomllib
from collections.abc import Mapping
from functools import cache

from backend.core.shaping import convert
from notifications.terms import CONTENT, Content, TermsError


class Mail(Content, frozen=True, kw_only=True):
    """An e-mail; `body` may name {emergency_number} and {dashboard}. `footer` says whether it can
    be switched off."""

    subject: str
    body: str
    footer: str


class Push(Content, frozen=True, kw_only=True):
    """What a lock screen shows."""

    title: str
    body: str


class Page(Content, frozen=True, kw_only=True):
    """A page behind a link in a mail."""

    title: str
    question: str
    button: str
    done: str
    unknown: str


class Frame(Content, frozen=True, kw_only=True):
    """An inbox item; both may name {title}, {message} and {therapist} of the rule's text."""

    title: str
    body: str


class Wording(Content, frozen=True, kw_only=True):
    """wording.toml: mails by name, pushes by language, frames by audience and kind."""

    email: Mapping[str, Mail]
    push: Mapping[str, Push]
    unsubscribe: Page
    item: Mapping[str, Mapping[str, Frame]]

    def push_for(self, language: str) -> Push:
        """The push in a language of ours, else in English."""
        return self.push.get(language.partition("-")[0].lower()) or self.push["en"]


@cache
def wording() -> Wording:
    """The wording that ships with this code, read once; raises `TermsError`."""
    path = CONTENT / "wording.toml"
    try:
        return convert(tomllib.loads(path.read_text(encoding="utf-8")), Wording)
    except (OSError, ValueError) as error:
        raise TermsError(f"{path.name}: {error}") from None
