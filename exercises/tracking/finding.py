"""Finds the facts that stand under many ids, each by index: the ids are one parameter, not hundreds.

`tests/exercises/tracking/test_finding.py` compares what it finds with what the ORM finds.
"""

import json
from collections.abc import Collection
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Q, QuerySet

from backend.core.prepared import rows_of
from exercises.tracking.models import Fact

_FIELDS = tuple(field.attname for field in Fact._meta.concrete_fields)
_JSON = tuple(_FIELDS.index(name) for name in ("data", "advice_alerts"))
_COLUMNS = ", ".join(f'"{name}"' for name in _FIELDS)
# Two reads, since one with an OR looks at all that the patient ever reported.
_SQL = f"""
    SELECT {_COLUMNS} FROM {Fact._meta.db_table} WHERE patient_id = %s AND id = ANY(%s::uuid[])
    UNION ALL
    SELECT {_COLUMNS} FROM {Fact._meta.db_table}
    WHERE patient_id = %s AND target = ANY(%s::uuid[]) AND NOT id = ANY(%s::uuid[]) ORDER BY row
"""  # noqa: S608  (names of our own columns)


def facts_about(patient_id: UUID, ids: Collection[UUID]) -> list[Fact]:
    """The facts of these ids, and those that withdraw or correct them, as they came."""
    if connection.vendor != "postgresql":
        return _in_a_file(patient_id, ids)
    named = as_array(ids)
    params = [patient_id, named, patient_id, named, named]
    return [_fact(row) for row in rows_of(_SQL, params)]


def as_array(ids: Collection[UUID]) -> str:
    """Ids as one parameter, an array of PostgreSQL's."""
    # Hundreds of them, so not by their own `str`, which takes longer than the query.
    text = msgspec.json.encode(list(ids)).decode()
    return "{" + text[1:-1].replace('"', "") + "}"


# SQLite takes a CROSS JOIN in the order in which it is written: id by id, whatever it believes of the
# table. Left to choose, it read all of the patient's facts, and after a count of few patients all facts.
_EACH = f"""
    SELECT fact.* FROM json_each(%s) AS named CROSS JOIN {Fact._meta.db_table} AS fact
        ON fact.patient_id = %s AND fact.{{}} = named.value
"""  # noqa: S608
_EITHER = f"{_EACH.format('id')} UNION ALL {_EACH.format('target')}"


def _in_a_file(patient_id: UUID, ids: Collection[UUID]) -> list[Fact]:
    who, named = patient_id.hex, json.dumps([id_.hex for id_ in ids])
    found = Fact.objects.raw(_EITHER, [named, who, named, who])
    # A correction may be named itself, too.
    return sorted({fact.row: fact for fact in found}.values(), key=attrgetter("row"))


def clearly_about(patient_id: UUID, ids: Collection[UUID]) -> QuerySet[Fact]:
    """The same, as the ORM asks for it."""
    either = Q(id__in=ids) | Q(target__in=ids)
    return Fact.objects.filter(either, patient_id=patient_id).order_by("row")


def _fact(row: tuple[Any, ...]) -> Fact:
    values = [*row]
    for index in _JSON:
        if values[index] is not None:
            values[index] = json.loads(values[index])
    return Fact.from_db(connection.alias, _FIELDS, values)
