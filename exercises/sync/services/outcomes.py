"""What became of a report that came in."""

from msgspec import Struct

from exercises.tracking.arriving import StoredFact
from exercises.tracking.models import Quarantined
from exercises.tracking.services import Status
from exercises.triage.gathering import TREND_TYPES
from exercises.triage.models import Alert


class Outcome(Struct, frozen=True):
    """What became of one report, and the alerts that its answer speaks of (highest first)."""

    fact: StoredFact
    status: Status
    alerts: tuple[Alert, ...]
    quarantined: Quarantined | None = None


def moves_trends(kind: str) -> bool:
    """Whether reports of this type can confirm an alert that speaks of a trend."""
    return kind in TREND_TYPES
