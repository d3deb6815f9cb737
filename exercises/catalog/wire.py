"""What the catalogue's doors share: sources, caching, and the language of the texts."""

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header
from msgspec import UNSET, UnsetType

from backend.accounts.models import User
from backend.core.conditional import etag
from backend.core.wire import Wire
from exercises.catalog import selectors

CONTENT_HEADERS = {
    "If-None-Match": "The ETag of what the phone holds.",
    "Accept-Language": "The language of the texts; without it, that of the profile.",
}


class SourceView(Wire, frozen=True, kw_only=True):
    """Where a statement comes from."""

    id: str
    title: str
    url: str | UnsetType = UNSET


def sources_of(facts: Iterable[str], references: Iterable[str]) -> list[SourceView]:
    """The facts and references named, each with its title and, if public, its address."""
    guidance = [selectors.reference(name) for name in references]
    return [
        *(SourceView(id=name, title=selectors.fact(name).statement) for name in facts),
        *(
            SourceView(id=ref.id, title=ref.title, url=ref.urls[0] if ref.urls else UNSET)
            for ref in guidance
        ),
    ]


def language_for(request: HttpRequest, user: User | AnonymousUser) -> str:
    """The language of the content that a request asks for, else the user's, else English."""
    known = selectors.languages()
    asked = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    wanted = [*(tag for tag, _ in asked), getattr(user, "language", "")]
    bases = (tag.partition("-")[0].lower() for tag in wanted)
    return next((base for base in bases if base in known), known[0])


def content_tag(language: str) -> str:
    """The ETag of content in one language."""
    return etag(selectors.content_version(), language)


def kept(language: str) -> dict[str, str]:
    """Headers of content: nobody's secret, so a phone keeps it and asks whether it changed."""
    return {
        "ETag": content_tag(language),
        "Cache-Control": "private, no-cache",
        "Content-Language": language,
        "Vary": "Accept-Language",
    }
