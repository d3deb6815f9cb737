"""Why a patient is on her therapist's mind: the alerts that stand or wait for review, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast
from uuid import UUID

from exercises.triage.levels import Level
from exercises.triage.models import STANDING, Alert
from exercises.triage.rules.pack import default_pack

Status = Literal["open", "acknowledged", "retracted", "resolved", "cleared"]


@dataclass(frozen=True)
class Reason:
    """One alert as a line: what its rule tells a therapist, and since when. A retracted one that
    still waits for review is a reason too, and no longer counts for the level."""

    alert: UUID
    rule: str
    title: str
    level: Level
    since: datetime
    status: Status
    review_open: bool

    @property
    def stands(self) -> bool:
        """Whether it counts for the level."""
        return self.status in STANDING

    @property
    def waits(self) -> bool:
        """Whether nobody has acknowledged it yet."""
        return self.status == "open"


def reason_of(alert: Alert, *, language: str) -> Reason:
    """The alert as a line."""
    return Reason(
        alert=alert.pk,
        rule=alert.rule,
        title=title_of(alert.rule, language=language),
        level=Level(alert.level),
        since=alert.opened_at or alert.occurred_at,
        status=cast(Status, alert.status),
        review_open=alert.review_open,
    )


def reasons_of(alerts: Iterable[Alert], *, language: str) -> tuple[Reason, ...]:
    """The alerts as lines: what stands first, then the highest, then the oldest."""
    found = (reason_of(alert, language=language) for alert in alerts)
    return tuple(sorted(found, key=lambda r: (not r.stands, -r.level, not r.waits, r.since)))


def title_of(rule: str, *, language: str) -> str:
    """The therapist's line for a rule; the code alone of one that the rules no longer have."""
    try:
        return default_pack().text(rule, language).therapist
    except KeyError:
        return rule


def highest(reasons: Sequence[Reason]) -> Level:
    """The highest level that stands."""
    return max((reason.level for reason in reasons if reason.stands), default=Level.NONE)
