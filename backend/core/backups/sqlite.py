"""SQLite: copied while it is in use, and restored beside the old file, which it then replaces."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

from backend.core.backups.errors import BackupFailed
from backend.core.backups.tables import Progress, TableState, sqlite_tables

VERSION = TOOL_VERSION = sqlite3.sqlite_version


def dump(
    connection: BaseDatabaseWrapper, target: Path, progress: Progress
) -> dict[str, TableState]:
    """Copies the database into `target`, one state of it; what its tables hold.

    In one step: a copy in several begins anew with each write of another process.
    """
    connection.ensure_connection()
    with _opened(target) as copy:
        source = sqlite3.connect(_path(connection))
        try:
            source.backup(copy)
        finally:
            source.close()
        return sqlite_tables(copy, progress)


def refuse_while_in_use(_connection: BaseDatabaseWrapper) -> None:
    """The lock on STEPWISE_DATA keeps `manage.py run` out; nobody else uses the file."""


@contextlib.contextmanager
def restoring(connection: BaseDatabaseWrapper, dump: Path) -> Iterator[None]:
    """Inside, `connection` is one to the restored database; at the end it takes the old one's
    place, and after an error the old one is as it was."""
    place = Path(_path(connection))
    connection.close()
    connection.settings_dict["NAME"] = str(dump)
    try:
        _refuse_damaged(dump)
        yield
        _close_whole(connection)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = str(place)
    for name in (f"{place}-wal", f"{place}-shm"):
        Path(name).unlink(missing_ok=True)
    dump.replace(place)
    _sync(place.parent)


def tables(connection: BaseDatabaseWrapper, progress: Progress) -> dict[str, TableState]:
    """What the tables hold now."""
    with _opened(Path(_path(connection))) as database:
        return sqlite_tables(database, progress)


def _refuse_damaged(path: Path) -> None:
    with _opened(path) as database:
        try:
            found = database.execute("PRAGMA integrity_check").fetchall()
        except sqlite3.DatabaseError as error:
            found = [(str(error),)]
    if found != [("ok",)]:
        raise BackupFailed(f"The backup's database is damaged: {found[0][0]}")


def _close_whole(connection: BaseDatabaseWrapper) -> None:
    # Everything into the one file: what is left in the log would stay behind.
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("PRAGMA journal_mode=DELETE")


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(path)
    try:
        yield database
    finally:
        database.close()


def _path(connection: BaseDatabaseWrapper) -> str:
    return str(connection.settings_dict["NAME"])


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
