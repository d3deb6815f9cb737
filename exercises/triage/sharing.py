"""What a care team sees of a patient's alerts and reports, by what she agreed to.

Who does not share her diary is not left alone with an emergency: that one is open stays visible, as
level, rule and date, and nothing of what she reported.
"""

import copy
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol, TypeVar

from backend.core.localtime import day_bounds, local_date
from exercises.triage.levels import Level
from exercises.triage.models import STANDING, Alert

SHOWN_WITHOUT_DIARY = Level.URGENT_SAME_DAY
FREE_TEXT = "note"


def is_shown_without_diary(alert: Alert) -> bool:
    """Whether the therapist who looks after the patient sees that this alert is open."""
    waits = alert.status in STANDING or alert.review_open
    return waits and alert.level >= SHOWN_WITHOUT_DIARY


def veiled(alert: Alert, zone: str) -> Alert:
    """A copy of the alert to present, with its level, its rule and its date in `zone` (IANA name),
    and without what matched and how the patient answered. Never to be saved."""
    bare = copy.copy(alert)
    bare._state = copy.copy(alert._state)
    # What is known to be none is not read again.
    bare._state.fields_cache = {**alert._state.fields_cache, "prompt": None}
    bare.because = {"matched": [], "sources": alert.because["sources"], "late": False}
    # What clinicians wrote of it may tell what was reported.
    bare._prefetched_objects_cache = {"events": []}  # type: ignore[attr-defined]
    bare.occurred_at = _day(alert.occurred_at, zone)
    bare.opened_at = _day(alert.opened_at, zone) if alert.opened_at else None
    return bare


class Noted(Protocol):
    """A report that may hold the patient's free text."""

    data: dict[str, Any]


N = TypeVar("N", bound=Noted)


def without_notes(reports: Iterable[N]) -> list[N]:
    """Copies of the reports to present, without the patient's free text. Never to be saved."""
    return [_without_note(report) for report in reports]


def _without_note(report: N) -> N:
    bare = copy.copy(report)
    bare.data = {key: value for key, value in report.data.items() if key != FREE_TEXT}
    return bare


def _day(at: datetime, zone: str) -> datetime:
    return day_bounds(local_date(at, zone), zone)[0]
