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

_TABLE = Fact._meta.db_table
_FIELDS = tuple(field.attname for field in Fact._meta.concrete_fields)
_JSON = tuple(_FIELDS.index(name) for name in ("data", "advice_alerts"))


class KnownFact(msgspec.Struct, frozen=True, array_like=True):
    """What a report that comes again is compared with, and answered by."""

    id: UUID
    type: str
    rev: int
    digest: str
    advice_alerts: list[str] | None


_KNOWN = ", ".join(KnownFact.__struct_fields__)
_known_facts = msgspec.json.Decoder(list[KnownFact])


def _by_either(columns: str) -> str:
    # Two reads, since one with an OR looks at all that the patient ever reported.
    return f"""
        SELECT {columns} FROM {_TABLE} WHERE patient_id = %s AND id = ANY(%s::uuid[])
        UNION ALL
        SELECT {columns} FROM {_TABLE}
        WHERE patient_id = %s AND target = ANY(%s::uuid[]) AND NOT id = ANY(%s::uuid[])
    """  # noqa: S608  (names of our own columns)


_WHOLE = _by_either(", ".join(f'"{name}"' for name in _FIELDS)) + " ORDER BY row"
_SHORT = f"""
    SELECT coalesce(json_agg(json_build_array({_KNOWN})), '[]')::text FROM ({_by_either(_KNOWN)}) known
"""  # noqa: S608  (names of our own columns)


def facts_about(patient_id: UUID, ids: Collection[UUID]) -> list[Fact]:
    """The facts of these ids, and those that withdraw or correct them, as they came."""
    if connection.vendor != "postgresql":
        return _in_a_file(patient_id, ids)
    return [_fact(row) for row in rows_of(_WHOLE, _twice(patient_id, ids))]


def known_about(patient_id: UUID, ids: Collection[UUID]) -> list[KnownFact]:
    """The same facts, in no order, less all that a phone has sent itself: of a push that is sent again no
    body need be read."""
    if connection.vendor != "postgresql":
        return _known_in_a_file(patient_id, ids)
    ((found,),) = rows_of(_SHORT, _twice(patient_id, ids))
    return _known_facts.decode(found)


def _twice(patient_id: UUID, ids: Collection[UUID]) -> list[Any]:
    named = as_array(ids)
    return [patient_id, named, patient_id, named, named]


def as_array(ids: Collection[UUID]) -> str:
    """Ids as one parameter, an array of PostgreSQL's."""
    # Hundreds of them, so not by their own `str`, which takes longer than the query.
    text = msgspec.json.encode(list(ids)).decode()
    return "{" + text[1:-1].replace('"', "") + "}"


# SQLite takes a CROSS JOIN in the order in which it is written: id by id, whatever it believes of the
# table. Left to choose, it read all of the patient's facts, and after a count of few patients all facts.
_EACH = f"""
    SELECT {{}} FROM json_each(%s) AS named CROSS JOIN {_TABLE} AS fact
        ON fact.patient_id = %s AND fact.{{}} = named.value
"""  # noqa: S608  (names of our own columns)


def _each_by_either(columns: str) -> str:
    # A correction may be named itself, too.
    return f"{_EACH.format(columns, 'id')} UNION {_EACH.format(columns, 'target')}"


_WHOLE_IN_A_FILE = _each_by_either("fact.*")
_SHORT_IN_A_FILE = _each_by_either(
    ", ".join(f"fact.{name}" for name in KnownFact.__struct_fields__)
)


def _in_a_file(patient_id: UUID, ids: Collection[UUID]) -> list[Fact]:
    who, named = patient_id.hex, json.dumps([id_.hex for id_ in ids])
    found = Fact.objects.raw(_WHOLE_IN_A_FILE, [named, who, named, who])
    return sorted(found, key=attrgetter("row"))


def _known_in_a_file(patient_id: UUID, ids: Collection[UUID]) -> list[KnownFact]:
    who, named = patient_id.hex, json.dumps([id_.hex for id_ in ids])
    return [
        KnownFact(UUID(id_), type_, rev, digest, advice and json.loads(advice))
        for id_, type_, rev, digest, advice in rows_of(_SHORT_IN_A_FILE, [named, who, named, who])
    ]


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
