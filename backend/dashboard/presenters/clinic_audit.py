"""The audit of a clinic, line by line: ids of patients for an auditor, pseudonyms for a manager."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from backend.accounts import audit_log
from backend.accounts.models import AuditEvent, Clinic
from backend.dashboard.presenters.times import Moment, moment


@dataclass(frozen=True)
class AuditLine:
    """Who did what, when. `patient` is an id or a pseudonym; `query` finds all of that patient."""

    at: Moment
    name: str
    role: str
    action: str
    patient: str
    query: str
    about: str


@dataclass(frozen=True)
class AuditScreen:
    """A page of the audit; `next_query` leads to the one before it in time, "" on the last."""

    lines: tuple[AuditLine, ...]
    next_query: str


def audit_screen(
    events: Sequence[AuditEvent],
    *,
    clinic: Clinic,
    is_auditor: bool,
    asked: dict[str, str],
    cursor: str | None,
    now: datetime,
    zone: str,
) -> AuditScreen:
    """The `events` in their order; `asked` are the filters as they were typed."""
    actors = audit_log.actors_of(events)
    lines = tuple(
        AuditLine(
            at=moment(event.at, now, zone),
            name=actor.name or ("the system" if actor.role == "system" else "an account now gone"),
            role=actor.role if actor.role not in ("system", "unknown") else "",
            action=event.action,
            patient=_patient(event, clinic, is_auditor=is_auditor),
            query=urlencode({"patient": str(event.patient_id)})
            if is_auditor and event.patient_id
            else "",
            about=f"{event.object_kind} {event.object_id}".strip() if is_auditor else "",
        )
        for event, actor in zip(events, actors, strict=True)
    )
    return AuditScreen(lines, urlencode(asked | {"cursor": cursor}) if cursor else "")


def _patient(event: AuditEvent, clinic: Clinic, *, is_auditor: bool) -> str:
    if event.patient_id is None:
        return ""
    if is_auditor:
        return str(event.patient_id)
    return audit_log.pseudonym(event.patient_id, clinic)
