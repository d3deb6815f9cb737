"""Articles: sources, cards of the phases, and that nothing worth teaching is left out."""

from collections.abc import Iterator

from exercises.catalog.catalog import Catalog, ContentError
from exercises.catalog.crosschecks.naming import missing, source_problems
from exercises.catalog.shapes import Phase

FILE = "articles"
TAUGHT = frozenset({"edu", "prev", "treat"})
# Statements that would calm somebody whose red flag is open.
REASSURING_FACTS = frozenset({"A-CMP-01", "B-LNK-02", "D-WSD-01"})


def article_problems(catalog: Catalog) -> Iterator[ContentError]:
    """Sources that lead nowhere, facts not taught, and cards without an article."""
    for article in catalog.articles.values():
        yield from source_problems(catalog, FILE, article.id, article.facts, article.references)
        if not article.reassuring and not REASSURING_FACTS.isdisjoint(article.facts):
            yield ContentError(FILE, f"{article.id}.reassuring", "reassures without saying so")
    for gone in catalog.retired_articles:
        if gone.id in catalog.articles:
            yield ContentError(FILE, f"retired.{gone.id}", "is still offered")
        replacement = (gone.replaced_by,) if gone.replaced_by else ()
        yield from missing(FILE, f"retired.{gone.id}", replacement, catalog.articles)
    yield from _untaught(catalog)
    for phase in catalog.phases.values():
        yield from _card_problems(catalog, phase)


def _untaught(catalog: Catalog) -> Iterator[ContentError]:
    taught = {fact for article in catalog.articles.values() for fact in article.facts}
    for fact in catalog.facts.values():
        is_due = "drop" not in fact.uses and not TAUGHT.isdisjoint(fact.uses)
        if is_due and fact.id not in taught:
            yield ContentError(FILE, "facts", f"no article teaches {fact.id}")


def _card_problems(catalog: Catalog, phase: Phase) -> Iterator[ContentError]:
    offered = [article for article in catalog.articles.values() if phase.id in article.phases]
    titles = {article.title for article in offered}
    for card in phase.cards:
        if card not in titles:
            yield ContentError("phases.toml", f"{phase.id}.cards", f"no article is called {card!r}")
