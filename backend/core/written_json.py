"""JSON that is kept as the text in which it was written: on PostgreSQL `json` in the place of `jsonb`.

For what is written once and mostly handed on as it is: to write it and to read it back copies a text,
where `jsonb` takes it apart and puts it together again (docs/adr/0046). SQLite keeps a text anyhow.
"""

import re
from datetime import UTC
from functools import cache, partial
from typing import Any

from django.db.models import Func, JSONField
from django.db.models.fields.json import KeyTransform


class WrittenJSONField(JSONField):
    """A `JSONField` in all but its column. A filter for a value inside takes the texts apart in which
    the key's name stands; one for the value as a whole, `has_key` too, takes them all apart."""

    def db_type(self, connection: Any) -> str | None:
        """The column's type."""
        if connection.vendor == "postgresql":
            return "json"
        return super().db_type(connection)

    def get_transform(self, name: str) -> Any:
        """Finds `field__key`."""
        return partial(_Key, name)

    def get_lookup(self, lookup_name: str) -> Any:
        """Finds `field__lookup`."""
        found: Any = super().get_lookup(lookup_name)
        return found and _of_parsed(found)


class _Key(KeyTransform):
    """A value inside as `jsonb`, which can be compared."""

    output_field = JSONField()

    def get_transform(self, name: str) -> Any:
        return partial(_Key, name)

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        value, params = super().as_postgresql(compiler, connection)
        written, written_params, (name, *_) = self.preprocess_lhs(compiler, connection)
        if not _IS_PLAIN(name):
            return f"({value})::jsonb", params
        # To look for a name is a tenth of the work of taking a text apart.
        found = f"(CASE WHEN strpos({written}::text, %s) > 0 THEN ({value})::jsonb END)"
        return found, (*written_params, f'"{name}"', *params)


# Which names stand in every text as they are: no writer escapes these signs. A number can be a place.
_IS_PLAIN = re.compile("[A-Za-z_][A-Za-z0-9_]*").fullmatch


class _Parsed(Func):
    """A written value as one that can be compared as a whole."""

    template = "%(expressions)s"

    def __init__(self, written: Any) -> None:
        super().__init__(written, output_field=JSONField())

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s)::jsonb", **context)


class _OfParsed:
    def __init__(self, lhs: Any, rhs: Any) -> None:
        super().__init__(_Parsed(lhs), rhs)  # type: ignore[call-arg]  # those of a lookup


@cache
def _of_parsed(lookup: Any) -> Any:
    return type(lookup.__name__, (_OfParsed, lookup), {})


def leave_as_text() -> None:
    """Lets all connections to PostgreSQL give `json` as its text, as they give `jsonb`."""
    from django.db.backends.postgresql.psycopg_any import get_adapters_template
    from psycopg.types.string import TextLoader

    get_adapters_template(True, UTC).register_loader("json", TextLoader)  # noqa: FBT003
