"""When which device was heard of: for support, and for "not synced since".

A contact is one statement, which writes only where it says something new; it is none where this
process said the same a moment ago.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from backend.accounts.models import Patient
from backend.accounts.revisions import note_sync
from backend.core.prepared import rows_of
from exercises.sync.models import Device

# A device that is heard of again so soon is not written down again: a push that is sent twice, and
# a pull of many pages, cost no write.
SOON = timedelta(minutes=1)
MOST_DEVICES = 20
MOST_REMEMBERED = 5000

# What is known already is looked for first: an insert that meets its row would lock it.
_PUSHED = """
    INSERT INTO sync_device (patient_id, name, app_version, clock_skew_ms, pulled_rev,
                             first_seen_at, last_seen_at, last_push_at)
    SELECT %s, %s, %s, %s, 0, %s, %s, %s
    WHERE NOT EXISTS (
        SELECT 1 FROM sync_device
        WHERE patient_id = %s AND name = %s AND last_push_at > %s AND (%s = '' OR app_version = %s)
    )
    ON CONFLICT (patient_id, name) DO UPDATE
    SET app_version = CASE WHEN excluded.app_version = '' THEN sync_device.app_version
                      ELSE excluded.app_version END,
        clock_skew_ms = excluded.clock_skew_ms,
        last_seen_at = excluded.last_seen_at,
        last_push_at = excluded.last_push_at
    RETURNING first_seen_at = last_seen_at
"""
_PULLED = """
    INSERT INTO sync_device (patient_id, name, app_version, pulled_rev,
                             first_seen_at, last_seen_at, last_pull_at)
    SELECT %s, %s, '', %s, %s, %s, %s
    WHERE NOT EXISTS (
        SELECT 1 FROM sync_device
        WHERE patient_id = %s AND name = %s AND last_pull_at > %s AND pulled_rev = %s
    )
    ON CONFLICT (patient_id, name) DO UPDATE
    SET pulled_rev = excluded.pulled_rev,
        last_seen_at = excluded.last_seen_at,
        last_pull_at = excluded.last_pull_at
    RETURNING first_seen_at = last_seen_at
"""

Contact = tuple[UUID, str, str]
# What this process wrote down last of a patient's device and a kind of contact: when, and what was
# said. Another process may have written the same; then the statement finds that it is known.
_written: dict[Contact, tuple[datetime, object]] = {}


def note_push(
    *,
    patient: Patient,
    device: str,
    app_version: str,
    skew_ms: int,
    now: datetime,
    is_heard: bool = False,
) -> None:
    """This device has pushed. With `is_heard`, the reports in the push have told already that the
    patient's phone was heard of now."""
    contact = (patient.pk, device, "push")
    if _is_known(contact, app_version, now):
        return
    owner, at, since = _as_stored(patient.pk, now)
    said = [owner, device, app_version, skew_ms, at, at, at]
    rows = rows_of(_PUSHED, [*said, owner, device, since, app_version, app_version])
    if rows:
        _remember(patient, contact, app_version, now, is_new=rows[0][0])
        if not is_heard:
            note_sync(patient.pk, now=now)


def note_pull(*, patient: Patient, device: str, held_rev: int, now: datetime) -> None:
    """This device has pulled, and holds the record up to the revision `held_rev`."""
    contact = (patient.pk, device, "pull")
    if _is_known(contact, held_rev, now):
        return
    owner, at, since = _as_stored(patient.pk, now)
    said = [owner, device, held_rev, at, at, at]
    rows = rows_of(_PULLED, [*said, owner, device, since, held_rev])
    if rows:
        _remember(patient, contact, held_rev, now, is_new=rows[0][0])
        note_sync(patient.pk, now=now)


def _is_known(contact: Contact, said: object, now: datetime) -> bool:
    at, before = _written.get(contact, (None, None))
    # A phone need not say its version each time.
    return at is not None and now - at < SOON and said in ("", before)


def _remember(
    patient: Patient, contact: Contact, said: object, now: datetime, *, is_new: bool
) -> None:
    if len(_written) >= MOST_REMEMBERED:
        _written.clear()
    _written[contact] = (now, said)
    if is_new:
        _forget_the_longest_silent(patient)


def _forget_the_longest_silent(patient: Patient) -> None:
    kept = Device.objects.filter(patient=patient).order_by("-last_seen_at", "-id")
    silent = [*kept.values_list("pk", flat=True)[MOST_DEVICES:]]
    if silent:
        Device.objects.filter(pk__in=silent).delete()


def _as_stored(patient_id: UUID, now: datetime) -> tuple[Any, Any, Any]:
    """The patient's id, the instant, and the one until which another contact was lately."""
    adapt = connection.ops.adapt_datetimefield_value
    owner = Patient._meta.pk.get_db_prep_value(patient_id, connection)
    return owner, adapt(now), adapt(now - SOON)
