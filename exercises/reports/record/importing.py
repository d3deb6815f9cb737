"""Brings the record of an export into this database, as it was: an export of it says the same again.

Every id stays: the person's, and of all that is hers. People and clinics of whom the record speaks
and whom nobody knows here come as names: such a person cannot sign in and works nowhere. Nobody gets
to see the record by an import: care that somebody of this server would still give ends with it, and
begins again with an invitation.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Field, ForeignKey, Model

from backend.accounts import audit
from backend.accounts.erasures import ledger
from backend.accounts.models import CareRelationship, Clinic, Patient, User
from exercises.reports.record.listing import Kind, listing
from exercises.reports.record.rows import Row, Say, quiet
from exercises.reports.record.unpacking import NotAnExport

AT_ONCE = 500


class AlreadyHere(Exception):
    """There is a person with this id or e-mail address."""


@dataclass(frozen=True, kw_only=True)
class Imported:
    """Who was brought here, with how many rows; `ended_care` is the number of care relationships
    that ended with it."""

    patient_id: UUID
    rows: int
    ended_care: int


def import_record(*, document: dict[str, Any], now: datetime, say: Say = quiet) -> Imported:
    """Writes the record, all of it or nothing.

    Raises `NotAnExport`, `AlreadyHere`, and `ledger.LedgerUnwritable`: who was erased here before
    and comes back must not be erased again after a restore.
    """
    patient_id = _id_of(document)
    with transaction.atomic():
        _refuse_known(patient_id, document)
        care_ended = _strangers(document, now)
        rows = _Writer(document, say).write()
        ended = CareRelationship.objects.filter(
            patient=patient_id, ended_at=None, therapist__in=care_ended
        ).update(ended_at=now)
        Patient.objects.filter(pk=patient_id).update(life=secrets.token_hex(8))
        audit.record(actor_id=None, action="record.imported", patient_id=patient_id, now=now)
        # Should the commit fail, `settle` finds that nobody came back.
        ledger.ask(subject=patient_id, what="import", now=now)
    return Imported(patient_id=patient_id, rows=rows, ended_care=ended)


def _id_of(document: dict[str, Any]) -> UUID:
    try:
        patient_id = UUID(document["patient"])
        accounts = [UUID(row["id"]) for row in document["record"]["account"]]
        patients = [UUID(row["id"]) for row in document["record"]["patient"]]
    except (KeyError, TypeError, ValueError):
        raise NotAnExport("The export names no patient.") from None
    if accounts != [patient_id] or patients != [patient_id]:
        raise NotAnExport("The export holds another person than it says.")
    return patient_id


def _refuse_known(patient_id: UUID, document: dict[str, Any]) -> None:
    email = str(document["record"]["account"][0].get("email", ""))
    if User.objects.filter(pk=patient_id).exists():
        raise AlreadyHere(f"The person {patient_id} is here already.")
    if User.objects.filter(email=email.lower()).exists():
        raise AlreadyHere("Somebody with this e-mail address is here already.")


def _strangers(document: dict[str, Any], now: datetime) -> list[UUID]:
    """Adds whom nobody knows here; the ids of those who were here before."""
    try:
        people = {UUID(row["id"]): str(row["name"])[:200] for row in document["people"]}
        clinics = {UUID(row["id"]): row for row in document["clinics"]}
    except (KeyError, TypeError, ValueError):
        raise NotAnExport("The export names people or clinics without an id.") from None
    known = [*User.objects.filter(pk__in=people).values_list("pk", flat=True)]
    User.objects.bulk_create(
        User(
            id=one,
            email=f"{one}@imported.invalid",
            name=people[one],
            password=make_password(None),
            is_active=False,
            joined_at=now,
        )
        for one in people
        if one not in known
    )
    held = set(Clinic.objects.filter(pk__in=clinics).values_list("pk", flat=True))
    Clinic.objects.bulk_create(
        Clinic(id=one, name=row["name"], time_zone=row["time_zone"], created_at=now)
        for one, row in clinics.items()
        if one not in held
    )
    return known


class _Writer:
    def __init__(self, document: dict[str, Any], say: Say) -> None:
        self._tables: dict[str, list[Row]] = document["record"]
        self._patient_id = UUID(document["patient"])
        self._say = say
        # How the rows of a model are named in the export, and which they are here.
        self._known: dict[str, dict[Any, Any]] = {
            "accounts.User": {row["id"]: UUID(row["id"]) for row in document["people"]},
            "accounts.Clinic": {row["id"]: UUID(row["id"]) for row in document["clinics"]},
        }

    def write(self) -> int:
        """Every table in its order; how many rows."""
        kinds = listing().record
        if unknown := sorted(set(self._tables) - set(kinds)):
            raise NotAnExport(f"This server does not know {unknown[0]}: update Stepwise first.")
        written = 0
        for number, (name, kind) in enumerate(kinds.items(), 1):
            self._say(name, number, len(kinds))
            written += self._table(name, kind, self._tables.get(name, []))
        self._refuse_others_rows()
        return written

    def _refuse_others_rows(self) -> None:
        # There was no row of hers before: as many as were written must be there now.
        for name, kind in listing().record.items():
            hers = kind.table._base_manager.filter(kind.of(self._patient_id)).count()
            if hers != len(self._tables.get(name, [])):
                raise NotAnExport(f"A row of {name} is somebody else's. Nothing was imported.")

    def _table(self, name: str, kind: Kind, rows: list[Row]) -> int:
        try:
            self._note_names(kind, rows)
            made = [self._row(kind, row) for row in rows]
            saved = kind.table._base_manager.bulk_create(made, batch_size=AT_ONCE)
        except (ValidationError, IntegrityError, KeyError, TypeError, ValueError) as error:
            # The text of the error may quote her data.
            raise NotAnExport(
                f"A row of {name} does not fit: {type(error).__name__}. Nothing was imported."
            ) from None
        if kind.numbered or kind.key != "pk":
            key = "number" if kind.numbered else kind.key
            pairs = zip(rows, saved, strict=True)
            self._known[kind.model] = {str(row[key]): one.pk for row, one in pairs}
        return len(made)

    def _note_names(self, kind: Kind, rows: list[Row]) -> None:
        # Before the rows are made: one may point to another of its own table.
        pk: Any = kind.table._meta.pk
        if pk.name in kind.fields:
            known = self._known.setdefault(kind.model, {})
            known.update({row[pk.name]: pk.to_python(row[pk.name]) for row in rows})

    def _row(self, kind: Kind, row: Row) -> Model:
        named = {*kind.fields} | ({"number"} if kind.numbered else set())
        if set(row) - named:
            raise KeyError("unknown column")
        fields: list[Field[Any, Any]] = [
            field for field in kind.table._meta.local_concrete_fields if field.name in row
        ]
        values = {field.attname: self._value(field, row[field.name]) for field in fields}
        for field in kind.table._meta.local_concrete_fields:
            if field.name in kind.fields and field.name not in row and not field.has_default():
                raise KeyError("a column is missing")
        for name, form in kind.fresh.items():
            values[name] = form.format_map(row)
        return kind.table(**values, **_unusable(kind))

    def _value(self, field: Any, value: Any) -> Any:
        if value is None:
            if not field.null:
                raise ValueError("nothing where something must be")
            return None
        if isinstance(field, ForeignKey):
            return self._named(field, value)
        python = field.to_python(value)
        field.run_validators(python)
        if field.choices and python and python not in dict(field.flatchoices):
            raise ValueError("no choice of this column")
        return python

    def _named(self, field: Any, value: Any) -> Any:
        # Rows of a record point to rows of the same record, and to whom it names.
        return self._known[field.related_model._meta.label][str(value)]


def _unusable(kind: Kind) -> dict[str, str]:
    return {"password": make_password(None)} if kind.model == "accounts.User" else {}
