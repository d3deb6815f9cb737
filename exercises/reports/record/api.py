"""The doors of a patient's own complete export."""

import math
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from backend.accounts.doors import PatientDoor
from backend.core.api import respond
from backend.core.problems import Problem, not_found
from backend.core.schema import describe
from backend.core.wire import Instant, Wire
from exercises.reports.models import Export
from exercises.reports.record import exporting


class ExportView(Wire, frozen=True, kw_only=True):
    """An export: its file has `size` bytes and can be fetched until `expires_at`."""

    id: UUID
    made_at: Instant
    expires_at: Instant
    size: int
    sha256: str


class MyExports(PatientDoor):
    @describe(
        "Make an export of everything",
        response=ExportView,
        status=(201,),
        errors=(401, 403, 429),
        tags=("data rights",),
    )
    def post(self, _request: Request) -> HttpResponse:
        """The archive holds the whole record as JSON, CSV and FHIR R4 with their schemas, as it is
        now; `{id}/file` is the archive."""
        try:
            export = exporting.make_export(patient_id=self.patient.pk, now=self.now)
        except exporting.TooManyExports as error:
            raise _too_many(error.seconds) from None
        return respond(_view(export), status=201)


class MyExport(PatientDoor):
    @describe("One export", response=ExportView, errors=(401, 403, 404), tags=("data rights",))
    def get(self, _request: Request, export_id: UUID) -> HttpResponse:
        return respond(_view(self._export(export_id)))

    def _export(self, export_id: UUID) -> Export:
        found = exporting.export_of(patient_id=self.patient.pk, export_id=export_id, now=self.now)
        if found is None:
            raise not_found()
        return found


class MyExportFile(MyExport):
    @describe(
        "The archive of an export (zip)",
        media="application/zip",
        errors=(401, 403, 404),
        tags=("data rights",),
    )
    def get(self, _request: Request, export_id: UUID) -> HttpResponse:
        export = self._export(export_id)
        response = HttpResponse(bytes(export.file), content_type="application/zip")
        response["Cache-Control"] = "no-store"
        response["ETag"] = f'"{export.sha256[:32]}"'
        name = f"stepwise-{export.made_at:%Y-%m-%d}.zip"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def _view(export: Export) -> ExportView:
    return ExportView(
        id=export.pk,
        made_at=export.made_at,
        expires_at=export.expires_at,
        size=export.size,
        sha256=export.sha256,
    )


def _too_many(seconds: float) -> Problem:
    return Problem(
        429,
        "too_many_exports",
        "There were many exports today. Ask again later.",
        retry="later",
        headers={"Retry-After": str(max(1, math.ceil(seconds)))},
    )
