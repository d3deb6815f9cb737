"""Reports that change nothing but the diary are stored at once: revision, facts and day summaries in one
statement, which does nothing if the record no longer stands where it was read.

`tests/exercises/sync/test_at_once.py` compares what it stores with what the way under the lock stores.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction

from backend.accounts.models import Patient
from backend.core.crashpoints import reached
from backend.core.prepared import rows_of
from exercises.tracking.days import SUMS, DayTold
from exercises.tracking.facts import in_utc, plain
from exercises.tracking.finding import as_array
from exercises.tracking.inserting import COLUMNS, naive
from exercises.tracking.models import DayPain, Fact, FactType
from exercises.tracking.services import Report, date_disagrees


class Arrival(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A fact that is about to be stored; its fields are the columns of `Fact` that can be filled."""

    id: UUID
    type: FactType
    rev: int
    occurred_at: datetime
    tz: str
    local_date: date
    received_at: datetime
    date_disagrees: bool
    data: dict[str, Any]
    digest: str
    clock_skew_ms: int | None = None
    advice_alerts: list[str] | None = None


# What stands under a phone's id, read from the database or just on its way there.
StoredFact = Fact | Arrival


def arrivals(reports: Iterable[Report], *, held_rev: int, now: datetime) -> list[Arrival]:
    """The facts that `reports` become at `now` when the record stands at `held_rev`."""
    return [_arrival(report, rev, now) for rev, report in enumerate(reports, start=held_rev + 1)]


def days_told(facts: Iterable[Arrival]) -> list[DayTold]:
    """What pain reports add to the summaries of their days."""
    days: dict[tuple[date, str], DayTold] = {}
    for fact in facts:
        if fact.type != FactType.PAIN:
            continue
        site, kind, score = fact.data["site"], fact.data["kind"], fact.data["score"]
        day = days.get((fact.local_date, site))
        if day is None:
            day = days[fact.local_date, site] = DayTold(fact.local_date, site)
        if kind == "avg24":
            day.avg24_sum += score
            day.avg24_count += 1
        elif kind == "now":
            day.now_sum += score
            day.now_count += 1
        day.worst = max(day.worst, score)
    return [*days.values()]


def store_at_once(
    *,
    patient_id: UUID,
    held_rev: int,
    facts: Sequence[Arrival],
    days: Sequence[DayTold],
    are_new: bool,
    now: datetime,
) -> bool:
    """Stores `facts`, and what they add to their `days`, if the record stands at `held_rev` and none of
    them is stored or named by another; whether it did. `are_new`: the record was asked already, since
    it stands there, and knows none of them.

    Who raises the revision first is alone with it: another writer waits for the row, finds the
    revision moved on, and stores nothing.
    """
    reached("record.before_lock")
    write = _by_one_statement if connection.vendor == "postgresql" else _by_several
    stored = write(patient_id, held_rev, facts, days, are_new, now)
    if stored:
        reached("record.after_commit")
    return stored


def _arrival(report: Report, rev: int, now: datetime) -> Arrival:
    body = report.body
    instant = in_utc(body)
    return Arrival(
        id=report.id,
        type=report.type,
        rev=rev,
        occurred_at=instant,
        tz=body.tz,
        local_date=body.local_date,
        received_at=now,
        date_disagrees=date_disagrees(instant, body),
        data=plain(body),
        digest=report.digest,
        clock_skew_ms=report.clock_skew_ms,
    )


_FACT, _DAY, _PATIENT = (model._meta.db_table for model in (Fact, DayPain, Patient))
_COLUMNS = {name: COLUMNS[name] for name in Arrival.__struct_fields__}
_DAY_COLUMNS = {
    "local_date": "date",
    "site": "text",
    "avg24_sum": "integer",
    "avg24_count": "integer",
    "now_sum": "integer",
    "now_count": "integer",
    "worst": "smallint",
}
_ADDED = ", ".join(f"{name} = kept.{name} + excluded.{name}" for name in SUMS)
# What `note_report` writes, with the revision: one update of the patient's row instead of two.
_HEARD_OF = (
    "last_synced_at = %s,"
    " last_report_at = CASE WHEN last_report_at >= %s THEN last_report_at ELSE %s END"
)


def _names(columns: Iterable[str], prefix: str = "") -> str:
    return ", ".join(f"{prefix}{name}" for name in columns)


