"""What a patient is told: one message, the highest, with every rule that led to it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType

from backend.accounts.readers import Reader
from backend.core.wire import Wire
from exercises.triage.levels import Level, LevelCode
from exercises.triage.models import Alert
from exercises.triage.texts import Action, text_of


class Source(Wire, frozen=True, kw_only=True):
    """Where a rule comes from: a fact of the articles or a public guidance."""

    id: str
    title: str
    url: str | UnsetType = UNSET


class Because(Wire, frozen=True, kw_only=True):
    """One rule that fired: its pack's version, the inputs that matched and its sources."""

    rule: str
    level: LevelCode
    version: str
    matched: list[dict[str, Any]]
    sources: list[Source]


class Advice(Wire, frozen=True, kw_only=True):
    """What to do, how soon, and why; `because` is ordered highest first."""

    level: LevelCode
    action: Action
    title: str
    message: str
    emergency_number: str | UnsetType = UNSET
    alert: UUID
    because: list[Because]


def advice_for(alerts: Sequence[Alert], reader: Reader) -> Advice | None:
    """The advice of these alerts: the highest speaks, the others stand in `because`."""
    if not alerts:
        return None
    ordered = sorted(alerts, key=lambda alert: (-alert.level, alert.rule))
    top = ordered[0]
    text = text_of(
        top.rule,
        country=reader.country,
        language=reader.language,
        late=bool(top.because["late"]),
    )
    return Advice(
        level=Level(top.level).code,
        action=text.action,
        title=text.title,
        message=text.message,
        emergency_number=text.emergency_number,
        alert=top.pk,
        because=[because_of(alert) for alert in ordered],
    )


def because_of(alert: Alert) -> Because:
    """Why an alert stands, as it was judged when it was raised."""
    return Because(
        rule=alert.rule,
        level=Level(alert.level).code,
        version=alert.rules_version,
        matched=alert.because["matched"],
        sources=[Source(**source) for source in alert.because["sources"]],
    )
