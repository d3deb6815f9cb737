"""Education: short articles in plain words."""

from typing import Annotated, Literal

from msgspec import Meta, field

from exercises.catalog.shapes.base import (
    ArticleId,
    Content,
    FactId,
    PhaseId,
    ReferenceId,
    ResolutionId,
    Text,
)

ArticleTopic = Literal[
    "why_it_hurts",
    "symptoms",
    "look_alikes",
    "see_a_doctor",
    "treatments",
    "home_care",
    "recovery",
    "prevention",
    "prepare",
]


class ArticleSection(Content, frozen=True, kw_only=True):
    """A heading, a paragraph, and the points of a list below it."""

    heading: Text
    text: Text
    points: tuple[Text, ...] = ()


class Article(Content, frozen=True, kw_only=True):
    """One article, offered in its phases.

    `resolutions` name the conflicts between sources that its wording settles. A `reassuring` one
    says that things are fine or urges movement: it is never offered beside an open red flag. Once
    loaded, `licence` is that of its file and `language` the one it is written in.
    """

    id: ArticleId
    title: Text
    topic: ArticleTopic
    phases: Annotated[tuple[PhaseId, ...], Meta(min_length=1)]
    summary: Text
    sections: Annotated[tuple[ArticleSection, ...], Meta(min_length=1)] = field(name="section")
    facts: Annotated[tuple[FactId, ...], Meta(min_length=1)]
    references: tuple[ReferenceId, ...]
    resolutions: tuple[ResolutionId, ...]
    reassuring: bool = False
    licence: str = ""
    language: str = "en"


class RetiredArticle(Content, frozen=True, kw_only=True):
    """An article that is no longer offered, and what took its place."""

    id: ArticleId
    replaced_by: ArticleId | None = None


class ArticleFile(Content, frozen=True, kw_only=True):
    """One file of articles/."""

    licence: Text
    articles: tuple[Article, ...] = field(name="article")
    retired: tuple[RetiredArticle, ...] = ()
