"""A backup made beside a running instance, and a restore that proves itself."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from backend.core.backups import archive, hooks, postgresql, sqlite, tables, versions
from backend.core.backups.archive import Manifest
from backend.core.backups.errors import BackupFailed
from backend.core.progress import drawn
from backend.core.supervisor import lock

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What was restored, and in a line each what was done with it; `same_key` says whether the
    backup was made under this SECRET_KEY."""

    manifest: Manifest
    done: tuple[str, ...]
    same_key: bool


def make_backup(*, target: Path, now: datetime, say: Say) -> tuple[Path, Manifest]:
    """Writes a backup to `target`, a file or a directory; where it is, and what it holds.

    Everything goes on meanwhile. Raises `BackupFailed`.
    """
    path = (
        target / f"stepwise-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.zip" if target.is_dir() else target
    )
    if not path.parent.is_dir():
        raise BackupFailed(f"There is no directory {path.parent}.")
    database = _database()
    with tempfile.TemporaryDirectory(prefix=".stepwise-backup-", dir=path.parent) as directory:
        dump = Path(directory) / "dump"
        say("Copying the database ...")
        facts, migrations = hooks.facts(), versions.applied(connection)
        states = database.dump(connection, dump, _progress(say))
        manifest = Manifest(
            format=archive.FORMAT,
            made_at=now.astimezone(UTC).isoformat(),
            product=settings.SERVER_VERSION,
            database=connection.vendor,
            database_version=_version(),
            tool_version=_tool_version("pg_dump"),
            key_check=archive.key_check(),
            migrations=migrations,
            facts=facts,
            tables=states,
            dump_sha256=archive.sha256(dump),
            dump_bytes=dump.stat().st_size,
        )
        say("Packing ...")
        archive.write(path, manifest, dump)
    return path, manifest


def restore(*, source: Path, replace: bool, now: datetime, say: Say) -> Restored:
    """Puts the state of the backup `source` into the database, proves it by counts and checksums,
    migrates it forward and does what each app asks for after a restore.

    Everything else must be stopped. Without `replace` the database has to be empty. On any error it
    is as it was before; raises `BackupFailed`.
    """
    manifest = archive.read_manifest(source)
    _refuse_foreign(manifest)
    settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with lock.hold(settings.DATA_DIR, patience=0):
            _refuse_full(replace)
            return _put_in_place(source, manifest, now, say)
    except lock.AlreadyRunning:
        raise BackupFailed(f"Stepwise runs on {settings.DATA_DIR}: stop it first.") from None


def _put_in_place(source: Path, manifest: Manifest, now: datetime, say: Say) -> Restored:
    database = _database()
    database.refuse_while_in_use(connection)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.DATA_DIR) as directory:
        dump = Path(directory) / "database.sqlite3"
        say("Unpacking ...")
        archive.extract(source, manifest, dump)
        say("Restoring ...")
        with database.restoring(connection, dump):
            _prove(database, manifest, say)
            say("Migrating ...")
            call_command("migrate", interactive=False, verbosity=0)
            done = tuple(f"{one.name}: {one.deed(now)}" for one in hooks.deeds())
    return Restored(
        manifest=manifest, done=done, same_key=manifest.key_check == archive.key_check()
    )


def _prove(database: ModuleType, manifest: Manifest, say: Say) -> None:
    found = database.tables(connection, _progress(say))
    if wrong := tables.differences(manifest.tables, found):
        lines = "\n".join(f"  - {line}" for line in wrong)
        raise BackupFailed(f"The restored database is not what was backed up:\n{lines}")


def _refuse_foreign(manifest: Manifest) -> None:
    if manifest.database != connection.vendor:
        raise BackupFailed(
            f"The backup is one of {manifest.database}, and DATABASE_URL names {connection.vendor}."
        )
    if newer := versions.unknown(manifest.migrations):
        raise BackupFailed(
            f"The backup was made by a newer version ({manifest.product}), whose {newer[-1]} this one"
            " does not know: update Stepwise first."
        )
    if connection.vendor == "postgresql":
        postgresql.refuse_older_tool("pg_restore", manifest.tool_version)


def _refuse_full(replace: bool) -> None:
    if replace or "accounts_user" not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_user")
        (people,) = cursor.fetchone() or (0,)
    if people:
        raise BackupFailed(
            f"The database holds {people} people. --replace says that all of it may be replaced."
        )


def _database() -> ModuleType:
    return postgresql if connection.vendor == "postgresql" else sqlite


def _version() -> str:
    return postgresql.version(connection) if connection.vendor == "postgresql" else sqlite.VERSION


def _tool_version(tool: str) -> str:
    if connection.vendor == "postgresql":
        return postgresql.tool_version(tool)
    return sqlite.TOOL_VERSION


def _progress(say: Say) -> tables.Progress:
    return lambda name, number, of: say(drawn(name, number, of))
