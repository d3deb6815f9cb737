"""Day summaries of pain, kept in the writing transaction and rebuilt from the facts at will.

Written by one statement of our own; `tests/exercises/tracking/test_day_summaries.py` compares what it
stores with `summaries`, the clear way.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from msgspec import Struct

from backend.core.prepared import rows_of
from exercises.tracking.models import DayPain, Fact

Key = tuple[date, str]
_KEYS = {
    "postgresql": (
        "SELECT (key ->> 0)::date AS day, key ->> 1 AS site FROM jsonb_array_elements(%s::jsonb) key"
    ),
    "sqlite": (
        "SELECT json_extract(value, '$[0]') AS day, json_extract(value, '$[1]') AS site"
        " FROM json_each(%s)"
    ),
}
MEMBER = {"postgresql": "data ->> '{0}'", "sqlite": "json_extract(data, '$.{0}')"}
SUMS = ("avg24_sum", "avg24_count", "now_sum", "now_count")
COUNTS = ("avg24_sum", "avg24_count", "now_sum", "now_count", "worst")


class DayTold(Struct):
    """What new reports of one local day and site add to its summary."""

    local_date: date
    site: str
    avg24_sum: int = 0
    avg24_count: int = 0
    now_sum: int = 0
    now_count: int = 0
    worst: int = 0

    def with_summary(self, row: Any) -> "DayTold":
        """The sums of the day when both are counted."""
        sums = {name: getattr(self, name) + getattr(row, name) for name in SUMS}
        return DayTold(self.local_date, self.site, **sums, worst=self.worst)


def refresh_days(patient_id: UUID, facts: Sequence[Fact]) -> None:
    """Summarises anew the days and sites that `facts` (pain reports) touch.

    Recounting from the day's own facts, rather than adding to a counter, keeps a summary right
    whatever was amended, retracted or sent late. One statement for any number of days.
    """
    touched = sorted({(fact.local_date.isoformat(), fact.data["site"]) for fact in facts})
    if not touched:
        return
    name = patient_id if connection.features.has_native_uuid_field else patient_id.hex
    days = [day for day, _ in touched]
    rows_of(
        _STATEMENTS[connection.vendor],
        [name, json.dumps(touched), name, min(days), max(days)],
    )


def _statement(vendor: str) -> str:
    fact, day = Fact._meta.db_table, DayPain._meta.db_table
    site, kind, score = (MEMBER[vendor].format(name) for name in ("site", "kind", "score"))
    who, day_of = ("%s::uuid", "%s::date") if vendor == "postgresql" else ("%s", "%s")
    kept = ", ".join(f"{name} = excluded.{name}" for name in COUNTS)
    return f"""
        INSERT INTO {day} (patient_id, local_date, site, {", ".join(COUNTS)})
        SELECT {who}, touched.day, touched.site,
            coalesce(sum(score) FILTER (WHERE kind = 'avg24'), 0),
            count(*) FILTER (WHERE kind = 'avg24'),
            coalesce(sum(score) FILTER (WHERE kind = 'now'), 0),
            count(*) FILTER (WHERE kind = 'now'),
            max(score)
        FROM ({_KEYS[vendor]}) touched
        LEFT JOIN (
            SELECT local_date, {site} AS site, {kind} AS kind, CAST({score} AS integer) AS score
            FROM {fact}
            WHERE patient_id = {who} AND type = 'pain_report'
                AND local_date BETWEEN {day_of} AND {day_of}
                AND retracted_by IS NULL AND amended_by IS NULL
        ) counted ON counted.local_date = touched.day AND counted.site = touched.site
        WHERE true
        GROUP BY touched.day, touched.site
        ON CONFLICT (patient_id, local_date, site) DO UPDATE SET {kept}
    """  # noqa: S608  (names of our own columns)


_STATEMENTS = {vendor: _statement(vendor) for vendor in _KEYS}


def summaries(
    patient_id: UUID, entries: Iterable[tuple[date, dict[str, object]]]
) -> dict[Key, DayPain]:
    """What the given pain reports (local date and data) add up to, by day and site; not stored."""
    rows: dict[Key, DayPain] = {}
    grouped: dict[Key, list[tuple[str, int]]] = defaultdict(list)
    for local_date, data in entries:
        grouped[local_date, str(data["site"])].append((str(data["kind"]), int(str(data["score"]))))
    for (local_date, site), scores in grouped.items():
        avg24 = [score for kind, score in scores if kind == "avg24"]
        now = [score for kind, score in scores if kind == "now"]
        rows[local_date, site] = DayPain(
            patient_id=patient_id,
            local_date=local_date,
            site=site,
            avg24_sum=sum(avg24),
            avg24_count=len(avg24),
            now_sum=sum(now),
            now_count=len(now),
            worst=max(score for _, score in scores),
        )
    return rows
