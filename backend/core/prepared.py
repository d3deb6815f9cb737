"""Statements that run for almost every request: PostgreSQL plans each once a connection.

Django puts values into the text of a statement, so that the server parses and plans it anew each
time; for a small read that is most of what it costs. Here values travel beside the text, and psycopg
prepares what comes again (`DATABASE_PREPARE`, off behind a pooler that cannot do that).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def prepared_cursor() -> Iterator[Any]:
    """A cursor for text that does not change from call to call; on SQLite, which keeps what it has
    parsed, an ordinary one."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            from psycopg import Cursor

            # Under Django's own wrapper, which counts queries and translates errors.
            cursor.cursor = Cursor(connection.connection)
        yield cursor


def rows_of(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows that a statement answers with."""
    with prepared_cursor() as cursor:
        cursor.execute(sql, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
