"""The door to the numbers by which one patient's trends are judged."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpResponse
from msgspec import UNSET, Meta, UnsetType
from rest_framework.request import Request

from backend.accounts.doors import TherapistDoor
from backend.core.api import respond
from backend.core.conditional import etag, match_named, stale
from backend.core.pointers import pointer_to
from backend.core.problems import FieldError
from backend.core.schema import describe
from backend.core.wire import PLAIN, ShortText, Wire, invalid
from exercises.triage.models import ThresholdSet
from exercises.triage.rules.pack import default_pack
from exercises.triage.selectors import thresholds_of
from exercises.triage.services.thresholds import ThresholdsChanged, TooLoose, set_thresholds
from exercises.triage.thresholds.offered import offered

SHOWN = 50
Values = Annotated[dict[ShortText, int], Meta(max_length=40)]


class ThresholdView(Wire, frozen=True, kw_only=True):
    """A number that may be set between `least` and `most`; one of them is the default, and the way
    to the other prompts earlier."""

    name: str
    label: str
    unit: str
    default: int
    least: int
    most: int
    value: int


class ThresholdChange(Wire, frozen=True, kw_only=True):
    """What was set once, by whom and why."""

    version: int
    values: dict[str, int]
    reason: str
    by: str | UnsetType = UNSET
    at: datetime


class Thresholds(Wire, frozen=True, kw_only=True):
    """The numbers that hold, and what was set, newest first (the latest 50)."""

    version: int
    items: list[ThresholdView]
    changes: list[ThresholdChange]


class ThresholdBody(Wire, frozen=True, kw_only=True):
    """All numbers that differ from the default, and why; what is left out is the default."""

    values: Values
    reason: Annotated[str, Meta(min_length=1, max_length=500, pattern=PLAIN)]


class PatientThresholds(TherapistDoor):
    @describe(
        "The numbers by which this patient's trends are judged",
        response=Thresholds,
        errors=(401, 403, 404),
        tags=("alerts",),
    )
    def get(self, request: Request, patient_id: UUID) -> HttpResponse:
        self.patient_seen(patient_id, "thresholds.read")
        return _answer(patient_id)

    @describe(
        "Judge this patient's trends more strictly",
        request=ThresholdBody,
        response=Thresholds,
        errors=(401, 403, 404, 412, 428),
        tags=("alerts",),
        headers={"If-Match": "The ETag of the numbers that were read."},
    )
    def put(self, request: Request, patient_id: UUID) -> HttpResponse:
        patient = self.patient_seen(patient_id, "thresholds.read")
        body = self.body(ThresholdBody)
        if not body.reason.strip():
            raise invalid([FieldError("/reason", "required", "Say why.")])
        try:
            set_thresholds(
                patient=patient,
                values=body.values,
                reason=body.reason.strip(),
                base_versions=self._bases(patient_id),
                by=self.user,
                now=self.now,
                trace_id=self.trace_id,
            )
        except TooLoose as error:
            raise invalid(
                [
                    FieldError(f"/values{pointer_to(name)}", "out_of_range", said)
                    for name, said in error.flaws
                ]
            ) from None
        except ThresholdsChanged:
            raise stale() from None
        return _answer(patient_id)

    def _bases(self, patient_id: UUID) -> set[int]:
        tags = match_named(self.request._request)
        newest = thresholds_of(patient_id).first()
        versions = range((newest.version if newest else 0) + 1)
        return {one for one in versions if etag(patient_id, one) in tags}


def _answer(patient_id: UUID) -> HttpResponse:
    rows = [*thresholds_of(patient_id)[:SHOWN]]
    stands = rows[0] if rows else None
    version = stands.version if stands else 0
    values = stands.values if stands else {}
    view = Thresholds(
        version=version,
        items=[
            ThresholdView(
                name=item.name,
                label=item.label,
                unit=item.unit,
                default=item.default,
                least=item.least,
                most=item.most,
                value=values.get(item.name, item.default),
            )
            for item in offered(default_pack().constants).values()
        ],
        changes=[_change(row) for row in rows],
    )
    return respond(view, headers={"ETag": etag(patient_id, version)})


def _change(row: ThresholdSet) -> ThresholdChange:
    return ThresholdChange(
        version=row.version,
        values=row.values,
        reason=row.reason,
        by=(row.by.name or row.by.email) if row.by else UNSET,
        at=row.at,
    )
