"""Reads of plain values whose SQL is built once.

Like `backend.core.compiled`, for querysets of `values_list()`: an instance a row costs more than the
rest of a read of many rows. The clear way stays the queryset that a function returns; this module
remembers the SQL that Django made of it and binds other values to it.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from backend.core.compiled import CHECKS, NotCompilable
from backend.core.prepared import rows_of

Inputs = Mapping[str, Any]
Build = Callable[[Any, Inputs], QuerySet[Any, Any]]


class Remembered:
    """A selector that returns the rows of a `values_list()`, as tuples in its order.

    It is called with a `shape`, which chooses between queries, and with named `inputs`, which must
    go into the query as they are: UUIDs, instants, texts, whole numbers and fractions (float).
    """

    def __init__(self, build: Build) -> None:
        self.queryset = build
        self._statements: dict[Hashable, _Statement] = {}
        self._checked: Counter[Hashable] = Counter()

    def __call__(self, shape: Hashable, inputs: Inputs) -> list[tuple[Any, ...]]:
        """The rows."""
        key = (connection.vendor, shape, *inputs)
        statement = self._statements.get(key)
        if statement is None:
            statement = self._statements[key] = self._remember(shape, inputs)
        if settings.CHECK_COMPILED and self._checked[key] < CHECKS:
            self._checked[key] += 1
            _check(self.queryset(shape, inputs), statement.sql, statement.bind(inputs))
        return statement.rows(inputs)

    def _remember(self, shape: Hashable, inputs: Inputs) -> "_Statement":
        stand_ins = {
            name: _like(value, place) for place, (name, value) in enumerate(inputs.items())
        }
        return _Statement.of(self.queryset(shape, stand_ins), stand_ins)


def remembered(build: Build) -> Remembered:
    """Decorates a function that returns a `values_list()`, to build its SQL once."""
    return Remembered(build)


@dataclass(frozen=True)
class _Input:
    """Where the SQL takes the input `name`, as what the driver wants for that column."""

    name: str
    kind: type[Any]


@dataclass(frozen=True)
class _Statement:
    """The SQL of a queryset, and how its columns become values."""

    sql: str
    params: tuple[object, ...]
    converters: Any

    @classmethod
    def of(cls, queryset: QuerySet[Any, Any], inputs: Inputs) -> "_Statement":
        """Raises `NotCompilable` unless each of `inputs` stands in the SQL as it is."""
        compiler: Any = queryset.query.get_compiler(connection=connection)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            raise NotCompilable("a query that finds nothing is not asked") from None
        named = {_key(_adapt(value)): name for name, value in inputs.items()}
        placed = tuple(_placed(param, named) for param in params)
        if {*inputs} - {param.name for param in placed if isinstance(param, _Input)}:
            raise NotCompilable("an input does not go into the query as it is")
        columns = [expression for expression, _sql, _alias in compiler.select]
        return cls(sql, placed, compiler.get_converters(columns))

    def bind(self, inputs: Inputs) -> list[Any]:
        """The parameters of the SQL that stand for `inputs`."""
        return [
            _as(p.kind, _adapt(inputs[p.name])) if isinstance(p, _Input) else p for p in self.params
        ]

    def rows(self, inputs: Inputs) -> list[tuple[Any, ...]]:
        """What the database answers with."""
        found = rows_of(self.sql, self.bind(inputs))
        return [self._converted(row) for row in found] if self.converters else found

    def _converted(self, row: Sequence[Any]) -> tuple[Any, ...]:
        values = [*row]
        for index, (converters, expression) in self.converters.items():
            for convert in converters:
                values[index] = convert(values[index], expression, connection)
        return tuple(values)


def _check(queryset: QuerySet[Any, Any], sql: str, params: list[Any]) -> None:
    """That a remembered statement is what Django would build now. Raises `NotCompilable`."""
    clear, values = queryset.query.get_compiler(connection=connection).as_sql()
    if (clear, repr([*values])) != (sql, repr(params)):
        raise NotCompilable(f"{clear} {values} is not {sql} {params}")


def _like(value: object, place: int) -> object:
    """A value of the same kind that occurs nowhere else in the query."""
    if isinstance(value, UUID):
        return UUID(int=(0xD1CE << 64) + place)
    if isinstance(value, datetime):
        return datetime(1801, 1, 1, tzinfo=UTC) + timedelta(seconds=place)
    if isinstance(value, str):
        return f"\N{REPLACEMENT CHARACTER}{place}"
    if isinstance(value, float):
        return 1e15 + place + 0.5
    if isinstance(value, int) and not isinstance(value, bool):
        # Small, since Django answers for a column that what it cannot hold is not in it.
        return 31_000 + place
    raise NotCompilable(f"{type(value).__name__} is no input of a remembered query")


def _adapt(value: object) -> object:
    """A value as this database's driver takes it."""
    if isinstance(value, UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value


def _placed(param: object, named: Mapping[object, str]) -> object:
    name = named.get(_key(param))
    return param if name is None else _Input(name, type(param))


def _as(kind: type[Any], value: Any) -> Any:
    # PostgreSQL is told the width of a whole number by a class of its own.
    return value if type(value) is kind or not issubclass(kind, int) else kind(value)


def _key(param: object) -> object:
    return int(param) if isinstance(param, int) else (type(param), repr(param))
