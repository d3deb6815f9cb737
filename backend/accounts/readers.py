"""For whom a text is written: her country decides the numbers, her language the words."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

from backend.accounts.models import User


@dataclass(frozen=True)
class Reader:
    """`country` is ISO 3166-1 alpha-2 or "", `language` a BCP 47 tag."""

    country: str
    language: str


def reader_of(user: User, request: HttpRequest | None = None) -> Reader:
    """The user as a reader; a request's `Accept-Language` goes before her profile."""
    asked = language_asked_for(request) if request else ""
    return Reader(user.country, asked or user.language)


def language_asked_for(request: HttpRequest) -> str:
    """The first language of `Accept-Language` that we speak, or ""."""
    header = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    for tag, _ in parse_accept_lang_header(header.lower()):
        try:
            return get_supported_language_variant(tag)
        except LookupError:
            continue
    return ""
