"""A clinic's own way of doing an exercise of the catalogue, as a prescription carries it (pure).

It has words of its own and nothing else: contraindications, stop rules, limits and sources are those
of the exercise that it is based on, under whose code it is prescribed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Variation:
    """The words of one version of a clinic's exercise."""

    id: UUID
    version: int
    name: str
    steps: tuple[str, ...]
    note: str = ""

    def as_plain(self) -> dict[str, Any]:
        """The words in plain values, to be kept beside the id."""
        return {
            "version": self.version,
            "name": self.name,
            "steps": list(self.steps),
            "note": self.note,
        }


def from_plain(variation_id: UUID | None, words: Mapping[str, Any] | None) -> Variation | None:
    """The variation whose words `as_plain` made plain; None where there is none."""
    if variation_id is None or words is None:
        return None
    return Variation(
        id=variation_id,
        version=words["version"],
        name=words["name"],
        steps=tuple(words["steps"]),
        note=words["note"],
    )
