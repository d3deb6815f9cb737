"""What changed in a record since a revision, in order; every kind of object is a `Source`.

Each object carries the revision of its last change, so there is no second list of changes that could
miss one. The head is read before anything else and bounds all that follows: what is committed
meanwhile takes a higher revision, and comes with the next pull (see docs/adr/0011). A page costs
three statements where every source is a `Reading`, whatever the record holds (docs/adr/0038).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from msgspec import Struct

from backend.accounts.models import Patient
from backend.accounts.readers import Reader
from backend.core.prepared import rows_of
from backend.core.together import Part, read_together
from exercises.sync.checksum import Checksum, checksum

HEX_DIGITS = 32
_REV = attrgetter("rev")
NO_LIMIT = 2**62
# Stand for the values with which a remembered statement is run; no record has them.
_PATIENT = UUID(int=0xFEED << 64)
_AFTER, _HEAD = 2**61 + 1, 2**61 + 2


class Change(Struct, frozen=True, gc=False):
    """One object as it is since the revision `rev`, as JSON ready to be sent."""

    rev: int
    encoded: str


@dataclass(frozen=True)
class Window:
    """The changes asked of a source: revisions in (`after`, `upto`], texts for `reader`."""

    patient: Patient
    reader: Reader
    after: int
    upto: int


@dataclass(frozen=True)
class Reading:
    """A source whose changes need rows of few objects: `parts` are read together with those of the
    other sources, in one statement, and `words` makes changes of them."""

    parts: Callable[[Window], Sequence[Part]]
    words: Callable[[Window, Sequence[list[Any]]], Iterable[Change]]


@dataclass(frozen=True)
class Bulk:
    """A source that finds and words its own first changes of a window, so many at most, in order."""

    first: Callable[[Window, int], Sequence[Change]]


@dataclass(frozen=True)
class Source:
    """One table of the record. `rows` are the patient's, `rev` and `object` the columns of revision
    and id, `entity` its name (or the column that holds it), `gone` says which are tombstones.

    `load` gives the changes of a window; a `Bulk`, of which there is much, is asked at once for as
    many as go on a page, the others only where they have any."""

    name: str
    rows: Callable[[UUID], QuerySet[Any]]
    load: Bulk | Reading | Callable[[Window], Iterable[Change]]
    entity: str | Combinable = ""
    rev: str = "rev"
    object: str = "id"
    gone: Q | None = None


@dataclass(frozen=True)
class Page:
    """Some changes in order, the revision of the last of them, and whether there are more."""

    changes: Sequence[Change]
    last: int
    more: bool


_SOURCES: dict[str, Source] = {}


def register(source: Source) -> None:
    """Adds a source to every pull; registering the same again changes nothing."""
    if _SOURCES.setdefault(source.name, source) != source:
        raise ValueError(f"Two sources are called {source.name}.")


def registered() -> tuple[Source, ...]:
    """All sources."""
    return tuple(_SOURCES.values())


def page(*, patient: Patient, reader: Reader, after: int, head: int, limit: int) -> Page:
    """The first `limit` changes after the revision `after`; `head` was read before."""
    if after >= head:
        return Page((), after, more=False)
    whole = Window(patient, reader, after, head)
    bulk = [
        change
        for source in registered()
        if isinstance(source.load, Bulk)
        for change in source.load.first(whole, limit + 1)
    ]
    found = _first_revisions(patient.pk, after, head, limit + 1)
    revisions = sorted([*map(_REV, bulk), *(rev for _name, rev in found)])
    last = revisions[:limit][-1] if revisions else after
    # Were one revision ever given to two rows, they would still go out together.
    changed = dict.fromkeys(name for name, rev in found if rev <= last)
    others = _loaded([_SOURCES[name] for name in changed], Window(patient, reader, after, last))
    changes = [*(change for change in bulk if change.rev <= last), *others]
    return Page(sorted(changes, key=_REV), last, more=len(revisions) > limit)


def _loaded(sources: Iterable[Source], window: Window) -> list[Change]:
    changes: list[Change] = []
    readings = []
    for source in sources:
        if isinstance(source.load, Reading):
            readings.append(source.load)
        elif not isinstance(source.load, Bulk):
            changes += source.load(window)
    return changes + _read(readings, window)


def _read(readings: Sequence[Reading], window: Window) -> list[Change]:
    asked = [reading.parts(window) for reading in readings]
    rows = iter(read_together(*(part for parts in asked for part in parts)) if asked else ())
    changes: list[Change] = []
    for reading, parts in zip(readings, asked, strict=True):
        changes += reading.words(window, [*islice(rows, len(parts))])
    return changes


def _first_revisions(patient_id: UUID, after: int, head: int, most: int) -> list[tuple[str, int]]:
    """Source and revision of the first changes in (`after`, `head`] of all but the bulk; one
    query."""
    statement = _remembered(connection.vendor, len(_SOURCES), _changed)
    return statement.rows(patient_id, after, head, most)


def held(patient_id: UUID, head: int, *, but: str = "") -> Checksum:
    """The checksum of every object that stands at `head`, but for those of the source `but`; one
    query."""
    statement = _remembered(connection.vendor, len(_SOURCES), _standing, but)
    found = statement.rows(patient_id, 0, head, NO_LIMIT)
    return checksum((entity, hyphenated(id_), rev) for entity, id_, rev in found)


def _changed(source: Source) -> QuerySet[Any] | None:
    if isinstance(source.load, Bulk):
        return None
    found: QuerySet[Any] = (
        source.rows(_PATIENT)
        .filter(**{f"{source.rev}__gt": _AFTER, f"{source.rev}__lte": _HEAD})
        .order_by()
        .annotate(feed_source=Value(source.name), feed_rev=F(source.rev))
        .values_list("feed_source", "feed_rev")
    )
    return found


def _standing(source: Source) -> QuerySet[Any]:
    found: QuerySet[Any] = (
        source.rows(_PATIENT)
        .filter(~source.gone if source.gone else Q(), **{f"{source.rev}__lte": _HEAD})
        .order_by()
        .annotate(
            feed_entity=Value(source.entity) if isinstance(source.entity, str) else source.entity,
            feed_object=Cast(source.object, TextField()),
            feed_rev=F(source.rev),
        )
        .values_list("feed_entity", "feed_object", "feed_rev")
    )
    return found


@dataclass(frozen=True)
class _Statement:
    """The SQL that Django makes of all sources, built once: a pull is mostly two of these."""

    sql: str
    params: tuple[object, ...]

    def rows(self, patient_id: UUID, after: int, head: int, most: int) -> list[Any]:
        """What the database answers for these values."""
        number = connection.ops.adapt_integerfield_value
        numbers = {_AFTER: after, _HEAD: head}
        bound: dict[object, Any] = {
            value: number(n, "BigIntegerField") for value, n in numbers.items()
        }
        bound[adapted(_PATIENT)] = adapted(patient_id)
        return rows_of(self.sql, [*(bound.get(p, p) for p in self.params), most])


@cache
def _remembered(
    _vendor: str, _sources: int, part: Callable[[Source], QuerySet[Any] | None], but: str = ""
) -> _Statement:
    asked = [part(source) for source in registered() if source.name != but]
    parts = [rows for rows in asked if rows is not None]
    whole = parts[0].union(*parts[1:], all=True).order_by("feed_rev")
    sql, params = whole.query.get_compiler(connection=connection).as_sql()
    return _Statement(f"{sql} LIMIT %s", tuple(params))


def adapted(patient_id: UUID) -> Any:
    """A patient's id as the database's driver takes it."""
    return patient_id if connection.features.has_native_uuid_field else patient_id.hex


def hyphenated(object_id: str) -> str:
    """An id as it travels; SQLite keeps 32 hexadecimal digits."""
    if len(object_id) != HEX_DIGITS:
        return object_id
    parts = object_id[:8], object_id[8:12], object_id[12:16], object_id[16:20], object_id[20:]
    return "-".join(parts)
