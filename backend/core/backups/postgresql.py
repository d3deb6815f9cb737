"""PostgreSQL: pg_dump reads the very snapshot that the checksums are made from, and pg_restore
writes into a fresh schema while the old one waits aside until all is proven."""

import contextlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from backend.core.backups.errors import BackupFailed
from backend.core.backups.tables import Progress, TableState, postgresql_tables

ASIDE = "stepwise_before_restore"
# PostgreSQL ends a session some moments after its program: three seconds are plenty for that.
LAST_LOOKS, SECONDS_BETWEEN_LOOKS = 30, 0.1


def version(connection: BaseDatabaseWrapper) -> str:
    """The server's version, such as "15.6"."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str((cursor.fetchone() or ("?",))[0])


def tool_version(tool: str) -> str:
    """The version of `pg_dump` or `pg_restore`; raises `BackupFailed` where it is not installed."""
    if shutil.which(tool) is None:
        raise BackupFailed(f"{tool} is not installed. On Debian: apt-get install postgresql-client")
    done = subprocess.run(  # noqa: S603  (a tool of ours, by its name; no shell)
        [tool, "--version"], capture_output=True, check=False, text=True
    )
    found = re.search(r"\d+(\.\d+)*", done.stdout)
    if not found:
        raise BackupFailed(
            f"{tool} --version says nothing that we understand: {done.stderr.strip()}"
        )
    return found.group()


def refuse_older_tool(tool: str, least: str) -> str:
    """The version of `tool`, which must be of the major version of `least` or later."""
    found = tool_version(tool)
    if _major(found) < _major(least):
        raise BackupFailed(
            f"{tool} is version {found}, and version {_major(least)} or later is needed:"
            f" apt-get install postgresql-client-{_major(least)}"
        )
    return found


def dump(
    connection: BaseDatabaseWrapper, target: Path, progress: Progress
) -> dict[str, TableState]:
    """Dumps one state of the database into `target` (custom format); what its tables hold."""
    refuse_older_tool("pg_dump", version(connection))
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone() or ("",)
        options = ["--format=custom", "--no-owner", "--no-privileges", "--no-password"]
        _run(
            connection,
            ["pg_dump", *options, "--schema=public", f"--snapshot={snapshot}", f"--file={target}"],
        )
        return postgresql_tables(connection, progress)


def refuse_while_in_use(connection: BaseDatabaseWrapper) -> None:
    """Raises `BackupFailed` while others are connected; a session that is ending is waited for."""
    for _ in range(LAST_LOOKS):
        others = _others(connection)
        if not others:
            return
        time.sleep(SECONDS_BETWEEN_LOOKS)
    raise BackupFailed(
        f"{others} others are connected to the database: stop web, workers and schedulers first."
    )


def _others(connection: BaseDatabaseWrapper) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        found: int = (cursor.fetchone() or (0,))[0]
    return found


@contextlib.contextmanager
def restoring(connection: BaseDatabaseWrapper, dump: Path) -> Iterator[None]:
    """Inside, the schema `public` is the restored one; after an error it is the old one again."""
    _refuse_what_was_cut_off(connection)
    _execute(
        connection,
        f"ALTER SCHEMA public RENAME TO {ASIDE}",
        "CREATE SCHEMA public",
    )
    try:
        options = ["--no-owner", "--no-privileges", "--no-password", "--exit-on-error"]
        name = connection.settings_dict["NAME"]
        _run(
            connection,
            [
                *("pg_restore", *options, "--single-transaction", "--schema=public"),
                *(f"--dbname={name}", str(dump)),
            ],
        )
        # Plans and ids that were remembered are those of the old tables.
        connection.close()
        yield
    except BaseException:
        _execute(connection, "DROP SCHEMA public CASCADE", f"ALTER SCHEMA {ASIDE} RENAME TO public")
        raise
    _execute(connection, f"DROP SCHEMA {ASIDE} CASCADE")


def tables(connection: BaseDatabaseWrapper, progress: Progress) -> dict[str, TableState]:
    """What the tables hold now."""
    with transaction.atomic(using=connection.alias):
        return postgresql_tables(connection, progress)


def _refuse_what_was_cut_off(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [ASIDE])
        if cursor.fetchone():
            raise BackupFailed(
                f"An earlier restore was cut off, and the schema {ASIDE} holds what was there before."
                " To go back to it: DROP SCHEMA public CASCADE;"
                f" ALTER SCHEMA {ASIDE} RENAME TO public;"
            )


def _execute(connection: BaseDatabaseWrapper, *statements: str) -> None:
    connections[connection.alias].close()
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


def _run(connection: BaseDatabaseWrapper, command: list[str]) -> None:
    # Through the environment: a password on a command line is there for every user to read.
    done = subprocess.run(  # noqa: S603  (no shell; what is no option comes from the operator)
        command, env=_environment(connection), capture_output=True, check=False, text=True
    )
    if done.returncode:
        raise BackupFailed(f"{command[0]} failed: {done.stderr.strip()[-500:]}")


def _environment(connection: BaseDatabaseWrapper) -> dict[str, str]:
    known = connection.settings_dict
    options = known.get("OPTIONS", {})
    given = {
        "PGHOST": known.get("HOST"),
        "PGPORT": known.get("PORT"),
        "PGUSER": known.get("USER"),
        "PGPASSWORD": known.get("PASSWORD"),
        "PGDATABASE": known.get("NAME"),
        "PGSSLMODE": options.get("sslmode"),
        "PGSSLROOTCERT": options.get("sslrootcert"),
    }
    return {**os.environ, **{name: str(value) for name, value in given.items() if value}}


def _major(text: str) -> int:
    return int(text.partition(".")[0])
