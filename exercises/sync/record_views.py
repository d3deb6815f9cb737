"""The record as a pull serves it: what is stored, in no language and of no particular day.

What depends on the day (the plan day, whether a hold has run out) the phone computes; names and
texts are in the catalogue and in the safety bundle, except for advice, whose wording comes along.
"""

import json
from datetime import date, datetime
from typing import Any, Literal, cast
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from backend.accounts.models import User
from backend.accounts.readers import Reader
from backend.core.wire import Wire
from exercises.catalog.shapes import PhaseId
from exercises.conversation.models import CareMessage
from exercises.conversation.wire import message_view
from exercises.plans.models import Intake
from exercises.plans.prescribed import breaks_of
from exercises.plans.presenters import dose_view
from exercises.plans.variation import from_plain
from exercises.plans.wire import DateSpan, PhaseChangeView, PrescribedDose, VariationWords
from exercises.sync.rows import IntakeRow, PersonRow, PhaseChangeRow, PlanRow, PrescriptionRow
from exercises.tracking.models import Quarantined
from exercises.triage.advice import Advice, advice_for
from exercises.triage.levels import Level, LevelCode
from exercises.triage.models import Alert, DoctorPrompt, Visit
from exercises.triage.visits_api import visit_view


class PlanRecord(Wire, frozen=True, kw_only=True):
    """A plan; an older episode has `closed_at`. While `state` is paused no exercise is shown.

    `held_until` is a local date (exclusive; absent while `held`: until released). On the days of
    `flare` the prescriptions that name it are due.
    """

    id: UUID
    rev: int
    version: int
    episode: int
    state: Literal["active", "paused"]
    pause_reasons: list[str]
    phase: PhaseId
    phase_since: date
    start_date: date
    care_started_on: date
    held: bool
    held_until: date | UnsetType = UNSET
    held_reason: str | UnsetType = UNSET
    flare: DateSpan | UnsetType = UNSET
    changes: list[PhaseChangeView]
    created_at: datetime
    closed_at: datetime | UnsetType = UNSET


class PrescriptionRecord(Wire, frozen=True, kw_only=True):
    """A prescription; one that has ended stays, since the diary names it."""

    id: UUID
    rev: int
    version: int
    plan: UUID
    exercise: str
    phase: PhaseId
    dose: PrescribedDose
    slots: list[str]
    weekdays: list[int]
    starts_on: date
    ends_on: date | UnsetType = UNSET
    breaks: list[DateSpan]
    for_flare: bool
    variation: VariationWords | UnsetType = UNSET


class AlertRecord(Wire, frozen=True, kw_only=True):
    """An alert and its advice; the patient is shown the highest whose `status` is open or
    acknowledged."""

    id: UUID
    rev: int
    rule: str
    level: LevelCode
    status: Literal["open", "acknowledged", "retracted", "resolved", "cleared"]
    source: UUID | UnsetType = UNSET
    occurred_at: datetime
    opened_at: datetime
    closed_at: datetime | UnsetType = UNSET
    acknowledged_at: datetime | UnsetType = UNSET
    advice: Advice | None


class PromptRecord(Wire, frozen=True, kw_only=True):
    """A doctor prompt, and how far it has come."""

    id: UUID
    rev: int
    alert: UUID
    state: Literal["raised", "seen", "will_go", "declined", "planned", "attended", "closed"]
    raised_at: datetime
    seen_at: datetime | UnsetType = UNSET
    answered_at: datetime | UnsetType = UNSET
    reason: str | UnsetType = UNSET
    sought_care: bool
    quiet_until: datetime | UnsetType = UNSET


class IntakeRecord(Wire, frozen=True, kw_only=True):
    """The answers to the intake so far; the id is the patient's."""

    id: UUID
    rev: int
    status: Literal["in_progress", "complete"]
    answers: dict[str, Any]
    content_version: str
    started_at: datetime
    completed_at: datetime | UnsetType = UNSET


class ProfileRecord(Wire, frozen=True, kw_only=True):
    """The patient's own profile; the id is hers."""

    id: UUID
    rev: int
    name: str
    time_zone: str
    language: str
    country: str | UnsetType = UNSET


class RejectionRecord(Wire, frozen=True, kw_only=True):
    """What a phone sent and the server could not accept: `object` is the id that it was sent under,
    `data` what was sent. `judged`: it names symptoms, which were judged all the same."""

    id: UUID
    rev: int
    type: str
    object: UUID
    op_id: str
    data: Any
    problem: dict[str, Any]
    judged: bool
    received_at: datetime


