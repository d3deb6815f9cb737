"""The doors of what could not be accepted, and of what is known about a phone's sync."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from django.http import HttpResponse
from msgspec import UNSET, Meta, UnsetType
from rest_framework.request import Request

from backend.accounts.doors import PatientDoor
from backend.core.api import respond
from backend.core.cursors import page_limit, read_cursor, write_cursor
from backend.core.problems import Problem, not_found
from backend.core.schema import describe
from backend.core.wire import Wire
from exercises.sync.record_views import RejectionRecord, rejection_record
from exercises.sync.services.repairing import Correction, Settled, StillUnfit, discard, repair
from exercises.sync.wire import OpType
from exercises.tracking.models import Quarantined
from exercises.tracking.selectors import open_quarantine
from exercises.triage.advice import Advice, advice_for

CURSOR = "rejections"


class Rejections(Wire, frozen=True, kw_only=True):
    """What waits to be repaired or discarded, oldest first."""

    items: list[RejectionRecord]
    next_cursor: str | None


class RepairRequest(Wire, frozen=True, kw_only=True):
    """The corrected content. `type` and `id` only where those were wrong or the id is taken (code
    `different_content`); `base_rev` for a document, as in a push."""

    data: dict[str, Any]
    type: OpType | UnsetType = UNSET
    id: UUID | UnsetType = UNSET
    base_rev: Annotated[int, Meta(ge=0, lt=2**53)] | UnsetType = UNSET


class RepairAnswer(Wire, frozen=True, kw_only=True):
    """What became of the corrected content: the object `id` at the revision `rev`, and the advice."""

    rejection: UUID
    id: UUID
    rev: int
    received_at: datetime
    status: Literal["applied", "duplicate"]
    advice: Advice | None


class MyRejections(PatientDoor):
    @describe(
        "What could not be accepted",
        response=Rejections,
        errors=(401, 403),
        query={"limit": (int, "1 to 200, default 50"), "cursor": (str, "next_cursor of a page")},
        tags=("sync",),
    )
    def get(self, request: Request) -> HttpResponse:
        limit = page_limit(request._request)
        key = read_cursor(request._request, CURSOR)
        rows = open_quarantine(self.patient.pk)
        if key is not None:
            rows = rows.filter(rev__gt=key[0])
        found = [*rows[: limit + 1]]
        shown = found[:limit]
        more = len(found) > limit
        return respond(
            Rejections(
                items=[rejection_record(row) for row in shown],
                next_cursor=write_cursor(CURSOR, shown[-1].rev) if more else None,
            )
        )


class RejectionDoor(PatientDoor):
    """One thing that could not be accepted."""

    def row_or_404(self, rejection_id: UUID) -> Quarantined:
        """The patient's own, settled or not."""
        row = Quarantined.objects.filter(patient=self.patient, pk=rejection_id).first()
        if row is None:
            raise not_found()
        return row


class RepairRejection(RejectionDoor):
    @describe(
        "Put right what could not be accepted",
        request=RepairRequest,
        response=RepairAnswer,
        errors=(401, 403, 404, 409),
        tags=("sync",),
    )
    def post(self, request: Request, rejection_id: UUID) -> HttpResponse:
        asked = self.body(RepairRequest)
        row = self.row_or_404(rejection_id)
        fields = msgspec.structs.asdict(asked).items()
        correction = Correction(**{name: said for name, said in fields if said is not UNSET})
        try:
            done = repair(patient=self.patient, row=row, correction=correction, now=self.now)
        except Settled:
            raise _settled() from None
        except StillUnfit as error:
            raise self._still_unfit(error) from None
        answer = RepairAnswer(
            rejection=row.pk,
            id=done.object_id,
            rev=done.answered.rev or 0,
            received_at=self.now,
            status="applied" if done.answered.status == "applied" else "duplicate",
            advice=advice_for(done.alerts, self.reader),
        )
        return respond(answer)

    def _still_unfit(self, error: StillUnfit) -> Problem:
        said = error.problem
        is_taken = said.code in ("different_content", "stale")
        extra: dict[str, Any] = {}
        if error.alerts:
            extra["advice"] = msgspec.to_builtins(advice_for(error.alerts, self.reader))
        if said.current is not UNSET:
            extra["current"] = said.current
        return Problem(
            409 if is_taken else 400,
            said.code,
            said.detail,
            errors=tuple(said.errors),
            retry="after_fix",
            extra=extra,
        )


class DiscardRejection(RejectionDoor):
    @describe(
        "Give up what could not be accepted",
        response=None,
        status=(204,),
        errors=(401, 403, 404, 409),
        tags=("sync",),
    )
    def post(self, request: Request, rejection_id: UUID) -> HttpResponse:
        """It leaves the list and never comes back; symptoms that it names go on counting."""
        try:
            discard(patient=self.patient, row=self.row_or_404(rejection_id), now=self.now)
        except Settled:
            raise _settled() from None
        return respond(None, status=204)


def _settled() -> Problem:
    return Problem(409, "settled", "This was repaired or discarded already.")
