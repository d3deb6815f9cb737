"""Checks of what is typed, where no form of Django's stands behind it."""

import re
from uuid import UUID

from backend.core.wire import PLAIN

MAX_REASON = 500
_PLAIN = re.compile(PLAIN)


def line_error(text: str, *, most: int = MAX_REASON) -> str:
    """What is wrong with a text of at most `most` characters; "" where nothing is."""
    if len(text) > most:
        return f"At most {most} characters; this has {len(text)}."
    return "" if _PLAIN.search(text) else "Use plain text without control characters."


def uuid_typed(text: str) -> UUID | None:
    """The id that a form carries; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None
