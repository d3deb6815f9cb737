"""Day summaries against the facts that they stand for, and computed anew from them."""

import json
from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from backend.accounts.revisions import revision
from backend.core.prepared import rows_of
from exercises.tracking.days import COUNTS, MEMBER
from exercises.tracking.models import DayPain, Fact

_MANY = {
    "postgresql": "SELECT jsonb_array_elements_text(%s::jsonb)::uuid",
    "sqlite": "SELECT value FROM json_each(%s)",
}
_ROW = ", ".join(("patient_id", "local_date", "site", *COUNTS))


def those_with_wrong_days(patient_ids: Sequence[UUID]) -> set[UUID]:
    """The patients of whom a day summary is missing, too much, or not what her facts add up to; one
    statement, so that a report that comes in meanwhile is in both or in neither."""
    vendor = connection.vendor
    kept = f"""
        SELECT {_ROW} FROM {DayPain._meta.db_table}
        WHERE patient_id IN ({_MANY[vendor]}) AND worst IS NOT NULL
    """  # noqa: S608  (names of our own columns)
    counted = _counted(_MANY[vendor])
    wrong = rows_of(
        f"""
        SELECT DISTINCT patient_id FROM (
            SELECT * FROM (SELECT * FROM ({kept}) kept EXCEPT {counted}) too_much
            UNION ALL
            SELECT * FROM ({counted} EXCEPT SELECT * FROM ({kept}) kept) missing
        ) wrong
        """,  # noqa: S608
        [_named(patient_ids)] * 4,
    )
    return {UUID(str(patient_id)) for (patient_id,) in wrong}


def rebuild_days(patient_id: UUID) -> None:
    """Computes all day summaries of a patient anew."""
    with revision(patient_id):
        DayPain.objects.filter(patient_id=patient_id).delete()
        insert = f"INSERT INTO {DayPain._meta.db_table} ({_ROW})"
        rows_of(f"{insert} {_counted(_MANY[connection.vendor])}", [_named([patient_id])])


def _counted(ids: str) -> str:
    site, kind, score = (MEMBER[connection.vendor].format(m) for m in ("site", "kind", "score"))
    return f"""
        SELECT patient_id, local_date, site,
            coalesce(sum(score) FILTER (WHERE kind = 'avg24'), 0),
            count(*) FILTER (WHERE kind = 'avg24'),
            coalesce(sum(score) FILTER (WHERE kind = 'now'), 0),
            count(*) FILTER (WHERE kind = 'now'),
            max(score)
        FROM (
            SELECT patient_id, local_date, {site} AS site, {kind} AS kind,
                CAST({score} AS integer) AS score
            FROM {Fact._meta.db_table}
            WHERE patient_id IN ({ids}) AND type = 'pain_report'
                AND retracted_by IS NULL AND amended_by IS NULL
        ) counted
        GROUP BY patient_id, local_date, site
    """  # noqa: S608


def _named(patient_ids: Sequence[UUID]) -> str:
    native = connection.features.has_native_uuid_field
    return json.dumps([str(name) if native else name.hex for name in patient_ids])
