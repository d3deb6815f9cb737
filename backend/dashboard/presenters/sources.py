"""What a statement on a page rests on."""

from collections.abc import Iterable
from dataclasses import dataclass

from exercises.catalog import selectors as catalog


@dataclass(frozen=True)
class Cited:
    """A source; `url` is empty where there is none."""

    id: str
    title: str
    url: str


def cited(ids: Iterable[str]) -> tuple[Cited, ...]:
    """References and statements by their ids."""
    return tuple(_cited(one) for one in ids)


def _cited(one: str) -> Cited:
    try:
        reference = catalog.reference(one)
    except KeyError:
        try:
            return Cited(one, catalog.fact(one).statement, "")
        except KeyError:
            return Cited(one, one, "")
    url = next((url for url in reference.urls if url.startswith(("https://", "http://"))), "")
    return Cited(one, reference.title, url)
