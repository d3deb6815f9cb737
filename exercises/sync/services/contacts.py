"""When which device was heard of: for support, and for "not synced since"."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from backend.accounts.models import Patient
from backend.accounts.revisions import note_sync
from backend.core.compiled import compiled
from exercises.sync.models import Device

# A device that is heard of again so soon is not written down again: a push that is sent twice, and
# a pull of many pages, cost no write.
SOON = timedelta(minutes=1)
MOST_DEVICES = 20


def note_push(
    *, patient: Patient, device: str, app_version: str, skew_ms: int, now: datetime
) -> None:
    """This device has pushed."""
    row = _device(patient, device, now)
    is_news = row.last_push_at is None or now - row.last_push_at >= SOON
    if is_news or (app_version and row.app_version != app_version):
        row.app_version = app_version or row.app_version
        row.clock_skew_ms, row.last_push_at, row.last_seen_at = skew_ms, now, now
        row.save(update_fields=["app_version", "clock_skew_ms", "last_push_at", "last_seen_at"])
        note_sync(patient.pk, now=now)


def note_pull(*, patient: Patient, device: str, held_rev: int, now: datetime) -> None:
    """This device has pulled, and holds the record up to the revision `held_rev`."""
    row = _device(patient, device, now)
    is_news = row.last_pull_at is None or now - row.last_pull_at >= SOON
    if is_news or row.pulled_rev != held_rev:
        row.pulled_rev, row.last_pull_at, row.last_seen_at = held_rev, now, now
        row.save(update_fields=["pulled_rev", "last_pull_at", "last_seen_at"])
        note_sync(patient.pk, now=now)


def _device(patient: Patient, name: str, now: datetime) -> Device:
    found = _devices.first(patient.pk, name)
    if found is not None:
        return found
    row, is_new = Device.objects.get_or_create(
        patient=patient, name=name, defaults={"first_seen_at": now, "last_seen_at": now}
    )
    if is_new:
        _forget_the_longest_silent(patient)
    return row


def _forget_the_longest_silent(patient: Patient) -> None:
    kept = Device.objects.filter(patient=patient).order_by("-last_seen_at", "-id")
    silent = [*kept.values_list("pk", flat=True)[MOST_DEVICES:]]
    if silent:
        Device.objects.filter(pk__in=silent).delete()


@compiled
def _devices(patient_id: UUID, name: str) -> QuerySet[Device]:
    return Device.objects.filter(patient_id=patient_id, name=name)
