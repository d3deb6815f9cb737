"""The long drills of `make drill`: each module here but this package's own runs one of them.

A drill is a module with a `TITLE` and `run(say) -> list[Figure]`; it starts what it needs, talks to
127.0.0.1 alone, says now and then how far it is, and leaves nothing behind.
"""

from collections.abc import Callable
from dataclasses import dataclass

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One thing that was measured: `holds` says whether it kept to its `bound`."""

    name: str
    measured: str
    bound: str
    holds: bool
