"""What a valid request to a write of the API consists of."""

from dataclasses import dataclass, field
from typing import Any

DAY = {
    "occurred_at": "2026-05-04T09:30:00+02:00",
    "tz": "Europe/Berlin",
    "local_date": "2026-05-04",
}


@dataclass(frozen=True)
class Example:
    """What `who` sends to `path`; names in braces stand for what the world holds.

    `body` is None where the call takes none, and `may_be_left_out` where none says the same as {}.
    `reads` is where the text can be read again; `texts` are pointers to the fields that take any
    text. `after` is the order that the plan is given first; `nullable` are pointers to the fields
    where null says "nobody".
    """

    who: str
    path: str
    body: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    reads: str = ""
    after: str = ""
    nullable: tuple[str, ...] = ()
    may_be_left_out: bool = False
