"""PUT and GET of the diary's facts, and their retraction: the phone's direct way in."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpResponse
from msgspec import UNSET
from rest_framework.request import Request

from backend.accounts.doors import PatientDoor
from backend.accounts.models import Patient
from backend.accounts.readers import Reader
from backend.core.api import respond
from backend.core.localtime import local_date
from backend.core.problems import FieldError, Problem, not_found
from backend.core.schema import describe
from backend.core.wire import decode, invalid
from exercises.sync import services
from exercises.sync.fact_wire import (
    PainReportView,
    RetractRequest,
    SessionView,
    SymptomReportView,
    WriteAnswer,
    view_of,
)
from exercises.sync.retracting import retraction_id
from exercises.sync.services import Outcome
from exercises.sync.skew import HEADER, skew_of
from exercises.tracking import facts
from exercises.tracking import selectors as tracking
from exercises.tracking.arriving import StoredFact
from exercises.tracking.facts import (
    FactBody,
    PainReport,
    Retraction,
    Session,
    SymptomReport,
)
from exercises.tracking.models import Fact, FactType
from exercises.tracking.services import Report, Status
from exercises.triage.advice import advice_for
from exercises.triage.models import Alert

DEVICE_TIME = {HEADER: "The phone's clock, RFC 3339 with offset; how far it is off is recorded."}


class FactDoor(PatientDoor):
    """The shared part of all kinds of report."""

    kind: FactType
    shape: type[FactBody]

    def put_fact(self, request: Request, fact_id: UUID) -> HttpResponse:
        raw = self.plain_body()
        patient = self.patient
        try:
            body = checked(raw, self.shape)
            if errors := self.record_errors(fact_id, body):
                raise invalid(errors)
        except Problem as problem:
            raise self._judged_all_the_same(patient, fact_id, raw, problem) from None
        skew = skew_of(request._request, self.now)
        report = Report(id=fact_id, type=self.kind, body=body, clock_skew_ms=skew)
        (outcome,) = services.accept(patient=patient, reports=[report], now=self.now)
        return answer(outcome, self.reader, more=self.more_in_answer)

    def get_fact(self, request: Request, fact_id: UUID) -> HttpResponse:
        fact = tracking.fact_of(self.patient.pk, fact_id, self.kind)
        if fact is None:
            raise not_found()
        return respond(self.view(fact))

    def record_errors(self, fact_id: UUID, body: FactBody) -> list[FieldError]:
        """What is wrong with a report in the light of the record."""
        return []

    def more_in_answer(self, fact: StoredFact) -> dict[str, Any]:
        """What this kind of report adds to the answer of its write."""
        return {}

    def view(self, fact: Fact) -> dict[str, Any]:
        """A report as it is served."""
        return view_of(fact)

    def _judged_all_the_same(
        self, patient: Patient, fact_id: UUID, raw: Any, problem: Problem
    ) -> Problem:
        row, alerts = services.refuse(
            patient=patient,
            fact_id=fact_id,
            type=self.kind,
            raw=raw,
            problem={"code": problem.code, "errors": msgspec.to_builtins(problem.errors)},
            now=self.now,
        )
        if row is not None:
            problem.extra = kept_members(row.pk, alerts, self.reader)
        return problem


class PainReports(FactDoor):
    kind = FactType.PAIN
    shape = PainReport

    @describe(
        "Report pain",
        request=PainReport,
        response=WriteAnswer,
        status=(200, 201),
        errors=(401, 403, 404, 409),
        tags=("diary",),
        headers=DEVICE_TIME,
    )
    def put(self, request: Request, fact_id: UUID) -> HttpResponse:
        return self.put_fact(request, fact_id)

    @describe("One pain report", response=PainReportView, errors=(401, 403, 404), tags=("diary",))
    def get(self, request: Request, fact_id: UUID) -> HttpResponse:
        return self.get_fact(request, fact_id)


class SymptomReports(FactDoor):
    kind = FactType.SYMPTOM
    shape = SymptomReport

    @describe(
        "Report symptoms",
        request=SymptomReport,
        response=WriteAnswer,
        status=(200, 201),
        errors=(401, 403, 404, 409),
        tags=("diary",),
        headers=DEVICE_TIME,
    )
    def put(self, request: Request, fact_id: UUID) -> HttpResponse:
        return self.put_fact(request, fact_id)

    @describe(
        "One symptom report", response=SymptomReportView, errors=(401, 403, 404), tags=("diary",)
    )
    def get(self, request: Request, fact_id: UUID) -> HttpResponse:
        return self.get_fact(request, fact_id)


class Sessions(FactDoor):
    kind = FactType.SESSION
    shape = Session

    @describe(
        "Log exercises",
        request=Session,
        response=WriteAnswer,
        status=(200, 201),
        errors=(401, 403, 404, 409),
        tags=("diary",),
        headers=DEVICE_TIME,
    )
    def put(self, request: Request, fact_id: UUID) -> HttpResponse:
        return self.put_fact(request, fact_id)

    @describe("One session", response=SessionView, errors=(401, 403, 404), tags=("diary",))
    def get(self, request: Request, fact_id: UUID) -> HttpResponse:
        return self.get_fact(request, fact_id)


class Retract(PatientDoor):
    """Withdraws a report of one type; asking twice is one retraction."""

    kind: FactType

    @describe(
        "Withdraw a report",
        request=RetractRequest,
        response=WriteAnswer,
        status=(200, 201),
        errors=(401, 403, 404),
        tags=("diary",),
        headers=DEVICE_TIME,
    )
    def post(self, request: Request, fact_id: UUID) -> HttpResponse:
        asked = self.body(RetractRequest)
        patient = self.patient
        target = tracking.fact_of(patient.pk, fact_id, self.kind)
        if target is None:
            raise not_found()
        earlier = tracking.retraction_of(patient.pk, fact_id, confirmed=asked.confirmed_none)
        body = _retraction(asked, target, self.now, earlier)
        report = Report(
            id=retraction_id(target.id, confirmed=asked.confirmed_none),
            type=FactType.RETRACTION,
            body=body,
            clock_skew_ms=skew_of(request._request, self.now),
        )
        (outcome,) = services.accept(patient=patient, reports=[report], now=self.now)
        return answer(outcome, self.reader)


class RetractPainReport(Retract):
    kind = FactType.PAIN


class RetractSymptomReport(Retract):
    kind = FactType.SYMPTOM


class RetractSession(Retract):
    kind = FactType.SESSION


def checked(raw: Any, shape: type[FactBody]) -> FactBody:
    """`raw` as a valid fact of `shape`; raises the 400 `Problem` that names every wrong field."""
    body = decode(raw, shape)
    errors = facts.body_errors(body)
    if errors:
        raise invalid(errors)
    return body


def answer(
    outcome: Outcome, reader: Reader, *, more: Callable[[StoredFact], dict[str, Any]] | None = None
) -> HttpResponse:
    """201, 200 or 409 for what became of a report; `more` are members that its kind adds."""
    if outcome.status is Status.DIFFERENT:
        raise Problem(
            409,
            "different_content",
            "Another report was already stored under this id; send the new one under a new id.",
            extra=kept_members(outcome.quarantined.pk, outcome.alerts, reader)
            if outcome.quarantined
            else None,
        )
    body = WriteAnswer(
        id=outcome.fact.id,
        rev=outcome.fact.rev,
        received_at=outcome.fact.received_at,
        status="applied" if outcome.status is Status.APPLIED else "duplicate",
        advice=advice_for(outcome.alerts, reader),
    )
    added = more(outcome.fact) if more else {}
    return respond(
        msgspec.to_builtins(body) | added if added else body,
        status=201 if outcome.status is Status.APPLIED else 200,
    )


def kept_members(quarantined_id: UUID, alerts: tuple[Alert, ...], reader: Reader) -> dict[str, Any]:
    """What an error answer adds when the report was kept and judged although it was refused."""
    return {
        "quarantined_id": str(quarantined_id),
        "advice": msgspec.to_builtins(advice_for(alerts, reader)),
    }


def _retraction(
    asked: RetractRequest, target: Fact, now: datetime, earlier: Fact | None
) -> Retraction:
    # A retraction without a moment of its own happened now; asked again, it is the first one.
    zone = target.tz if asked.tz is UNSET else asked.tz
    if earlier is not None and asked.occurred_at is UNSET:
        occurred_at, zone = earlier.occurred_at, earlier.tz
    else:
        occurred_at = now if asked.occurred_at is UNSET else asked.occurred_at
    body = Retraction(
        occurred_at=occurred_at,
        tz=zone,
        local_date=target.local_date,
        note=asked.note,
        target=target.id,
        confirmed_none=asked.confirmed_none,
    )
    errors = facts.body_errors(body)
    if errors:
        raise invalid(errors)
    when = local_date(occurred_at.astimezone(UTC), zone)
    return msgspec.structs.replace(body, local_date=when)