def plan_record(
    plan: PlanRow,
    *,
    pauses: list[str],
    flare: DateSpan | None,
    changes: list[PhaseChangeRow],
) -> PlanRecord:
    """A plan with its open pauses (oldest first), its running flare and its history of phases."""
    return PlanRecord(
        id=plan.id,
        rev=plan.rev,
        version=plan.version,
        episode=plan.episode,
        state="paused" if pauses else "active",
        pause_reasons=pauses,
        phase=cast(PhaseId, plan.phase),
        phase_since=plan.phase_since,
        start_date=plan.start_date,
        care_started_on=plan.care_started_on,
        held=plan.held_at is not None,
        held_until=plan.held_until or UNSET,
        held_reason=plan.held_reason or UNSET,
        flare=flare or UNSET,
        changes=[_change(row) for row in changes],
        created_at=plan.created_at,
        closed_at=plan.closed_at or UNSET,
    )


def _change(row: PhaseChangeRow) -> PhaseChangeView:
    return PhaseChangeView(
        phase=cast(PhaseId, row.phase),
        on_date=row.on_date,
        cause=row.cause,
        reason=row.reason or UNSET,
    )


def prescription_record(row: PrescriptionRow) -> PrescriptionRecord:
    """A prescription without its exercise's texts; those of a clinic's own way of doing it stand
    nowhere else."""
    variation = from_plain(row.variation, row.variation_words)
    return PrescriptionRecord(
        id=row.id,
        rev=row.rev,
        version=row.version,
        plan=row.plan_id,
        exercise=row.exercise,
        phase=cast(PhaseId, row.phase),
        dose=dose_view(row.dose),
        slots=list(row.slots),
        weekdays=[day for day in range(7) if row.weekdays >> day & 1],
        starts_on=row.starts_on,
        ends_on=row.ends_on or UNSET,
        breaks=[
            DateSpan(start=start, end=end) for start, end in breaks_of(row.breaks) if start < end
        ],
        for_flare=row.flare_id is not None,
        variation=VariationWords(id=variation.id, **variation.as_plain()) if variation else UNSET,
    )


def alert_record(alert: Alert, reader: Reader) -> AlertRecord:
    """An alert with its advice in the reader's words."""
    return AlertRecord(
        id=alert.pk,
        rev=alert.rev,
        rule=alert.rule,
        level=Level(alert.level).code,
        status=cast(Any, alert.status),
        source=alert.source_fact or UNSET,
        occurred_at=alert.occurred_at,
        opened_at=alert.opened_at or alert.occurred_at,
        closed_at=alert.closed_at or UNSET,
        acknowledged_at=alert.acknowledged_at or UNSET,
        advice=advice_for([alert], reader),
    )


def prompt_record(prompt: DoctorPrompt) -> PromptRecord:
    """A prompt without its alert's advice."""
    return PromptRecord(
        id=prompt.pk,
        rev=prompt.rev,
        alert=prompt.alert_id,
        state=cast(Any, prompt.state),
        raised_at=prompt.raised_at,
        seen_at=prompt.seen_at or UNSET,
        answered_at=prompt.answered_at or UNSET,
        reason=prompt.reason or UNSET,
        sought_care=prompt.sought_care,
        quiet_until=prompt.quiet_until or UNSET,
    )


def message_record(message: CareMessage) -> dict[str, Any]:
    """A message; its author must be loaded or costs a query."""
    return cast("dict[str, Any]", msgspec.to_builtins(message_view(message)))


def visit_record(visit: Visit) -> dict[str, Any]:
    """A visit; its prompts must be loaded or cost a query."""
    return cast("dict[str, Any]", msgspec.to_builtins(visit_view(visit)))


def intake_record(intake: Intake | IntakeRow) -> dict[str, Any]:
    """The intake as stored."""
    view = IntakeRecord(
        id=intake.patient_id,
        rev=intake.rev,
        status="complete" if intake.completed_at else "in_progress",
        answers=intake.answers,
        content_version=intake.content_version,
        started_at=intake.started_at,
        completed_at=intake.completed_at or UNSET,
    )
    return cast("dict[str, Any]", msgspec.to_builtins(view))


def profile_record(user: User | PersonRow, rev: int) -> dict[str, Any]:
    """The profile as stored, at the revision `rev` of the patient."""
    view = ProfileRecord(
        id=user.id,
        rev=rev,
        name=user.name,
        time_zone=user.time_zone,
        language=user.language,
        country=user.country or UNSET,
    )
    return cast("dict[str, Any]", msgspec.to_builtins(view))


def rejection_record(row: Quarantined) -> RejectionRecord:
    """What was refused, as it was sent."""
    return RejectionRecord(
        id=row.pk,
        rev=row.rev,
        type=row.type,
        object=row.fact_id,
        op_id=row.op_id,
        data=msgspec.Raw(_printable(row.raw)),
        problem=row.problem,
        judged=row.judged,
        received_at=row.received_at,
    )


def _printable(raw: str) -> bytes:
    # Half of a surrogate pair is kept as it came; many JSON readers would choke on it.
    if "\\ud" not in raw:
        return raw.encode()
    return json.dumps(json.loads(raw), ensure_ascii=False).encode("utf-8", "replace")
