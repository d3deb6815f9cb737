"""What is known about a patient's sync, for her to send to support; no health data."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from msgspec import UNSET, UnsetType
from rest_framework.request import Request

from backend.accounts.doors import PatientDoor
from backend.accounts.models import Patient
from backend.core.api import respond
from backend.core.schema import describe
from backend.core.wire import Wire
from exercises.sync.models import Device
from exercises.sync.services.epochs import current_epoch
from exercises.sync.wire import Limits
from exercises.tracking.selectors import open_quarantine


class DeviceView(Wire, frozen=True, kw_only=True):
    """A device of this patient. `pulled_rev` is the revision up to which it said that it holds the
    record; `clock_skew_ms` the server's clock less its own, at its last push."""

    device_id: str
    app_version: str
    first_seen_at: datetime
    last_seen_at: datetime
    last_push_at: datetime | UnsetType = UNSET
    last_pull_at: datetime | UnsetType = UNSET
    pulled_rev: int
    clock_skew_ms: int | UnsetType = UNSET


class SyncStatus(Wire, frozen=True, kw_only=True):
    """Where sync stands: the head of the record, what waits to be repaired, and the devices."""

    patient: UUID
    epoch: UUID
    head: int
    pending_rejections: int
    last_push_at: datetime | UnsetType = UNSET
    last_pull_at: datetime | UnsetType = UNSET
    devices: list[DeviceView]
    limits: Limits
    server_version: str
    server_time: datetime


class Status(PatientDoor):
    @describe("Where sync stands", response=SyncStatus, errors=(401, 403), tags=("sync",))
    def get(self, request: Request) -> HttpResponse:
        patient_id = self.patient.pk
        devices = [*Device.objects.filter(patient=patient_id).order_by("-last_seen_at", "id")]
        pushed = [row.last_push_at for row in devices if row.last_push_at]
        pulled = [row.last_pull_at for row in devices if row.last_pull_at]
        return respond(
            SyncStatus(
                patient=patient_id,
                epoch=current_epoch(self.now),
                head=Patient.objects.values_list("rev", flat=True).get(pk=patient_id),
                pending_rejections=open_quarantine(patient_id).count(),
                last_push_at=max(pushed, default=UNSET),
                last_pull_at=max(pulled, default=UNSET),
                devices=[_view(row) for row in devices],
                limits=Limits(),
                server_version=settings.SERVER_VERSION,
                server_time=self.now,
            )
        )


def _view(row: Device) -> DeviceView:
    return DeviceView(
        device_id=row.name,
        app_version=row.app_version,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        last_push_at=row.last_push_at or UNSET,
        last_pull_at=row.last_pull_at or UNSET,
        pulled_rev=row.pulled_rev,
        clock_skew_ms=UNSET if row.clock_skew_ms is None else row.clock_skew_ms,
    )
