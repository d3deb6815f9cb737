"""The doors to the education articles."""

from typing import get_args

from django.http import HttpResponse
from rest_framework.request import Request

from backend.core.api import Door, respond
from backend.core.conditional import unchanged
from backend.core.problems import FieldError, not_found
from backend.core.schema import describe
from backend.core.wire import Wire, invalid
from exercises.catalog import selectors
from exercises.catalog.content import catalog
from exercises.catalog.shapes import (
    Article,
    ArticleSection,
    ArticleTopic,
    PhaseId,
    RetiredArticle,
)
from exercises.catalog.wire import (
    CONTENT_HEADERS,
    SourceView,
    content_tag,
    kept,
    language_for,
    sources_of,
)


class ArticleView(Wire, frozen=True, kw_only=True):
    """One article, offered in `phases`, with its licence and sources.

    A `reassuring` one must not be shown while a red flag is open. `language` is the one the text is
    written in: English where there is no translation.
    """

    id: str
    title: str
    topic: ArticleTopic
    phases: list[PhaseId]
    summary: str
    sections: list[ArticleSection]
    reassuring: bool
    language: str
    licence: str
    sources: list[SourceView]


class ArticleList(Wire, frozen=True, kw_only=True):
    """The articles asked for; `replaced` names all that are no longer offered."""

    version: str
    items: list[ArticleView]
    replaced: list[RetiredArticle]


class Articles(Door):
    @describe(
        "The education articles",
        response=ArticleList,
        status=(200, 304),
        errors=(401,),
        query={
            "topic": (str, f"Only this topic: {', '.join(get_args(ArticleTopic))}"),
            "phase": (str, f"Only what is offered in this phase: {', '.join(get_args(PhaseId))}"),
        },
        headers=CONTENT_HEADERS,
        tags=("content",),
    )
    def get(self, request: Request) -> HttpResponse:
        topic = _one_of(request, "topic", get_args(ArticleTopic))
        phase = _one_of(request, "phase", get_args(PhaseId))
        language = language_for(request._request, request.user)
        found = unchanged(request._request, content_tag(language), headers=kept(language))
        return found or respond(_article_list(language, topic, phase), headers=kept(language))


class OneArticle(Door):
    @describe(
        "One education article",
        response=ArticleView,
        status=(200, 304),
        errors=(401, 404),
        headers=CONTENT_HEADERS,
        tags=("content",),
    )
    def get(self, request: Request, article_id: str) -> HttpResponse:
        if article_id not in catalog().articles:
            raise not_found()
        language = language_for(request._request, request.user)
        article = selectors.article(article_id, language=language)
        return unchanged(
            request._request, content_tag(language), headers=kept(language)
        ) or respond(article_view(article), headers=kept(language))


def _article_list(language: str, topic: str, phase: str) -> ArticleList:
    """Those of `topic` and `phase`; "" is any."""
    items = [
        article_view(article)
        for article in selectors.articles(language=language)
        if topic in ("", article.topic) and phase in ("", *article.phases)
    ]
    return ArticleList(
        version=selectors.content_version(),
        items=items,
        replaced=list(selectors.retired_articles()),
    )


def article_view(article: Article) -> ArticleView:
    """An article with the sources it rests on."""
    return ArticleView(
        id=article.id,
        title=article.title,
        topic=article.topic,
        phases=list(article.phases),
        summary=article.summary,
        sections=list(article.sections),
        reassuring=article.reassuring,
        language=article.language,
        licence=article.licence,
        sources=sources_of(article.facts, article.references),
    )


def _one_of(request: Request, name: str, values: tuple[str, ...]) -> str:
    asked = request.query_params.get(name, "")
    if asked and asked not in values:
        message = f"One of {', '.join(values)}."
        raise invalid([FieldError(f"/{name}", "unknown_option", message)])
    return asked
