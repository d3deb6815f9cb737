"""Many rows of one table, written by one statement.

Django takes each value of each row through its field into the text of a statement, which PostgreSQL
plans anew; for a batch of reminders that was half of all it cost. There the rows travel as one JSON
text beside a prepared statement. Elsewhere it is Django's own `bulk_create`, the clear way:
`tests/notifications/test_bulk.py` compares the two.
"""

from collections.abc import Sequence
from functools import cache

import msgspec
from django.db import connection
from django.db.models import Model

from backend.core.prepared import rows_of


def look_up_by_index() -> None:
    """For a transaction that touches a few rows of large tables: PostgreSQL uses their indexes.

    Where a table has grown since its statistics were made, or has none yet (a new clinic, a
    restore), PostgreSQL takes it for small and reads all of it, for the foreign key of each row
    again; and a connection keeps to such a plan.
    """
    if connection.vendor == "postgresql":
        rows_of("SET LOCAL enable_seqscan = off", ())


def insert_missing(rows: Sequence[Model]) -> None:
    """Inserts those of `rows`, of one model and with ids of their own, that collide with none."""
    if not rows:
        return
    model = type(rows[0])
    if connection.vendor != "postgresql":
        model._default_manager.bulk_create(rows, ignore_conflicts=True)
        return
    names = tuple(field.attname for field in model._meta.concrete_fields)
    rows_of(_insert(model), [_as_json(rows, names)])


def store(rows: Sequence[Model], fields: tuple[str, ...]) -> None:
    """Writes `fields` of `rows`, all of one model and there already: whoever calls has locked them."""
    if not rows:
        return
    model = type(rows[0])
    if connection.vendor != "postgresql":
        model._default_manager.bulk_create(
            rows, update_conflicts=True, unique_fields=["id"], update_fields=fields
        )
        return
    rows_of(_update(model, fields), [_as_json(rows, ("id", *fields))])


def _as_json(rows: Sequence[Model], names: tuple[str, ...]) -> str:
    return msgspec.json.encode(
        [{name: getattr(row, name) for name in names} for row in rows]
    ).decode()


@cache
def _insert(model: type[Model]) -> str:
    table = _quoted(model._meta.db_table)
    own = (field.column for field in model._meta.concrete_fields)
    columns = ", ".join(_quoted(column) for column in own if column)
    return (
        f"INSERT INTO {table} ({columns})"  # noqa: S608  (names of the model's own)
        f" SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s::json)"
        " ON CONFLICT DO NOTHING"
    )


@cache
def _update(model: type[Model], fields: tuple[str, ...]) -> str:
    table = _quoted(model._meta.db_table)
    changes = ", ".join(f"{name} = new.{name}" for name in map(_quoted, fields))
    return (
        f"UPDATE {table} AS kept SET {changes}"  # noqa: S608  (names of the model's own)
        f" FROM json_populate_recordset(NULL::{table}, %s::json) AS new WHERE kept.id = new.id"
    )


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
