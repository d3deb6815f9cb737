"""A patient's rows, read by the table of all columns, as plain JSON values.

A row is named as other rows name it: people, clinics and most rows by their UUID, some by a field or
a number of the export's own. Numbers that only this database knows are not in it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db.models import ForeignKey, Model

from backend.accounts.models import Clinic, Patient, User
from exercises.reports.record.listing import Kind, Listing, listing

FORMAT, VERSION = "stepwise-record", 1
Row = dict[str, Any]
Say = Callable[[str, int, int], None]


def read_record(patient_id: UUID, *, now: datetime, say: Say) -> tuple[Row, Row]:
    """What moves with the patient, and what happened on this server, each as a document.

    `say(name, number, of)` is told of each table. The caller sees to it that all of it is read from
    one state of the database.
    """
    found = listing()
    reader = _Reader(found, patient_id, say)
    record, known = reader.tables(found.record), reader.known()
    traces = reader.tables(found.traces)
    head = {
        "version": VERSION,
        "made_at": now,
        "product": settings.SERVER_VERSION,
        "patient": patient_id,
    }
    return (
        _plain({"format": FORMAT, **head, **known, "record": record}),
        _plain({"format": "stepwise-traces", **head, **reader.known(), "traces": traces}),
    )


class _Reader:
    def __init__(self, found: Listing, patient_id: UUID, say: Say) -> None:
        self._listing = found
        self._patient_id = patient_id
        self._say = say
        self._done = 0
        self._names: dict[str, dict[Any, Any]] = {}
        self._people: set[UUID] = set()
        self._clinics: set[UUID] = set()

    def tables(self, kinds: Mapping[str, Kind]) -> dict[str, list[Row]]:
        """The rows of each kind, sorted."""
        return {name: self._table(name, kind) for name, kind in kinds.items()}

    def known(self) -> dict[str, list[Any]]:
        """Whom and which clinics the tables read so far speak of, beside the patient herself."""
        others = self._people - {self._patient_id}
        people = User.objects.filter(pk__in=others).order_by("pk").values("id", "name")
        clinics = Clinic.objects.filter(pk__in=self._clinics).order_by("pk")
        return {"people": list(people), "clinics": list(clinics.values("id", "name", "time_zone"))}

    def _table(self, name: str, kind: Kind) -> list[Row]:
        self._done += 1
        self._say(name, self._done, len(self._listing.record) + len(self._listing.traces))
        columns = _Columns(kind)
        rows = kind.table._base_manager.filter(kind.of(self._patient_id)).order_by(*kind.order)
        made = []
        for number, (pk, *values) in enumerate(rows.values_list("pk", *columns.attributes), 1):
            row = dict(zip(kind.fields, values, strict=True))
            self._resolve(row, kind, columns)
            if kind.numbered:
                row = {"number": number, **row}
            self._remember(kind, pk, row)
            made.append(row)
        return made

    def _resolve(self, row: Row, kind: Kind, columns: "_Columns") -> None:
        self._people.update(row[name] for name in kind.people if row[name])
        for name, target in columns.foreign.items():
            held = row[name]
            if held is None:
                continue
            if target is User:
                self._people.add(held)
            elif target is Clinic:
                self._clinics.add(held)
            elif (names := self._names.get(target._meta.label)) is not None:
                row[name] = names[held]

    def _remember(self, kind: Kind, pk: Any, row: Row) -> None:
        if kind.numbered or kind.key != "pk":
            names = self._names.setdefault(kind.model, {})
            names[pk] = row["number"] if kind.numbered else row[kind.key]


class _Columns:
    """The columns of a kind, by name and as the database has them."""

    def __init__(self, kind: Kind) -> None:
        self._fields = [kind.table._meta.get_field(name) for name in kind.fields]

    @cached_property
    def attributes(self) -> list[str]:
        return [field.attname for field in self._fields if hasattr(field, "attname")]

    @cached_property
    def foreign(self) -> dict[str, type[Model]]:
        """The model to which each foreign key leads; the patient's own rows name her by her id."""
        return {
            field.name: field.related_model
            for field in self._fields
            if isinstance(field, ForeignKey)
            and isinstance(field.related_model, type)
            and field.related_model is not Patient
        }


def _plain(document: Row) -> Row:
    plain: Row = msgspec.to_builtins(document)
    return plain


def quiet(_name: str, _number: int, _of: int) -> None:
    """Says nothing."""
