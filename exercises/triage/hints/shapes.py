"""The shape of the hints' content, and reading it (pure)."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, field

from backend.core.shaping import convert
from exercises.catalog.shapes.base import Code, Content, FactId, ReferenceId, SymptomCode, Text

CONTENT = Path(__file__).parent / "content" / "hints.toml"

Values = tuple[Text, ...]
BodySite = Literal["back", "buttock", "thigh", "knee", "calf", "foot", "toes"]


class Feature(Content, frozen=True, kw_only=True):
    """There when an intake answer is one of `answers`, a symptom of `symptoms` is present (with one
    of the values of each of `attrs`), or the symptoms reach as far as one of `most_distal`; or when
    a question of `not_answers` was answered, and with none of the values named."""

    says: Text
    essential: bool = False
    answers: dict[Code, Values] = {}
    not_answers: dict[Code, Values] = {}
    symptoms: tuple[SymptomCode, ...] = ()
    attrs: dict[Code, Values] = {}
    most_distal: tuple[BodySite, ...] = ()


class Hint(Content, frozen=True, kw_only=True):
    """A pattern: shown with at least `at_least` of its features, the essential ones among them."""

    id: Code
    kind: Literal["root", "mimic"]
    title: Text
    says: Text
    examine: Text
    at_least: Annotated[int, Meta(ge=1)]
    facts: tuple[FactId, ...]
    references: tuple[ReferenceId, ...]
    features: tuple[Feature, ...]

    def __post_init__(self) -> None:
        """Refuse a pattern that can never be shown."""
        if self.at_least > len(self.features):
            raise ValueError(f"{self.id} asks for more features than it has")


class HintFile(Content, frozen=True, kw_only=True):
    """hints.toml."""

    hints: tuple[Hint, ...] = field(name="hint")


@cache
def hints() -> tuple[Hint, ...]:
    """All hints, in the order of the file."""
    return convert(tomllib.loads(CONTENT.read_text("utf-8")), HintFile).hints
