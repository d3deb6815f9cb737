"""What several readers need, read at once.

A screen is made of what many rules know, and each of them reads a little. Each says what it wants (the
parts, and what their rows come to); whoever asks several of them has all parts read together.
"""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, Generic, TypeVar

from backend.core.together import Part, read_together

T = TypeVar("T")


class Wanted(Generic[T]):
    """`made` is called with the rows of each of `parts`, in their order, and gives what is `found`."""

    found: T

    def __init__(self, parts: Sequence[Part], made: Callable[..., T]) -> None:
        self.parts, self.made = parts, made


def read(wanted: Wanted[T]) -> T:
    """What is found; one statement on PostgreSQL."""
    read_all(wanted)
    return wanted.found


def read_all(*wanted: Wanted[Any]) -> None:
    """Reads all that is wanted, in one statement on PostgreSQL; each holds what was `found`."""
    rows = iter(read_together(*(part for one in wanted for part in one.parts)))
    for one in wanted:
        one.found = one.made(*islice(rows, len(one.parts)))


def joined(made: Callable[..., T], *wanted: Wanted[Any]) -> Wanted[T]:
    """What `made` makes of what each of `wanted` finds."""

    def made_of_all(*rows: Any) -> T:
        left = iter(rows)
        return made(*(one.made(*islice(left, len(one.parts))) for one in wanted))

    return Wanted([part for one in wanted for part in one.parts], made_of_all)
