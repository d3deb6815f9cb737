"""The diary's hot path in SQL of its own: any number of facts is one statement on either database.

`tests/exercises/tracking/test_inserting.py` compares what it stores with what the ORM stores.
"""

import json
import operator
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import connection

from backend.core.prepared import rows_of
from exercises.tracking.models import Fact

COLUMNS = {
    "patient_id": "uuid",
    "id": "uuid",
    "type": "text",
    "rev": "bigint",
    "occurred_at": "timestamptz",
    "tz": "text",
    "local_date": "date",
    "received_at": "timestamptz",
    "clock_skew_ms": "bigint",
    "date_disagrees": "boolean",
    "data": "json",
    "digest": "text",
    "target": "uuid",
    "retracted_by": "uuid",
    "amended_by": "uuid",
    "advice_alerts": "jsonb",
}
_TABLE = Fact._meta.db_table
_NAMES = ", ".join(f'"{name}"' for name in COLUMNS)
# Nearly always empty, and then not sent: less for the database to read.
_RARE = ("target", "retracted_by", "amended_by", "advice_alerts")


def _insert(left_out: Sequence[str]) -> str:
    own = [name for name in COLUMNS if name not in left_out]
    names, record = ", ".join(own), ", ".join(f"{name} {COLUMNS[name]}" for name in own)
    return (
        f"INSERT INTO {_TABLE} ({names})"  # noqa: S608  (our own columns)
        f" SELECT {names}"
        f" FROM json_to_recordset(%s::json) AS sent({record})"
    )


# By whether any of the facts has something in one of the rare columns.
_INSERT = {True: _insert(()), False: _insert(_RARE)}
# Each row looks its own up; a join with what was sent would be planned over all facts of the patient.
_ADVISE = (
    f"UPDATE {_TABLE} SET advice_alerts = %s::jsonb -> id::text"  # noqa: S608
    " WHERE patient_id = %s AND id = ANY(%s::uuid[])"
)
_MARKS = ", ".join(["%s"] * len(COLUMNS))


def insert_facts(facts: Sequence[Fact]) -> None:
    """Inserts `facts`; the objects do not learn their row numbers."""
    if connection.vendor == "postgresql":
        is_rare = any(vars(fact)[name] is not None for fact in facts for name in _RARE)
        names = [name for name in COLUMNS if is_rare or name not in _RARE]
        rows_of(_INSERT[is_rare], [_as_json(facts, names)])
    else:
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {_TABLE} ({_NAMES}) VALUES ({_MARKS})",  # noqa: S608
                [_sqlite_values(fact) for fact in facts],
            )


def store_advice(facts: Sequence[Fact]) -> None:
    """Stores the `advice_alerts` of facts that were inserted; all are of one patient."""
    if not facts:
        return
    if connection.vendor == "postgresql":
        advice = {str(fact.id): fact.advice_alerts for fact in facts}
        named = "{" + ",".join(advice) + "}"
        rows_of(_ADVISE, [msgspec.json.encode(advice).decode(), facts[0].patient_id, named])
    else:
        with connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {_TABLE} SET advice_alerts = %s WHERE patient_id = %s AND id = %s",  # noqa: S608
                [
                    (json.dumps(fact.advice_alerts), fact.patient_id.hex, fact.id.hex)
                    for fact in facts
                ],
            )


def _as_json(facts: Sequence[Fact], names: Sequence[str]) -> str:
    columns = operator.attrgetter(*names)
    rows = [dict(zip(names, columns(fact), strict=True)) for fact in facts]
    return msgspec.json.encode(rows).decode()


def _sqlite_values(fact: Fact) -> tuple[Any, ...]:
    # As Django's own fields write them: ids in 32 hex digits, instants in UTC without an offset.
    return (
        fact.patient_id.hex,
        fact.id.hex,
        str(fact.type),
        fact.rev,
        naive(fact.occurred_at),
        fact.tz,
        fact.local_date.isoformat(),
        naive(fact.received_at),
        fact.clock_skew_ms,
        fact.date_disagrees,
        json.dumps(fact.data),
        fact.digest,
        fact.target and fact.target.hex,
        fact.retracted_by and fact.retracted_by.hex,
        fact.amended_by and fact.amended_by.hex,
        None if fact.advice_alerts is None else json.dumps(fact.advice_alerts),
    )


def naive(instant: datetime) -> str:
    """An instant as SQLite keeps it: in UTC, without saying so."""
    return str(instant.astimezone(UTC).replace(tzinfo=None))
