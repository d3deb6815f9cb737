"""Alerts as cards with what can be done about each, and those that are over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.accounts.models import User
from backend.dashboard.presenters.levels import Badge
from backend.dashboard.presenters.matched import matched_text
from backend.dashboard.presenters.panel import reason_line
from backend.dashboard.presenters.times import Moment, moment
from exercises.triage.models import Alert, AlertEvent, DoctorPrompt
from exercises.triage.reasons import reason_of

CLOSED = {"resolved": "Resolved", "cleared": "Ended by itself", "retracted": "Withdrawn"}
ANSWERS = {
    "raised": "The patient has not opened the advice yet",
    "seen": "The patient has opened the advice",
    "will_go": "The patient says: will go",
    "declined": "The patient says: will not go",
    "planned": "The patient has planned a visit",
    "attended": "The patient says: sought care",
}


STEPS = {
    "raised": "Raised",
    "acknowledged": "Acknowledged",
    "assigned": "Passed on",
    "resolved": "Resolved",
    "reviewed": "Reviewed",
    "reopened": "Taken back up",
    "retracted": "Withdrawn by the patient",
    "cleared": "Ended by itself",
    "sought_care": "The patient says: sought care",
    "declined": "The patient says: will not go",
}
DEEDS = {
    "called": "Called the patient",
    "messaged": "Wrote to the patient",
    "referred": "Referred to a doctor or clinic",
    "no_action": "Nothing was to be done",
}


@dataclass(frozen=True)
class SourceLine:
    """Where a rule comes from; `url` is empty for the articles' own facts."""

    id: str
    title: str
    url: str


@dataclass(frozen=True)
class StepLine:
    """One step in the life of an alert: what, by whom, and the words that went with it."""

    at: Moment
    what: str
    by: str
    reason: str
    is_deed: bool


@dataclass(frozen=True)
class AlertCard:
    """An alert with what can be done about it; `steps` are the newest first, without those that
    the card says already."""

    id: UUID
    rule: str
    badge: Badge
    title: str
    since: Moment
    status: str
    answer: str
    matched: tuple[str, ...]
    sources: tuple[SourceLine, ...]
    version: str
    can_acknowledge: bool
    is_review: bool
    can_act: bool
    can_reopen: bool
    assigned: str
    steps: tuple[StepLine, ...]
    deeds: tuple[tuple[str, str], ...] = tuple(DEEDS.items())

    @property
    def key(self) -> str:
        """The id as the end of other ids."""
        return str(self.id)

    @property
    def done(self) -> tuple[StepLine, ...]:
        """The steps that say what somebody did, the newest three."""
        return tuple(step for step in self.steps if step.is_deed)[:3]


@dataclass(frozen=True)
class EarlierAlert:
    """An alert that is over."""

    badge: Badge
    title: str
    raised: Moment
    closed: Moment
    how: str


def alert_card(alert: Alert, now: datetime, zone: str, language: str) -> AlertCard:
    """The card of an alert, whose steps and people were read."""
    reason = reason_of(alert, language=language)
    line = reason_line(reason, now, zone)
    because: dict[str, Any] = alert.because
    return AlertCard(
        id=alert.pk,
        rule=alert.rule,
        badge=line.badge,
        title=line.title,
        since=line.since,
        status=_status(alert, line.status, now, zone),
        answer=_answer(getattr(alert, "prompt", None)) if reason.stands else "",
        matched=tuple(matched_text(match) for match in because.get("matched", [])),
        sources=tuple(
            SourceLine(source["id"], source["title"], _web(source.get("url", "")))
            for source in because.get("sources", [])
        ),
        version=alert.rules_version,
        can_acknowledge=reason.waits,
        is_review=not reason.stands,
        can_act=reason.stands or alert.review_open,
        can_reopen=alert.status == "resolved",
        assigned=_person(alert.assigned_to),
        steps=_steps(alert, now, zone),
    )


def _steps(alert: Alert, now: datetime, zone: str) -> tuple[StepLine, ...]:
    return tuple(
        StepLine(
            moment(event.at, now, zone),
            _what(event),
            _person(event.by),
            event.reason,
            event.step in ("acted", "assigned"),
        )
        for event in reversed([*alert.events.all()])
    )


def _what(event: AlertEvent) -> str:
    if event.step == "acted":
        return DEEDS.get(event.action, event.action)
    said = STEPS.get(event.step, event.step.replace("_", " ").capitalize())
    return f"{said} to {_person(event.assignee)}" if event.assignee else said


def _person(user: User | None) -> str:
    return (user.name or user.email) if user else ""


def _web(url: str) -> str:
    return url if url.startswith(("https://", "http://")) else ""


def _status(alert: Alert, otherwise: str, now: datetime, zone: str) -> str:
    if alert.status != "acknowledged" or alert.acknowledged_at is None:
        return otherwise.capitalize() or "Not acknowledged yet"
    by = _person(alert.acknowledged_by)
    who = f" by {by}" if by else ""
    return f"Acknowledged{who}, {moment(alert.acknowledged_at, now, zone).ago}"


def _answer(prompt: DoctorPrompt | None) -> str:
    if prompt is None:
        return ""
    said = ANSWERS.get(prompt.state, "")
    return f"{said} ({prompt.reason})" if said and prompt.reason else said


def earlier_alert(alert: Alert, now: datetime, zone: str, language: str) -> EarlierAlert:
    """The line of an alert that was closed."""
    line = reason_line(reason_of(alert, language=language), now, zone)
    closed = moment(alert.closed_at or now, now, zone)
    return EarlierAlert(
        line.badge, line.title, line.since, closed, CLOSED.get(alert.status, alert.status)
    )
