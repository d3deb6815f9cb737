"""What stands in the documents of an export, told to machines: JSON Schema 2020-12 and CSVW."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from exercises.reports.record.listing import Kind, Listing
from exercises.reports.record.tables import cells

Schema = dict[str, Any]

_UUID: Schema = {"type": "string", "format": "uuid"}
_NUMBER: Schema = {"type": "integer"}
# The more special class first: a DateTimeField is a DateField as well.
_TYPES: tuple[tuple[type[Any], Schema, str], ...] = (
    (models.UUIDField, _UUID, "string"),
    (models.BooleanField, {"type": "boolean"}, "boolean"),
    (models.DateTimeField, {"type": "string", "format": "date-time"}, "dateTime"),
    (models.DateField, {"type": "string", "format": "date"}, "date"),
    (models.TimeField, {"type": "string", "format": "time"}, "time"),
    (models.IntegerField, _NUMBER, "integer"),
    (models.FloatField, {"type": "number"}, "double"),
    (models.CharField, {"type": "string"}, "string"),
    (models.TextField, {"type": "string"}, "string"),
    (models.GenericIPAddressField, {"type": "string"}, "string"),
    (models.JSONField, {}, "json"),
)


def json_schema(title: str, section: str, kinds: Mapping[str, Kind], listing: Listing) -> Schema:
    """The schema of record.json (`section` "record") or of traces.json ("traces")."""
    head: dict[str, Schema] = {
        "format": {"const": f"stepwise-{section}"},
        "version": _NUMBER,
        "made_at": {"type": "string", "format": "date-time"},
        "product": {"type": "string"},
        "patient": _UUID,
        "people": _list_of({"id": _UUID, "name": {"type": "string"}}),
        "clinics": _list_of(
            {"id": _UUID, "name": {"type": "string"}, "time_zone": {"type": "string"}}
        ),
    }
    tables = {name: _list_of(_columns(kind, listing)) for name, kind in kinds.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **_object({**head, section: _object(tables)}),
    }


def csvw(kinds: Mapping[str, Kind]) -> Schema:
    """The metadata of the tables (W3C, Metadata Vocabulary for Tabular Data)."""
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "tables": [
            {
                "url": f"{name}.csv",
                "tableSchema": {
                    "columns": [
                        {"name": column, "titles": column, "datatype": _datatype(kind, column)}
                        for column in cells(kind)
                    ]
                },
            }
            for name, kind in kinds.items()
        ],
    }


def _columns(kind: Kind, listing: Listing) -> dict[str, Schema]:
    found = {"number": _NUMBER} if kind.numbered else {}
    for name in kind.fields:
        field: Any = kind.table._meta.get_field(name)
        schema = _schema_of(field, listing)
        found[name] = _or_null(schema) if field.null and schema else schema
    return found


def _schema_of(field: Any, listing: Listing) -> Schema:
    if not field.is_relation:
        return next(schema for held, schema, _ in _TYPES if isinstance(field, held))
    target = listing.kind_of(field.related_model._meta.label)
    if target is not None and target.numbered:
        return _NUMBER
    key = target.key if target else "pk"
    named = field.target_field if key == "pk" else field.related_model._meta.get_field(key)
    return _schema_of(named, listing)


def _datatype(kind: Kind, column: str) -> str:
    if column == "number":
        return "integer"
    field: Any = kind.table._meta.get_field(column)
    if field.is_relation:
        return "string"
    return next(datatype for held, _, datatype in _TYPES if isinstance(field, held))


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(properties: dict[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }


def _list_of(properties: dict[str, Schema]) -> Schema:
    return {"type": "array", "items": _object(properties)}
