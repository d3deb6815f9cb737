"""What the content rests on: facts of the source articles, guidance and studies."""

from typing import Literal

from msgspec import field

from exercises.catalog.shapes.base import Content, FactId, ReferenceId, Text

FactUse = Literal[
    "plan",
    "exercise",
    "timer",
    "triage",
    "intake",
    "pattern",
    "edu",
    "prev",
    "treat",
    "hint",
    "drop",
]


class Reference(Content, frozen=True, kw_only=True):
    """A guideline or study the content rests on."""

    id: ReferenceId
    title: Text
    urls: tuple[Text, ...]


class ReferenceFile(Content, frozen=True, kw_only=True):
    """references.toml."""

    references: tuple[Reference, ...] = field(name="reference")


class Fact(Content, frozen=True, kw_only=True):
    """One statement of the source articles, restated, and what it is used for."""

    id: FactId
    statement: Text
    uses: tuple[FactUse, ...]


class FactFile(Content, frozen=True, kw_only=True):
    """facts.toml."""

    facts: tuple[Fact, ...] = field(name="fact")
