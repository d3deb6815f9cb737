"""The timeline, as it travels: what each entry holds is said in codes, which are never translated."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Literal

from msgspec import UNSET, UnsetType

from backend.accounts.models import User
from backend.core.problems import FieldError
from backend.core.wire import Wire, invalid
from exercises.plans.models import Flare, PhaseChange, PlanOrder, PlanPause, PrescriptionOrder
from exercises.tracking.models import Fact, FactType, Quarantined
from exercises.triage.history.timeline import KINDS, Entry
from exercises.triage.history.wire import Kind
from exercises.triage.levels import Level
from exercises.triage.models import AlertEvent, KnownStable, ThresholdSet, VisitVersion

EntryType = Literal[
    "alert_step",
    "prompt_answer",
    "known_stable",
    "visit",
    "thresholds",
    "plan_order",
    "prescription_order",
    "phase_change",
    "pause_ended",
    "pause_started",
    "flare_ended",
    "rejected",
    "retraction",
    "symptom_report",
    "pain_report",
    "relief_answer",
    "location",
    "session",
    "home_care",
    "questionnaire",
    "message",
    "care_note",
]


class TimelineItem(Wire, frozen=True, kw_only=True):
    """One entry. `type` says what `data` holds: of a report what was reported, of a step of an alert
    `alert`, `rule`, `level`, `step` and `reason`, of a visit what was said of it. `by` is the person
    who did it, where that was neither the patient nor the rules. `standing` false: the report was
    withdrawn or corrected since."""

    id: str
    at: datetime
    kind: Kind
    type: EntryType
    data: dict[str, Any]
    local_date: date | UnsetType = UNSET
    received_at: datetime | UnsetType = UNSET
    by: str | UnsetType = UNSET
    standing: bool = True


class TimelinePage(Wire, frozen=True, kw_only=True):
    """A page of the timeline, the newest first."""

    items: list[TimelineItem]
    next_cursor: str | None


def kinds_from(text: str) -> tuple[Kind, ...]:
    """The kinds named in `text`, all of them where it is empty; 400 for an unknown one."""
    asked = {name for name in text.split(",") if name}
    if asked - {*KINDS}:
        message = f"Names from {', '.join(KINDS)}, separated by commas."
        raise invalid([FieldError("/kinds", "invalid", message)])
    return tuple(kind for kind in KINDS if kind in asked) if asked else KINDS


def item_view(entry: Entry) -> TimelineItem:
    """An entry, as it travels."""
    row = entry.row
    is_fact = isinstance(row, Fact)
    return TimelineItem(
        id=str(row.id if is_fact else row.pk),
        at=entry.at,
        kind=entry.source.kind,
        type=entry.source.name,  # type: ignore[arg-type]  # a test compares the two lists
        data=(entry.source.data or _DATA[type(row)])(row),
        local_date=row.local_date if is_fact else UNSET,
        received_at=row.received_at if is_fact else UNSET,
        by=name_of(author_of(entry)) or UNSET,
        standing=not (is_fact and (row.retracted_by or row.amended_by)),
    )


def name_of(user: User | None) -> str:
    """Her name, or else her address; "" of nobody."""
    return (user.name or user.email) if user else ""


def author_of(entry: Entry) -> User | None:
    """Who did it, where that was neither the patient nor the rules."""
    if entry.source.by is not None:
        return entry.source.by(entry.row)
    author: User | None = getattr(entry.row, "by", None)
    return author


def _fact(row: Fact) -> dict[str, Any]:
    if row.type == FactType.RETRACTION:
        return {**row.data, "target": row.target}
    return dict(row.data)


def _step(row: AlertEvent) -> dict[str, Any]:
    return {
        "alert": row.alert_id,
        "rule": row.alert.rule,
        "level": Level(row.alert.level).code,
        "step": row.step,
        "reason": row.reason,
        "action": row.action,
    }


def _known(row: KnownStable) -> dict[str, Any]:
    return {
        "symptom": row.symptom,
        "side": row.side,
        "reason": row.reason,
        "expires_at": row.expires_at,
    }


def _order(row: PlanOrder) -> dict[str, Any]:
    return {
        "action": row.action,
        "to": row.to,
        "until": row.until,
        "reason": row.reason,
        "version": row.version,
    }


def _prescription(row: PrescriptionOrder) -> dict[str, Any]:
    return {"action": row.action, "exercise": row.exercise, "reason": row.reason}


def _change(row: PhaseChange) -> dict[str, Any]:
    return {
        "phase": row.phase,
        "on_date": row.on_date,
        "cause": row.cause,
        "reason": row.reason,
    }


def _flare(row: Flare) -> dict[str, Any]:
    return {
        "started_on": row.started_on,
        "ends_on": row.ends_on,
        "outcome": row.outcome,
        "stepped_back": row.stepped_back,
    }


def _rejected(row: Quarantined) -> dict[str, Any]:
    return {
        "fact": row.fact_id,
        "type": row.type,
        "problem": row.problem,
        "repaired_by": row.repaired_by,
    }


_DATA: dict[type, Callable[[Any], dict[str, Any]]] = {
    Fact: _fact,
    AlertEvent: _step,
    KnownStable: _known,
    ThresholdSet: lambda row: {"values": row.values, "reason": row.reason},
    VisitVersion: lambda row: {**row.content, "visit": row.visit.id, "version": row.version},
    PlanOrder: _order,
    PrescriptionOrder: _prescription,
    PhaseChange: _change,
    PlanPause: lambda row: {"reason": row.reason},
    Flare: _flare,
    Quarantined: _rejected,
}
