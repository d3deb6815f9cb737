"""Everything of one patient in one line, the newest first, a page at a time.

Each kind of row is a source that is read by its own index, at most a page of it, so that the cost of
a page does not follow the length of the history. The order is by instant, then by source, then by
row: a page starts behind the last entry of the one before it, so that what arrives in between moves
nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast, get_args
from uuid import UUID

from django.db.models import Q, QuerySet

from backend.accounts.models import Patient
from backend.core.localtime import day_bounds
from exercises.tracking import selectors as tracking
from exercises.tracking.models import Fact, FactType
from exercises.triage.history.sources import SOURCES, Source
from exercises.triage.history.wire import Kind
from exercises.triage.sharing import without_notes

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Filters:
    """Which kinds, and of which local dates of the patient (both included; None: no bound)."""

    kinds: tuple[Kind, ...] = KINDS
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Key:
    """The place of an entry in the order."""

    at: datetime
    rank: int
    pk: str

    @classmethod
    def read(cls, written: Sequence[Any]) -> "Key":
        """A key that a cursor holds."""
        at, rank, pk = written
        return cls(datetime.fromisoformat(at), int(rank), str(pk))

    def written(self) -> tuple[str, int, str]:
        """The key as a cursor holds it."""
        return self.at.isoformat(), self.rank, self.pk


@dataclass(frozen=True)
class Entry:
    """A row of a source, on the timeline at `at`. `target` is the report that a withdrawal speaks
    of, where it is known."""

    at: datetime
    source: Source
    row: Any
    target: Fact | None = None

    @property
    def key(self) -> Key:
        """Where it stands."""
        return Key(self.at, SOURCES.index(self.source), str(self.row.pk))


@dataclass(frozen=True)
class Shown:
    """A page of entries, and the key that the next page starts behind; None on the last."""

    entries: tuple[Entry, ...]
    next: Key | None


def timeline(
    patient: Patient, filters: Filters, *, after: Key | None, limit: int, notes: bool
) -> Shown:
    """The `limit` entries of `patient` (with her user) behind `after`, or the newest; one query a
    source. `notes`: whether her own words may be seen."""
    zone = patient.user.time_zone
    found = [
        entry
        for rank, source in enumerate(SOURCES)
        if source.kind in filters.kinds
        for entry in _entries(source, rank, patient.pk, filters, zone, after, limit + 1)
    ]
    found.sort(key=lambda entry: (entry.at, -entry.key.rank, _order(entry.row.pk)), reverse=True)
    shown = found[:limit]
    more = shown[-1].key if len(found) > limit else None
    return Shown(tuple(_told(patient.pk, shown, notes=notes)), more)


def _entries(
    source: Source,
    rank: int,
    patient_id: UUID,
    filters: Filters,
    zone: str,
    after: Key | None,
    limit: int,
) -> Iterator[Entry]:
    rows = source.rows(patient_id).filter(**{f"{source.at}__isnull": False})
    rows = _within(rows, source.at, filters, zone)
    if after is not None:
        rows = rows.filter(_behind(source.at, rank, after))
    for row in rows.order_by(f"-{source.at}", "-pk")[:limit]:
        yield Entry(cast(datetime, getattr(row, source.at)), source, row)


def _within(rows: QuerySet[Any], at: str, filters: Filters, zone: str) -> QuerySet[Any]:
    if filters.first is not None:
        rows = rows.filter(**{f"{at}__gte": day_bounds(filters.first, zone)[0]})
    if filters.last is not None:
        rows = rows.filter(**{f"{at}__lt": day_bounds(filters.last, zone)[1]})
    return rows


def _behind(at: str, rank: int, after: Key) -> Q:
    earlier = Q(**{f"{at}__lt": after.at})
    if rank < after.rank:
        return earlier
    same = Q(**{at: after.at})
    return earlier | (same if rank > after.rank else same & Q(pk__lt=after.pk))


def _order(pk: object) -> tuple[int, str]:
    # Numbers by size, UUIDs as both databases sort them; a source has one sort of key.
    return (pk, "") if isinstance(pk, int) else (0, str(pk))


def _told(patient_id: UUID, entries: Sequence[Entry], *, notes: bool) -> Iterator[Entry]:
    facts = {entry.row.target for entry in entries if _withdraws(entry.row)}
    targets = tracking.facts_by_id(patient_id, facts) if facts else {}
    for entry in entries:
        row = entry.row
        if isinstance(row, Fact) and not notes:
            [row] = without_notes([row])
        target = targets.get(row.target) if _withdraws(row) else None
        yield replace(entry, row=row, target=target)


def _withdraws(row: object) -> bool:
    return isinstance(row, Fact) and row.type == FactType.RETRACTION
