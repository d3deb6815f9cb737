"""What every shape of a rule pack's files shares (pure)."""

from typing import Annotated

from msgspec import Meta, Struct

Text = Annotated[str, Meta(min_length=1)]


class Shape(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything read from a rule file."""
