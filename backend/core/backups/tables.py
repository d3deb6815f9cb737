"""What every table of a database holds, in two numbers: its rows, and a checksum of them all.

The checksum does not ask for the order of the rows: it is the sum of a hash of each, so it is the
same before a dump and after a restore. The two databases hash differently; a backup is only ever
restored into the kind that it was made from.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping

import msgspec
from django.db.backends.base.base import BaseDatabaseWrapper

WIDTH = 1 << 64
ROWS_AT_ONCE = 2000


class TableState(msgspec.Struct, frozen=True):
    """How many rows a table has, and the sum of their hashes."""

    rows: int
    checksum: str


Progress = Callable[[str, int, int], None]


def sqlite_tables(database: sqlite3.Connection, progress: Progress) -> dict[str, TableState]:
    """The state of each table of an SQLite file; `progress(table, number, of)` is told of each."""
    names = [
        name
        for (name,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        )
        if not name.startswith("sqlite_")
    ]
    return dict(_each(names, progress, lambda name: _sqlite_state(database, name)))


def postgresql_tables(connection: BaseDatabaseWrapper, progress: Progress) -> dict[str, TableState]:
    """The state of each table of the schema `public`, as the open transaction sees it."""
    with connection.cursor() as cursor:
        # What a row looks like as text depends on these.
        cursor.execute("SET LOCAL TimeZone = 'UTC'")
        cursor.execute("SET LOCAL extra_float_digits = 1")
        cursor.execute("SET LOCAL DateStyle = 'ISO'")
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        )
        names = [name for (name,) in cursor.fetchall()]
    return dict(_each(names, progress, lambda name: _postgresql_state(connection, name)))


def differences(promised: Mapping[str, TableState], found: Mapping[str, TableState]) -> list[str]:
    """In a line each: the tables that are not what `promised` says."""
    lines = []
    for name in sorted({*promised, *found}):
        before, after = promised.get(name), found.get(name)
        if before != after:
            lines.append(f"{name}: {_told(before)} became {_told(after)}")
    return lines


def _each(
    names: list[str], progress: Progress, state: Callable[[str], TableState]
) -> Iterator[tuple[str, TableState]]:
    for number, name in enumerate(names, 1):
        progress(name, number, len(names))
        yield name, state(name)


def _sqlite_state(database: sqlite3.Connection, name: str) -> TableState:
    quoted = name.replace('"', '""')
    columns = [row[1] for row in database.execute(f'PRAGMA table_info("{quoted}")')]
    wanted = ", ".join('"' + column.replace('"', '""') + '"' for column in sorted(columns))
    rows, total = 0, 0
    read = f'SELECT {wanted} FROM "{quoted}"'  # noqa: S608  (the file's own names, quoted)
    cursor = database.execute(read)
    while batch := cursor.fetchmany(ROWS_AT_ONCE):
        rows += len(batch)
        total = (total + sum(map(_hash, batch))) % WIDTH
    return TableState(rows=rows, checksum=f"{total:016x}")


def _hash(row: tuple[object, ...]) -> int:
    return int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=8).digest())


def _postgresql_state(connection: BaseDatabaseWrapper, name: str) -> TableState:
    table = connection.ops.quote_name(name)
    value = "('x' || substr(md5(one::text), 1, 16))::bit(64)::bigint::numeric"
    total = f"coalesce(mod(sum({value} + {WIDTH // 2}), {WIDTH}), 0)"
    with connection.cursor() as cursor:
        read = f"SELECT count(*), {total} FROM public.{table} AS one"  # noqa: S608  (own names, quoted)
        cursor.execute(read)
        rows, sum_of_hashes = cursor.fetchone() or (0, 0)
    return TableState(rows=rows, checksum=f"{int(sum_of_hashes):016x}")


def _told(state: TableState | None) -> str:
    return f"{state.rows} rows ({state.checksum})" if state else "nothing"
