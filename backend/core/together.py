"""Several compiled reads in one statement.

A judgement needs a few rows from each of several tables. PostgreSQL answers them all at once, as one
JSON text that is decoded straight into small structs; each part stays the selector that it is, and
the SQL is Django's. SQLite, where a statement costs no journey, answers them one after the other.
`tests/backend/core/test_together.py` compares the two.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache, partial
from types import GenericAlias
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, models

from backend.core.compiled import Compiled
from backend.core.prepared import rows_of_native

# Statements are few: one for each list of parts that some caller reads together.
_statements: dict[tuple[Any, ...], "_Statement"] = {}


@dataclass(frozen=True)
class Part:
    """A selector with its arguments, and what its rows become: a struct (`array_like`) whose fields
    are the columns that are wanted, or the model itself."""

    selector: Compiled[Any, Any]
    args: Sequence[Any]
    shape: type[msgspec.Struct] | type[models.Model]


@dataclass(frozen=True)
class _Statement:
    sql: str
    native: str
    decoder: msgspec.json.Decoder[Any]
    made: Sequence[Callable[[Any], Any] | None]


def read_together(*parts: Part) -> list[list[Any]]:
    """The rows of each part, in its order: objects with the attributes of its struct."""
    if connection.vendor != "postgresql":
        return [part.selector(*part.args) for part in parts]
    bound = [part.selector.bound(*part.args) for part in parts]
    texts = tuple(item.statement.sql if item else None for item in bound)
    key = (texts, *(part.shape for part in parts))
    statement = _statements.get(key)
    if statement is None:
        statement = _statements[key] = _built(texts, [part.shape for part in parts])
    params = [param for item in bound if item for param in item.params]
    ((answer,),) = rows_of_native(statement.native, statement.sql, params)
    found = zip(statement.decoder.decode(answer), statement.made, strict=True)
    return [[*map(make, rows)] if make else rows for rows, make in found]


def _built(texts: Sequence[str | None], shapes: Sequence[Any]) -> _Statement:
    structs = [_row_of(shape) if issubclass(shape, models.Model) else shape for shape in shapes]
    columns = ", ".join(map(_rows_as_json, texts, structs))
    rows = GenericAlias(tuple, tuple(GenericAlias(list, (struct,)) for struct in structs))
    sql = f"SELECT json_build_array({columns})::text"
    return _Statement(
        sql,
        _numbered(sql),
        msgspec.json.Decoder(rows),
        [
            partial(_instance, shape) if issubclass(shape, models.Model) else None
            for shape in shapes
        ],
    )


def _numbered(sql: str) -> str:
    """`sql` with $1, $2 in the place of each %s."""
    first, *rest = sql.split("%s")
    numbered = (f"${place}{text}" for place, text in enumerate(rest, start=1))
    return "".join([first, *numbered]).replace("%%", "%")


def _rows_as_json(text: str | None, struct: type[msgspec.Struct]) -> str:
    if text is None:
        return "'[]'::json"
    fields = ", ".join(f'part."{name}"' for name in struct.__struct_fields__)
    row = f"json_build_array({fields})"
    return f"(SELECT coalesce(json_agg({row}), '[]') FROM ({text}) part)"  # noqa: S608


_TYPES: tuple[tuple[type[Any], Any], ...] = (
    (models.UUIDField, UUID),
    (models.DateTimeField, datetime),
    (models.DateField, date),
    (models.TimeField, time),
    (models.BooleanField, bool),
    (models.IntegerField, int),
    (models.CharField, str),
)


@cache
def _row_of(model: type[models.Model]) -> type[msgspec.Struct]:
    """A struct of the model's columns."""
    fields = [(field.attname, _type_of(field)) for field in model._meta.concrete_fields]
    return msgspec.defstruct(f"{model.__name__}Row", fields, array_like=True)


def _type_of(field: Any) -> Any:
    target = field.target_field if field.is_relation else field
    known = next((type_ for kind, type_ in _TYPES if isinstance(target, kind)), Any)
    return known | None if field.null else known


def _instance(model: type[models.Model], row: msgspec.Struct) -> models.Model:
    names = row.__struct_fields__
    return model.from_db(connection.alias, names, msgspec.structs.astuple(row))
