"""JSON that is kept as the text in which it was written: on PostgreSQL `json` in the place of `jsonb`.

For what is written once and mostly handed on as it is: to write it and to read it back copies a text,
where `jsonb` takes it apart and puts it together again (docs/adr/0046). SQLite keeps a text anyhow.
"""

from datetime import UTC
from functools import cache, partial
from typing import Any

from django.db.models import Func, JSONField
from django.db.models.fields.json import KeyTransform


class WrittenJSONField(JSONField):
    """A `JSONField` in all but its column. A filter reads the value as `jsonb`, and so takes apart the
    text of each row that nothing else leaves out."""

    def db_type(self, connection: Any) -> str | None:
        """The column's type."""
        if connection.vendor == "postgresql":
            return "json"
        return super().db_type(connection)

    def get_transform(self, name: str) -> Any:
        """Finds `field__key`."""
        return partial(_of_key, name)

    def get_lookup(self, lookup_name: str) -> Any:
        """Finds `field__lookup`."""
        found: Any = super().get_lookup(lookup_name)
        return found and _of_parsed(found)


class _Parsed(Func):
    """A written value as one that can be compared and looked into."""

    template = "%(expressions)s"

    def __init__(self, written: Any) -> None:
        super().__init__(written, output_field=JSONField())

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s)::jsonb", **context)


def _of_key(name: str, written: Any) -> KeyTransform:
    return KeyTransform(name, _Parsed(written))


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
