"""Alerts as cards with what can be done about each, and those that are over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.dashboard.presenters.levels import Badge
from backend.dashboard.presenters.matched import matched_text
from backend.dashboard.presenters.panel import reason_line
from backend.dashboard.presenters.times import Moment, moment
from exercises.triage.models import Alert, DoctorPrompt
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


@dataclass(frozen=True)
class SourceLine:
    """Where a rule comes from; `url` is empty for the articles' own facts."""

    id: str
    title: str
    url: str


@dataclass(frozen=True)
class AlertCard:
    """An alert with what can be done about it."""

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
    error: str = ""
    reason: str = ""


@dataclass(frozen=True)
class EarlierAlert:
    """An alert that is over."""

    badge: Badge
    title: str
    raised: Moment
    closed: Moment
    how: str


@dataclass(frozen=True)
class ResolveError:
    """A reason that could not be taken, to show beside the form again."""

    alert: UUID
    message: str
    reason: str


def alert_card(
    alert: Alert, now: datetime, zone: str, language: str, error: ResolveError | None
) -> AlertCard:
    """The card of an alert; `error` is shown on the card that it belongs to."""
    reason = reason_of(alert, language=language)
    line = reason_line(reason, now, zone)
    because: dict[str, Any] = alert.because
    wrong = error if error and error.alert == alert.pk else None
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
        error=wrong.message if wrong else "",
        reason=wrong.reason if wrong else "",
    )


def _web(url: str) -> str:
    return url if url.startswith(("https://", "http://")) else ""


def _status(alert: Alert, otherwise: str, now: datetime, zone: str) -> str:
    if alert.status != "acknowledged" or alert.acknowledged_at is None:
        return otherwise.capitalize() or "Not acknowledged yet"
    by = alert.acknowledged_by
    who = f" by {by.name or by.email}" if by else ""
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
