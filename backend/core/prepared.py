"""Statements that run for almost every request: each is planned once a connection.

Django puts values into the text of a statement for PostgreSQL, so that the server parses and plans it
anew each time; for a small read that is most of what it costs. Here values travel beside the text, and
psycopg prepares what comes again (`DATABASE_PREPARE`, off behind a pooler that cannot do that).
SQLite's driver remembers what it has planned by itself.

Left to choose, PostgreSQL goes on planning the longer of them for each call's values, since it reckons
a plan for any values a little dearer and leaves out nearly all that planning costs (docs/adr/0047).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections

# The driver's setting for what comes again.
PREPARES = "prepare_threshold"
# So many rows of an answer may stay in memory until the next one.
MOST_HELD = 200


PLAN_ONCE = "SET plan_cache_mode = force_generic_plan"


def plan_once(connection: Any, **_: Any) -> None:
    """Tells a new connection to plan what is prepared for any values; Django's own queries have none
    beside their text."""
    if connection.vendor == "postgresql" and connection.settings_dict["OPTIONS"].get(PREPARES):
        connection.connection.execute(PLAN_ONCE)


def rows_of(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows that a statement answers with; none of one that answers with none."""
    database = connections[DEFAULT_DB_ALIAS]
    if _is_watched(database):
        return _watched(sql, params)
    if database.vendor == "sqlite":
        return _of_a_file(database, sql, params)
    from psycopg import Cursor

    return _at_once(database, Cursor, sql, params)


def rows_of_native(native: str, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The same for a long statement: `native` is `sql` with PostgreSQL's own placeholders ($1, $2),
    which psycopg need not look for each time."""
    database = connections[DEFAULT_DB_ALIAS]
    if _is_watched(database):
        return _watched(sql, params)
    from psycopg import RawCursor

    return _at_once(database, RawCursor, native, params)


def _is_watched(database: Any) -> bool:
    """Whether somebody counts or wraps statements, who is to see these as well."""
    return bool(database.queries_logged or database.execute_wrappers)


def _of_a_file(database: Any, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    database.close_if_health_check_failed()
    database.ensure_connection()
    database.validate_no_broken_transaction()
    with database.wrap_database_errors:
        found: list[tuple[Any, ...]] = database.connection.execute(_marked(sql), params).fetchall()
        return found


@lru_cache(maxsize=512)
def _marked(sql: str) -> str:
    """`sql` with SQLite's placeholders, as Django's cursor writes them each time."""
    from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX

    marked: str = FORMAT_QMARK_REGEX.sub("?", sql)
    return marked.replace("%%", "%")


def _at_once(database: Any, kind: Any, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    # What Django's own cursor does, less the layers that count and wrap: half of a small statement.
    if sql.startswith("SELECT") and _waits_for_its_check(database):
        return _as_its_check(database, kind, sql, params)
    database.close_if_health_check_failed()
    return _run(database, kind, sql, params)


def _waits_for_its_check(database: Any) -> bool:
    """Whether Django would first ask the connection whether it still lives."""
    if database.connection is None or database.in_atomic_block:
        return False
    return bool(database.health_check_enabled and not database.health_check_done)


def _as_its_check(
    database: Any, kind: Any, sql: str, params: Sequence[Any]
) -> list[tuple[Any, ...]]:
    """A request's first statement tells as well as `SELECT 1` whether the connection lives; a read
    that found it dead is done again on a new one."""
    database.health_check_done = True
    try:
        return _run(database, kind, sql, params)
    except OperationalError:
        if not database.connection.closed:
            raise
        database.close()
        return _run(database, kind, sql, params)


def _run(database: Any, kind: Any, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    database.ensure_connection()
    database.validate_no_broken_transaction()
    with database.wrap_database_errors:
        cursor = _cursor(database, kind)
        cursor.execute(sql, params)
        # Not by its `description`, which is made of all columns anew.
        rows = cursor.fetchall() if cursor.rownumber is not None else []
    if len(rows) > MOST_HELD:
        # It holds the last answer until the next one comes.
        del database.stepwise_cursors
    return rows


def _cursor(database: Any, kind: Any) -> Any:
    """One for all statements of a connection: to make one takes longer than to send a statement."""
    connection, cursors = getattr(database, "stepwise_cursors", (None, None))
    if cursors is None or connection is not database.connection:
        cursors = {}
        database.stepwise_cursors = database.connection, cursors
    if kind not in cursors:
        cursors[kind] = kind(database.connection)
    return cursors[kind]


@contextmanager
def prepared_cursor() -> Iterator[Any]:
    """A cursor whose statements are prepared, for those that `rows_of` does not suit."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and not _is_watched(connection):
            from psycopg import Cursor

            # Under Django's own wrapper, which translates errors.
            cursor.cursor = Cursor(connection.connection)
        yield cursor


def _watched(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
        return found
