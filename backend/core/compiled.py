"""Reads whose SQL is built once.

Django builds the SQL of a query anew each time it runs, which takes ten times as long as the
database takes to answer a small one. A patient's record is read for every report and every night;
those reads are declared `@compiled`. They stay ordinary querysets: this module only remembers the
SQL that Django made of them and binds other values to it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, ParamSpec, TypeVar
from uuid import UUID

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

from backend.core.prepared import rows_of

P = ParamSpec("P")
M = TypeVar("M", bound=Model)
Value = UUID | datetime | date | str | int
# Fills in what `select_related` joins, as Django does for its own querysets.
_related_populators: Any = get_related_populators
# How many calls of each statement the test suite compares with what Django would build.
CHECKS = 10


class NotCompilable(TypeError):
    """The selector does something with its arguments that another call would do differently."""


class Compiled(Generic[P, M]):
    """A selector that returns the rows of a queryset, in its order.

    Its arguments may be UUIDs, instants, dates, texts, whole numbers, and sequences of those (for
    `__in`); they must go into the query as they are. True, False and None may choose between queries.
    """

    def __init__(self, build: Callable[P, QuerySet[M]]) -> None:
        self.queryset = build
        self._statements: dict[object, _Statement | None] = {}
        self._checked: Counter[object] = Counter()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[M]:
        """The rows for these arguments."""
        bound = self.bound(*args, **kwargs)
        return [*bound.statement.rows(bound.params)] if bound else []

    def bound(self, *args: P.args, **kwargs: P.kwargs) -> "Bound | None":
        """The statement for these arguments, with its parameters; None where no row can be found."""
        given = (*args, *kwargs.values())
        # A process has one database, so that the vendor is no part of the key.
        key = (len(args), *kwargs, *map(_shape, given))
        if key not in self._statements:
            self._statements[key] = self._compile(given, len(args), kwargs)
        statement = self._statements[key]
        params = statement.bind([*_flat(given)]) if statement else []
        if settings.CHECK_COMPILED and self._checked[key] < CHECKS:
            self._checked[key] += 1
            _check(
                self.queryset(*args, **kwargs), given, statement.sql if statement else "", params
            )
        return Bound(statement, params) if statement else None

    def first(self, *args: P.args, **kwargs: P.kwargs) -> M | None:
        """The first row for these arguments, of a query that is limited to few."""
        return next(iter(self(*args, **kwargs)), None)

    def _compile(self, given: Sequence[Any], count: int, named: Any) -> "_Statement | None":
        dummies = _Dummies()
        stand_ins = [dummies.like(value) for value in given]
        queryset: Any = self.queryset
        built = queryset(*stand_ins[:count], **dict(zip(named, stand_ins[count:], strict=True)))
        try:
            return _Statement.of(built, [*_flat(stand_ins)])
        except EmptyResultSet:
            return None


def compiled(build: Callable[P, QuerySet[M]]) -> Compiled[P, M]:
    """Decorates a function that returns a queryset, to build its SQL once."""
    return Compiled(build)


@dataclass(frozen=True)
class _Argument:
    """Where the SQL takes the argument at `index` of the flattened ones, as what the driver wants
    for that column."""

    index: int
    kind: type[Any]


@dataclass(frozen=True)
class _Statement:
    """The SQL of a queryset, and how its rows become instances."""

    model: type[Model]
    sql: str
    params: tuple[object, ...]
    fields: tuple[str, ...]
    annotations: dict[str, int]
    related: Sequence[Any]
    converters: Any
    # Whether this database's driver takes values as they are.
    is_native: bool

    @classmethod
    def of(cls, queryset: QuerySet[Any], values: Sequence[Value]) -> "_Statement":
        """Raises `NotCompilable` unless each of `values` stands in the SQL as it is."""
        compiler: Any = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        if compiler.klass_info is None or queryset.query.values_select:
            raise NotCompilable("a compiled query returns instances")
        adapted = {_key(_adapt(value)): index for index, value in enumerate(values)}
        placed = tuple(_placed(param, adapted) for param in params)
        if {*adapted.values()} - {param.index for param in placed if isinstance(param, _Argument)}:
            raise NotCompilable("an argument does not go into the query as it is")
        own = compiler.klass_info["select_fields"]
        columns = [expression for expression, _sql, _alias in compiler.select]
        return cls(
            model=compiler.klass_info["model"],
            sql=sql,
            params=placed,
            fields=tuple(columns[index].target.attname for index in own),
            annotations=dict(compiler.annotation_col_map or {}),
            related=_related_populators(compiler.klass_info, compiler.select, connection.alias),
            converters=compiler.get_converters(columns),
            is_native=connection.vendor == "postgresql",
        )

    def bind(self, values: Sequence[Value]) -> list[Any]:
        """The parameters of the SQL that stand for `values`."""
        adapted = values if self.is_native else [_adapt(value) for value in values]
        return [_bound(p, adapted) if isinstance(p, _Argument) else p for p in self.params]

    def rows(self, params: list[Any]) -> Iterator[Any]:
        """The instances that the database answers with."""
        found = rows_of(self.sql, params)
        size = len(self.fields)
        for row in map(self._converted, found):
            instance: Any = self.model.from_db(connection.alias, self.fields, row[:size])
            for populator in self.related:
                populator.populate(row, instance)
            for name, index in self.annotations.items():
                setattr(instance, name, row[index])
            yield instance

    def _converted(self, row: Sequence[Any]) -> list[Any]:
        values = [*row]
        for index, (converters, expression) in self.converters.items():
            for convert in converters:
                values[index] = convert(values[index], expression, connection)
        return values


@dataclass(frozen=True)
class Bound:
    """A statement and the parameters of one call."""

    statement: _Statement
    params: list[Any]


def _check(queryset: QuerySet[Any], given: Sequence[Any], sql: str, params: list[Any]) -> None:
    """That a remembered statement is what Django would build now. Raises `NotCompilable`."""
    if any(isinstance(value, list | tuple | frozenset | set) for value in given):
        # Repetitions fill the room of a sequence; Django would leave them out.
        return
    try:
        clear, values = queryset.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        clear, values = "", ()
    if (clear, repr([*values])) != (sql, repr(params)):
        raise NotCompilable(f"{clear} {values} is not {sql} {params}")


class _Dummies:
    """Values that occur nowhere else, each different, to find arguments again in the SQL."""

    def __init__(self) -> None:
        self._count = 0

    def like(self, value: Any) -> Any:
        """One, or a sequence of them, of the shape of `value`."""
        if isinstance(value, list | tuple | frozenset | set):
            found = sorted(value)
            return [self.like(found[0]) for _ in range(_room(len(found)))] if found else []
        self._count += 1
        if isinstance(value, UUID):
            return UUID(int=(0xD1CE << 64) + self._count)
        if isinstance(value, datetime):
            return datetime(1801, 1, 1, tzinfo=UTC) + timedelta(seconds=self._count)
        if isinstance(value, date):
            return date(1701, 1, 1) + timedelta(days=self._count)
        if isinstance(value, str):
            return f"a text that occurs nowhere else, {self._count}"
        if isinstance(value, int) and not isinstance(value, bool):
            # Small, since Django answers for a column that what it cannot hold is not in it.
            return 31_000 + self._count
        return value


# Nearly all arguments are exactly of these types, which is quicker found than by what they inherit.
_PLAIN = frozenset({UUID, datetime, date, str, int})


def _shape(value: object) -> object:
    """What two values have in common for which the SQL is the same."""
    if type(value) in _PLAIN:
        return type(value)
    if isinstance(value, list | tuple | frozenset | set):
        return (_shape(next(iter(value))) if value else None, _room(len(value)))
    if value is None or isinstance(value, bool):
        return value
    for kind in (UUID, datetime, date, str, int):
        if isinstance(value, kind):
            return kind
    raise NotCompilable(f"{type(value).__name__} is no argument of a compiled query")


def _room(size: int) -> int:
    # Lengths that powers of two cover, so that there are few statements.
    return 1 << (size - 1).bit_length() if size else 0


def _flat(given: Sequence[Any]) -> Iterator[Value]:
    for value in given:
        if type(value) in _PLAIN:
            yield value
        elif isinstance(value, list | tuple | frozenset | set):
            items = [*value]
            yield from items
            # In a set a repetition makes no difference.
            yield from items[:1] * (_room(len(items)) - len(items))
        elif isinstance(value, UUID | date | str | int) and not isinstance(value, bool):
            yield value


def _adapt(value: Value) -> object:
    """A value as this database's driver takes it."""
    if isinstance(value, UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, str | int):
        return value
    return connection.ops.adapt_datefield_value(value)


def _placed(param: object, adapted: Mapping[object, int]) -> object:
    index = adapted.get(_key(param))
    return param if index is None else _Argument(index, type(param))


def _bound(argument: _Argument, values: Sequence[object]) -> object:
    # PostgreSQL is told the width of a whole number by a class of its own.
    value = values[argument.index]
    return argument.kind(value) if isinstance(value, int) else value


def _key(param: object) -> object:
    return int(param) if isinstance(param, int) else (type(param), repr(param))
