"""Makes exports and keeps them for a while."""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from backend.accounts import audit, limits
from backend.accounts.models import Patient
from backend.accounts.revisions import PatientMissing
from backend.core.snapshots import snapshot
from exercises.reports.models import Export
from exercises.reports.record.archive import pack
from exercises.reports.record.rows import Say, quiet, read_record

# An export reads everything that there is of a patient; nobody needs ten of them a day.
ALLOWED = limits.Limit(amount=10, seconds=24 * 3600)


class TooManyExports(Exception):
    """Ask again in `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__("too many exports")
        self.seconds = seconds


def make_export(*, patient_id: UUID, now: datetime) -> Export:
    """Makes the export of all that there is of a patient, and keeps it until it expires.

    Raises `TooManyExports`, and `PatientMissing` for one who was erased meanwhile.
    """
    wait = limits.take(name=f"export:{patient_id}", limit=ALLOWED, now=now)
    if wait:
        raise TooManyExports(wait)
    file = archive_of(patient_id=patient_id, now=now)
    with transaction.atomic():
        if not Patient.objects.select_for_update().filter(pk=patient_id).exists():
            raise PatientMissing
        audit.record(actor_id=patient_id, action="export.made", patient_id=patient_id, now=now)
        return Export.objects.create(
            patient_id=patient_id,
            made_at=now,
            expires_at=now + timedelta(days=settings.KEEP_DAYS.exports),
            file=file,
            size=len(file),
            sha256=hashlib.sha256(file).hexdigest(),
        )


def archive_of(*, patient_id: UUID, now: datetime, say: Say = quiet) -> bytes:
    """The archive (zip) of one state of the record; nothing is written."""
    with snapshot():
        record, traces = read_record(patient_id, now=now, say=say)
    return pack(record, traces, now)


def export_of(*, patient_id: UUID, export_id: UUID, now: datetime) -> Export | None:
    """An export of hers that has not expired, without its file."""
    mine = Export.objects.filter(patient=patient_id, pk=export_id, expires_at__gt=now)
    return mine.defer("file").first()


def prune(*, now: datetime) -> int:
    """Removes exports that have expired; how many."""
    removed, _ = Export.objects.filter(expires_at__lte=now).delete()
    return removed
