"""The words around a rule's own: e-mail texts and the frame of each kind of inbox item (pure)."""

import tomllib
from collections.abc import Mapping
from functools import cache

import msgspec

from notifications.terms import CONTENT, Content, TermsError


class Mail(Content, frozen=True, kw_only=True):
    """An e-mail; `body` may name {emergency_number} and {dashboard}."""

    subject: str
    body: str


class Frame(Content, frozen=True, kw_only=True):
    """An inbox item; both may name {title}, {message} and {therapist} of the rule's text."""

    title: str
    body: str


class Wording(Content, frozen=True, kw_only=True):
    """wording.toml: mails by name, frames by audience and kind."""

    email: Mapping[str, Mail]
    item: Mapping[str, Mapping[str, Frame]]


@cache
def wording() -> Wording:
    """The wording that ships with this code, read once; raises `TermsError`."""
    path = CONTENT / "wording.toml"
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Wording)
    except (OSError, ValueError) as error:
        raise TermsError(f"{path.name}: {error}") from None
