"""The per-patient revision: the lock that makes commit order and revision order the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from backend.accounts.models import Patient
from backend.core.crashpoints import reached
from backend.core.prepared import rows_of

_RAISE = "UPDATE accounts_patient SET rev = rev + %s WHERE id = %s RETURNING rev"
_NOTE = """
    UPDATE accounts_patient
    SET last_synced_at = %s,
        last_report_at = CASE WHEN last_report_at >= %s THEN last_report_at ELSE %s END
    WHERE id = %s
"""
_NOTE_SYNC = """
    UPDATE accounts_patient SET last_synced_at = %s
    WHERE id = %s AND (last_synced_at IS NULL OR last_synced_at < %s)
"""


class PatientMissing(Exception):
    """There is no such patient (erased, perhaps, while the request was on its way)."""


class Revision:
    """Numbers for the rows that one transaction writes; `take()` gives each row its own."""

    def __init__(self, patient_id: UUID, first: int) -> None:
        self.patient_id = patient_id
        self._first = first
        self._next = first

    def take(self) -> int:
        """The next number; strictly rising in commit order within the patient."""
        number = self._next
        self._next += 1
        return number

    @property
    def last(self) -> int:
        """The highest number taken so far, or the one held by the lock if none was."""
        return max(self._next - 1, self._first)


@contextmanager
def revision(patient_id: UUID, *, room: int = 1) -> Iterator[Revision]:
    """One transaction that writes to a patient's record.

    Its first statement raises the patient's revision and so takes her row until the commit: two
    writers of one patient wait for each other, and a reader who has seen revision n will never
    find a lower one appear later. `room` is how many numbers will be taken, where that is known;
    taking more costs a second statement, taking fewer leaves a gap, which harms nobody.
    """
    reached("record.before_lock")
    with transaction.atomic():
        rows = rows_of(_RAISE, [room, _as_stored(patient_id)])
        if not rows:
            raise PatientMissing
        (row,) = rows
        rev = Revision(patient_id, row[0] - room + 1)
        reached("record.after_lock")
        yield rev
        if rev.last > row[0]:
            Patient.objects.filter(pk=patient_id).update(rev=rev.last)
        reached("record.before_commit")
    reached("record.after_commit")


def note_report(patient_id: UUID, *, at: datetime, now: datetime) -> None:
    """The patient's phone was heard of now, with a report of the instant `at`."""
    adapt = connection.ops.adapt_datetimefield_value
    latest = adapt(at)
    rows_of(_NOTE, [adapt(now), latest, latest, _as_stored(patient_id)])


def note_sync(patient_id: UUID, *, now: datetime) -> None:
    """The patient's phone was heard of now; where that is known already, nothing is written."""
    at = connection.ops.adapt_datetimefield_value(now)
    rows_of(_NOTE_SYNC, [at, _as_stored(patient_id), at])


def _as_stored(patient_id: UUID) -> Any:
    return Patient._meta.pk.get_db_prep_value(patient_id, connection)
