"""The door through which a clinician says that she knows a symptom as stable."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpResponse
from msgspec import UNSET, Meta, UnsetType
from rest_framework.request import Request

from backend.accounts.doors import TherapistDoor
from backend.core.api import respond
from backend.core.cursors import PAGE_QUERY, page
from backend.core.problems import FieldError
from backend.core.schema import describe
from backend.core.wire import PLAIN, ShortText, Wire, invalid
from exercises.catalog import selectors as catalog
from exercises.triage.models import KnownStable
from exercises.triage.selectors import known_stable_of
from exercises.triage.services import mark_known_stable

Side = Literal["left", "right", "both"]


class StableSymptom(Wire, frozen=True, kw_only=True):
    """A symptom that the clinician knows; without `side` it is meant on every side."""

    symptom: ShortText
    side: Side | UnsetType = UNSET
    reason: Annotated[str, Meta(max_length=500, pattern=PLAIN)] | UnsetType = UNSET


class StableWord(Wire, frozen=True, kw_only=True):
    """A clinician's word about a symptom. It covers the symptom as it is, not a worse, severe or
    sudden one, and ends at `expires_at`; `stands` says whether it does now."""

    id: UUID
    symptom: str
    side: Side | UnsetType = UNSET
    reason: str | UnsetType = UNSET
    by: str
    at: datetime
    expires_at: datetime
    stands: bool


class StableWords(Wire, frozen=True, kw_only=True):
    """The words about a patient's symptoms, newest first."""

    items: list[StableWord]
    next_cursor: str | None


class KnownStableSymptoms(TherapistDoor):
    @describe(
        "Symptoms known as stable",
        response=StableWords,
        errors=(401, 403, 404),
        query=PAGE_QUERY,
        tags=("alerts",),
    )
    def get(self, request: Request, patient_id: UUID) -> HttpResponse:
        self.patient_seen(patient_id, "known_stable.read")
        rows, more = page(request._request, known_stable_of(patient_id))
        return respond(StableWords(items=[_view(row, self.now) for row in rows], next_cursor=more))

    @describe(
        "I know this symptom as stable",
        request=StableSymptom,
        response=StableWord,
        status=(201,),
        errors=(401, 403, 404),
        tags=("alerts",),
    )
    def post(self, request: Request, patient_id: UUID) -> HttpResponse:
        patient = self.patient_seen(patient_id, "known_stable.read")
        said = self.body(StableSymptom)
        if said.symptom not in {symptom.code for symptom in catalog.symptoms()}:
            raise invalid([FieldError("/symptom", "unknown_symptom", "Not a known symptom.")])
        word = mark_known_stable(
            patient=patient,
            symptom=said.symptom,
            side="" if said.side is UNSET else said.side,
            reason="" if said.reason is UNSET else said.reason,
            by=self.user,
            now=self.now,
            trace_id=self.trace_id,
        )
        return respond(_view(word, self.now), status=201)


def _view(word: KnownStable, now: datetime) -> StableWord:
    return StableWord(
        id=word.pk,
        symptom=word.symptom,
        side=word.side or UNSET,  # type: ignore[arg-type]  # the door stores only these words
        reason=word.reason or UNSET,
        by=(word.by.name or word.by.email) if word.by else "",
        at=word.at,
        expires_at=word.expires_at,
        stands=word.at <= now < word.expires_at,
    )
