"""Records for tests of the rules: Monday 4 May 2026 is day 0, and the present is day 20, 20:00 UTC."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from exercises.tracking.trends import within
from exercises.triage.rules.record import PainFact, Record, SymptomFact

START = date(2026, 5, 4)
NOW = datetime(2026, 5, 24, 20, tzinfo=UTC)


def symptom(
    source: str,
    code: str,
    *,
    hours_ago: float = 0,
    received_hours_ago: float | None = None,
    present: bool = True,
    order: int = 0,
    **attrs: Any,
) -> SymptomFact:
    """A symptom that happened, and unless said otherwise arrived, some hours before NOW."""
    occurred = NOW - timedelta(hours=hours_ago)
    late = hours_ago if received_hours_ago is None else received_hours_ago
    received = NOW - timedelta(hours=late)
    return SymptomFact(source, order, code, present, attrs, occurred, occurred.date(), received)


def pain(
    source: str, site: str, score: int, *, hours_ago: float = 0, kind: str = "avg24", **more: Any
) -> PainFact:
    """A pain report some hours before NOW."""
    at = NOW - timedelta(hours=hours_ago)
    return PainFact(source, site, kind, score, at, at.date(), at, **more)


def record(*symptoms: SymptomFact, scores: Sequence[int | None] = (), **more: Any) -> Record:
    """A record with these symptoms, and knee pain logged daily from day 0."""
    days = {
        START + timedelta(days=day): score for day, score in enumerate(scores) if score is not None
    }
    values: dict[str, Any] = {
        "now": NOW,
        "today": NOW.date(),
        "plan_start": START,
        "symptoms": symptoms,
        "last_pain_date": max(days, default=NOW.date()),
        "daily_values": partial(within, days),
    }
    return Record(**{**values, **more})