def _record(columns: dict[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


_HEAD = f"UPDATE {_PATIENT} SET rev = rev + %s, {_HEARD_OF} WHERE id = %s AND rev = %s"  # noqa: S608
_NONE_IS_KNOWN = f"""
    AND NOT EXISTS (SELECT FROM {_FACT} WHERE patient_id = %s AND id = ANY(%s::uuid[]))
    AND NOT EXISTS (SELECT FROM {_FACT} WHERE patient_id = %s AND target = ANY(%s::uuid[]))
"""  # noqa: S608
_AT_ONCE = f"""
    WITH head AS (
        {_HEAD} {{none_is_known}} RETURNING id AS patient_id
    ), stored AS (
        INSERT INTO {_FACT} (patient_id, {_names(_COLUMNS)})
        SELECT head.patient_id, {_names(_COLUMNS, "sent.")}
        FROM head CROSS JOIN json_to_recordset(%s::json) AS sent({_record(_COLUMNS)})
    ), summarised AS (
        INSERT INTO {_DAY} AS kept (patient_id, {_names(_DAY_COLUMNS)})
        SELECT head.patient_id, {_names(_DAY_COLUMNS, "told.")}
        FROM head CROSS JOIN json_to_recordset(%s::json) AS told({_record(_DAY_COLUMNS)})
        ON CONFLICT (patient_id, local_date, site)
            DO UPDATE SET {_ADDED}, worst = greatest(kept.worst, excluded.worst)
    )
    SELECT patient_id FROM head
"""  # noqa: S608  (names of our own columns)
_ASKED = _AT_ONCE.format(none_is_known="")
_ASKING = _AT_ONCE.format(none_is_known=_NONE_IS_KNOWN)


def _by_one_statement(
    patient_id: UUID,
    held_rev: int,
    facts: Sequence[Arrival],
    days: Sequence[DayTold],
    are_new: bool,
    now: datetime,
) -> bool:
    latest = _latest(facts, now)
    head = [len(facts), now, latest, latest, patient_id, held_rev]
    told = [_json(facts), _json(days)]
    if are_new:
        return bool(rows_of(_ASKED, [*head, *told]))
    named = as_array([fact.id for fact in facts])
    return bool(rows_of(_ASKING, [*head, patient_id, named, patient_id, named, *told]))


def _json(rows: Sequence[msgspec.Struct]) -> str:
    return msgspec.json.encode(rows).decode()


def _latest(facts: Sequence[Arrival], now: datetime) -> datetime:
    # A phone whose clock runs ahead must not hide her silence later: receipt bounds the claim.
    return min(max(fact.occurred_at for fact in facts), now)


_RAISE = f"""
    {_HEAD}
        AND NOT EXISTS (SELECT 1 FROM {_FACT} WHERE patient_id = %s
            AND id IN (SELECT value FROM json_each(%s)))
        AND NOT EXISTS (SELECT 1 FROM {_FACT} WHERE patient_id = %s
            AND target IN (SELECT value FROM json_each(%s)))
    RETURNING id
"""  # noqa: S608
_OWN = ("patient_id", *_COLUMNS)
_INSERT = f"INSERT INTO {_FACT} ({_names(_OWN)}) VALUES ({', '.join(['%s'] * len(_OWN))})"  # noqa: S608
_ADD = f"""
    INSERT INTO {_DAY} AS kept (patient_id, {_names(_DAY_COLUMNS)})
    VALUES ({", ".join(["%s"] * (1 + len(_DAY_COLUMNS)))})
    ON CONFLICT (patient_id, local_date, site) DO UPDATE SET {_ADDED},
        worst = max(coalesce(kept.worst, excluded.worst), excluded.worst)
"""  # noqa: S608


def _by_several(
    patient_id: UUID,
    held_rev: int,
    facts: Sequence[Arrival],
    days: Sequence[DayTold],
    _are_new: bool,
    now: datetime,
) -> bool:
    who, latest = patient_id.hex, naive(_latest(facts, now))
    named = json.dumps([fact.id.hex for fact in facts])
    head = [len(facts), naive(now), latest, latest, who, held_rev, who, named, who, named]
    with transaction.atomic():
        if not rows_of(_RAISE, head):
            return False
        with connection.cursor() as cursor:
            cursor.executemany(_INSERT, [_values(fact, who) for fact in facts])
            cursor.executemany(_ADD, [_day_values(day, who) for day in days])
    return True


def _values(fact: Arrival, who: str) -> tuple[Any, ...]:
    # As Django's own fields write them: ids in 32 hex digits, instants in UTC without an offset.
    return (
        who,
        fact.id.hex,
        str(fact.type),
        fact.rev,
        naive(fact.occurred_at),
        fact.tz,
        fact.local_date.isoformat(),
        naive(fact.received_at),
        fact.date_disagrees,
        json.dumps(fact.data),
        fact.digest,
        fact.clock_skew_ms,
        None if fact.advice_alerts is None else json.dumps(fact.advice_alerts),
    )


def _day_values(day: DayTold, who: str) -> tuple[Any, ...]:
    _, *counts = msgspec.structs.astuple(day)
    return (who, day.local_date.isoformat(), *counts)
