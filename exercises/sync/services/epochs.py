"""The epoch of the database: a new one after each restore, so that no phone trusts an old cursor."""

import uuid
from datetime import datetime
from uuid import UUID

from backend.core import clock
from backend.core.backups import hooks
from exercises.sync.models import SyncEpoch


def current_epoch(now: datetime) -> UUID:
    """The epoch that cursors are bound to; made when it is first asked for."""
    found = SyncEpoch.objects.values_list("epoch", flat=True).first()
    return found or SyncEpoch.objects.get_or_create(id=1, defaults={"began_at": now})[0].epoch


def begin_epoch(*, now: datetime) -> UUID:
    """A new epoch, to be called after every restore and import: each phone starts over once, and
    sends again what the restored database has lost."""
    row, _ = SyncEpoch.objects.update_or_create(
        id=1, defaults={"epoch": uuid.uuid4(), "began_at": now}
    )
    return row.epoch


def register() -> None:
    """Has each restore begin a new epoch, and each backup say in which it was made."""
    hooks.in_manifest("sync_epoch", lambda: str(current_epoch(clock.now())))
    hooks.after_restore("sync", 20, lambda now: f"the epoch is {begin_epoch(now=now)} now")
