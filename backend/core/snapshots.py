"""Many reads of one state: what is committed meanwhile is in none of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """Inside, all reads see the database as it is at the first of them; nothing may be written.

    On SQLite that is a transaction which takes no writer's lock, on PostgreSQL one that repeats its
    reads. Inside another transaction it adds nothing to what that one sees.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        with _deferred(), transaction.atomic():
            yield


@contextmanager
def _deferred() -> Iterator[None]:
    # IMMEDIATE, our way of beginning, would make every writer wait until the reads are over.
    sqlite = cast(Any, connection)
    mode, sqlite.transaction_mode = sqlite.transaction_mode, "DEFERRED"
    try:
        yield
    finally:
        sqlite.transaction_mode = mode
