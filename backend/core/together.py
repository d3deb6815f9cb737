"""Several compiled reads in one statement.

A judgement needs a few rows from each of several tables. PostgreSQL answers them all at once, as one
JSON text of their columns, of which small structs are made; each part stays the selector that it is,
and the SQL is Django's. SQLite, where a statement costs no journey, answers them one after the other.
`tests/backend/core/test_together.py` compares the two.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from types import GenericAlias
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, models
from msgspec.structs import FieldInfo

from backend.core.compiled import Compiled
from backend.core.prepared import rows_of, rows_of_native

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
    """`made` turns the columns of each part into its rows."""

    sql: str
    native: str
    decoder: msgspec.json.Decoder[Any]
    made: Sequence[Callable[[Any], list[Any]]]


def read_together(*parts: Part) -> list[list[Any]]:
    """The rows of each part, in its order: objects with the attributes of its struct."""
    if connection.vendor != "postgresql":
        return [*map(_by_itself, parts)]
    bound = [part.selector.bound(*part.args) for part in parts]
    texts = tuple(item.statement.sql if item else None for item in bound)
    key = (texts, *(part.shape for part in parts))
    statement = _statements.get(key)
    if statement is None:
        statement = _statements[key] = _built(texts, [part.shape for part in parts])
    params = [param for item in bound if item for param in item.params]
    ((answer,),) = rows_of_native(statement.native, statement.sql, params)
    found = zip(statement.decoder.decode(answer), statement.made, strict=True)
    # Of no rows, every column is null.
    return [make(columns) if columns[0] is not None else [] for columns, make in found]


def _by_itself(part: Part) -> list[Any]:
    if issubclass(part.shape, models.Model):
        return part.selector(*part.args)
    bound = part.selector.bound(*part.args)
    if bound is None:
        return []
    columns = [*zip(*rows_of(bound.statement.sql, bound.params), strict=True)]
    if not columns:
        return []
    # Structs of what is wanted: less than half of the work of a model's instances.
    wanted = msgspec.structs.fields(part.shape)
    return [*map(part.shape, *(_column(bound.statement, columns, field) for field in wanted))]


def _column(statement: Any, columns: Sequence[Sequence[Any]], field: FieldInfo) -> Sequence[Any]:
    index = statement.annotations.get(field.name)
    if index is None:
        index = statement.fields.index(field.name)
    values = columns[index]
    converters, expression = statement.converters.get(index, ((), None))
    kind = expression and expression.output_field
    # As of PostgreSQL's one JSON, by the same reader, where an id can be a text.
    if isinstance(kind, models.JSONField):
        return [None if value is None else msgspec.json.decode(value) for value in values]
    if isinstance(kind, models.UUIDField) and field.type is str:
        return [*map(_dashed, values)]
    for convert in converters:
        values = [convert(value, expression, connection) for value in values]
    return values


def _dashed(hex_: str) -> str:
    """An id as a file holds it, as it is written; a third of what `UUID` takes."""
    return f"{hex_[:8]}-{hex_[8:12]}-{hex_[12:16]}-{hex_[16:20]}-{hex_[20:]}"


def _built(texts: Sequence[str | None], shapes: Sequence[Any]) -> _Statement:
    wanted = [_columns_of(shape) for shape in shapes]
    parts = ", ".join(map(_columns_as_json, texts, wanted))
    sql = f"SELECT json_build_array({parts})::text"
    return _Statement(
        sql,
        _numbered(sql),
        msgspec.json.Decoder(_tuple_of(_tuple_of(columns.values()) for columns in wanted)),
        [
            partial(_instances if issubclass(shape, models.Model) else _structs, shape)
            for shape in shapes
        ],
    )


def _tuple_of(types: Iterable[Any]) -> Any:
    return GenericAlias(tuple, tuple(types))


def _numbered(sql: str) -> str:
    """`sql` with $1, $2 in the place of each %s."""
    first, *rest = sql.split("%s")
    numbered = (f"${place}{text}" for place, text in enumerate(rest, start=1))
    return "".join([first, *numbered]).replace("%%", "%")


def _columns_as_json(text: str | None, columns: Iterable[str]) -> str:
    # Column by column: of a row, PostgreSQL looks up the types of its values each time.
    if text is None:
        return f"json_build_array({', '.join('NULL' for _ in columns)})"
    lists = ", ".join(f'json_agg(part."{name}")' for name in columns)
    return f"(SELECT json_build_array({lists}) FROM ({text}) part)"  # noqa: S608  (compiled statements)


_TYPES: tuple[tuple[type[Any], Any], ...] = (
    (models.UUIDField, UUID),
    (models.DateTimeField, datetime),
    (models.DateField, date),
    (models.TimeField, time),
    (models.BooleanField, bool),
    (models.IntegerField, int),
    (models.CharField, str),
)


def _columns_of(shape: Any) -> dict[str, Any]:
    """The columns that a part asks for, and how each comes: a list, or null of no rows."""
    if issubclass(shape, models.Model):
        types = {field.attname: _type_of(field) for field in shape._meta.concrete_fields}
    else:
        types = {field.name: field.type for field in msgspec.structs.fields(shape)}
    return {name: GenericAlias(list, (type_,)) | None for name, type_ in types.items()}


def _type_of(field: Any) -> Any:
    target = field.target_field if field.is_relation else field
    known = next((type_ for kind, type_ in _TYPES if isinstance(target, kind)), Any)
    return known | None if field.null else known


def _instances(model: type[models.Model], columns: Sequence[Sequence[Any]]) -> list[Any]:
    names = [field.attname for field in model._meta.concrete_fields]
    return [model.from_db(connection.alias, names, row) for row in zip(*columns, strict=True)]


def _structs(shape: type[msgspec.Struct], columns: Sequence[Sequence[Any]]) -> list[Any]:
    return [*map(shape, *columns)]
