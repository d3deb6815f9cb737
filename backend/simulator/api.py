"""POST /simulations: what would ring for a patient in the days to come."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.http import HttpResponse
from msgspec import UNSET, Meta, UnsetType
from rest_framework.request import Request

from backend.accounts import access, audit
from backend.accounts.authentication import Credential
from backend.accounts.doors import UserDoor
from backend.accounts.models import Patient
from backend.core.api import respond
from backend.core.problems import FieldError, Problem
from backend.core.schema import describe
from backend.core.shaping import convert
from backend.core.wire import Instant, Wire, invalid
from backend.simulator.foreseeing import NoPlan, foresee
from backend.simulator.scenario import Fact
from notifications.reminders.projecting import MOST_DAYS, Expected

MOST_FACTS = 50
FAR = timedelta(days=366)


class SimulationRequest(Wire, frozen=True, kw_only=True):
    """`patient` is for therapists; a patient asks for herself. It begins at `start` (now) and runs
    for `days`. `facts` are what is supposed to be reported, in the form of a scenario's facts:
    `{id, type, at: {day, time} | {utc, tz}, ...}`, days counted from the plan's start."""

    patient: UUID | UnsetType = UNSET
    start: Instant | UnsetType = UNSET
    days: Annotated[int, Meta(ge=1, le=MOST_DAYS)] = MOST_DAYS
    facts: Annotated[list[dict[str, Any]], Meta(max_length=MOST_FACTS)] = []


class WaitView(Wire, frozen=True, kw_only=True):
    """It waits until then, for this reason."""

    until: Instant
    reason: str


class RingView(Wire, frozen=True, kw_only=True):
    """A ring to come: `due_at` is the instant, `local` what the clock in `zone` shows then.

    `local_date` and `slot` are what it is meant for. `said_at` is absent where it is not said;
    `speaks_for` are the kinds that the message says with it.
    """

    reminder: UUID
    kind: str
    slot: str
    local_date: date
    due_at: Instant
    local: str
    zone: str
    channels: tuple[str, ...]
    decision: Literal["send", "suppress", "expire"]
    reason: str
    held: tuple[WaitView, ...]
    said_at: Instant | UnsetType = UNSET
    speaks_for: tuple[str, ...] = ()


class RefusedView(Wire, frozen=True, kw_only=True):
    """A hypothetical fact that the product would not take, and why."""

    fact: str
    note: str


class Simulation(Wire, frozen=True, kw_only=True):
    """What rings, and what does not and why, if nothing more is reported and nothing is changed."""

    patient: UUID
    start: Instant
    end: Instant
    rings: tuple[RingView, ...]
    notes: tuple[RefusedView, ...]


class Simulations(UserDoor):
    @describe(
        "What will ring in the next days",
        request=SimulationRequest,
        response=Simulation,
        errors=(401, 403, 404),
        tags=("reminders",),
    )
    def post(self, _request: Request) -> HttpResponse:
        """Decided by the code that decides when the time comes. Nothing is stored."""
        asked = self.body(SimulationRequest)
        start = self._start(asked)
        patient = self._patient(asked)
        facts = _facts(asked.facts)
        try:
            found = foresee(patient=patient, start=start, days=asked.days, facts=facts)
        except NoPlan:
            raise Problem(404, "no_plan", "There is no plan yet: the intake makes it.") from None
        return respond(
            Simulation(
                patient=patient.pk,
                start=start,
                end=start + timedelta(days=asked.days),
                rings=tuple(_ring(one) for one in found.rings),
                notes=tuple(RefusedView(fact=name, note=words) for name, words in found.notes),
            )
        )

    def _start(self, asked: SimulationRequest) -> datetime:
        if asked.start is UNSET:
            return self.now
        if abs(asked.start - self.now) > FAR:
            raise invalid([FieldError("/start", "out_of_range", "At most a year from now.")])
        return asked.start

    def _patient(self, asked: SimulationRequest) -> Patient:
        is_own = asked.patient is UNSET or asked.patient == self.user.pk
        if is_own and self.user.has_role("patient"):
            return self.user.patient
        credential = cast(Credential, self.request.auth)
        if not self.user.has_role("therapist"):
            raise Problem(403, "forbidden", "Only a patient or a therapist may do this.")
        if not credential.second_factor:
            raise Problem(403, "second_factor_required", "Sign in with your second factor.")
        if asked.patient is UNSET:
            raise invalid([FieldError("/patient", "required", "Name one of your patients.")])
        patient = access.diary_for(self.user, asked.patient, self.now)
        audit.record(
            actor_id=self.user.pk,
            action="reminders.simulated",
            patient_id=patient.pk,
            trace_id=self.trace_id,
            now=self.now,
        )
        return patient


def _facts(raw: list[dict[str, Any]]) -> list[Fact]:
    facts, errors = [], []
    for index, item in enumerate(raw):
        try:
            facts.append(convert(item, Fact))
        except (msgspec.ValidationError, ValueError, OverflowError) as error:
            errors.append(FieldError(f"/facts/{index}", "invalid", f"{error}."))
    if errors:
        raise invalid(errors)
    return facts


def _ring(one: Expected) -> RingView:
    decision = one.decision
    assert decision is not None, "everything before the end was decided"  # noqa: S101
    return RingView(
        reminder=one.reminder,
        kind=one.kind,
        slot=one.slot,
        local_date=one.local_date,
        due_at=one.due.due_at,
        local=f"{_local(one):%Y-%m-%dT%H:%M}",
        zone=one.zone,
        channels=one.channels,
        decision=cast(Literal["send", "suppress", "expire"], decision.action.value),
        reason=decision.reason,
        held=tuple(WaitView(until=until, reason=reason) for until, reason in one.held),
        said_at=one.said_at or UNSET,
        speaks_for=one.speaks_for,
    )


def _local(one: Expected) -> datetime:
    return one.due.due_at.astimezone(ZoneInfo(one.zone))
