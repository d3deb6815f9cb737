"""What apps have to say to a backup, and to do after a restore. They register in `ready()`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

Deed = Callable[[datetime], str]


@dataclass(frozen=True, kw_only=True)
class AfterRestore:
    """`deed(now)` runs once in a restored database and says in a line what it did. The lowest
    `order` goes first."""

    name: str
    order: int
    deed: Deed


_deeds: dict[str, AfterRestore] = {}
_facts: dict[str, Callable[[], str]] = {}


def after_restore(name: str, order: int, deed: Deed) -> None:
    """Adds to what is done after each restore."""
    _deeds[name] = AfterRestore(name=name, order=order, deed=deed)


def in_manifest(name: str, value: Callable[[], str]) -> None:
    """Adds a fact about the database to the manifest of each backup."""
    _facts[name] = value


def deeds() -> list[AfterRestore]:
    """Everything that is to be done, in order."""
    return sorted(_deeds.values(), key=lambda one: (one.order, one.name))


def facts() -> dict[str, str]:
    """The facts as they are now."""
    return {name: value() for name, value in _facts.items()}
