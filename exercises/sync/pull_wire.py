"""The shapes of a pull."""

from typing import Any, Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from backend.core.wire import Wire
from exercises.sync.checksum import Checksum


class ChangeView(Wire, frozen=True, kw_only=True):
    """An object as it is since the revision `rev`. `upsert` puts it into the phone's store in place
    of what is there under `entity` and `id`; `tombstone` takes it out, for good."""

    rev: int
    entity: str
    id: UUID
    op: Literal["upsert", "tombstone"]
    data: Any | UnsetType = UNSET


class PullAnswer(Wire, frozen=True, kw_only=True):
    """Changes in the order of their revisions. `cursor` goes into the next pull, at once where there
    is `more`. The last page has the checksum of all that the phone should hold after it."""

    changes: list[ChangeView]
    cursor: str
    more: bool
    checksum: Checksum | UnsetType = UNSET
