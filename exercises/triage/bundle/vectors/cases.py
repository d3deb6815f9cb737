"""Short ways to write a record down (pure)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from msgspec import UNSET

from exercises.triage.bundle.record_wire import (
    SafetyPainReport,
    SafetyRecord,
    SafetyStableWord,
    SafetySymptom,
    SafetySymptomReport,
    SafetyUnreadable,
)

Case = tuple[str, SafetyRecord]

# When the latest report of a case was made; any noon serves.
NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)


def symptom(code: str, *, present: bool = True, **attrs: Any) -> SafetySymptom:
    """One symptom."""
    return SafetySymptom(code=code, present=present, attrs=attrs)


def report(
    *symptoms: SafetySymptom,
    name: str = "a",
    before: timedelta = timedelta(),
    late: timedelta | None = None,
    on: date | None = None,
    answered_no: tuple[str, ...] = (),
) -> SafetySymptomReport:
    """A symptom report made `before` noon and received `late`; `on` is its local date."""
    at = NOON - before
    return SafetySymptomReport(
        id=name,
        occurred_at=at,
        local_date=on or at.date(),
        received_at=UNSET if late is None else at + late,
        symptoms=list(symptoms),
        answered_no=list(answered_no),
    )


def one(code: str, *, name: str = "a", **attrs: Any) -> SafetySymptomReport:
    """A report at noon of one symptom."""
    return report(symptom(code, **attrs), name=name)


def earlier(code: str, before: timedelta, *, name: str = "b", **attrs: Any) -> SafetySymptomReport:
    """A report of one symptom `before` noon."""
    return report(symptom(code, **attrs), name=name, before=before)


def pain(
    site: str,
    score: int,
    *,
    before: timedelta = timedelta(),
    kind: str = "avg24",
    rest: str = "unknown",
    otc: str = "unknown",
    name: str = "p",
) -> SafetyPainReport:
    """A pain report `before` noon."""
    at = NOON - before
    return SafetyPainReport(
        id=name,
        occurred_at=at,
        local_date=at.date(),
        site=site,
        kind=kind,
        score=score,
        relief_rest=rest,
        relief_otc=otc,
    )


def word(code: str, before: timedelta, *, side: str = "") -> SafetyStableWord:
    """A clinician's word, given `before` noon."""
    return SafetyStableWord(symptom=code, at=NOON - before, side=side)


def unreadable(body: Any, *, name: str = "x") -> SafetyUnreadable:
    """A report of wrong form that was received at noon."""
    return SafetyUnreadable(id=name, received_at=NOON, body=body)


def record(
    *reports: SafetySymptomReport,
    pains: tuple[SafetyPainReport, ...] = (),
    history: tuple[str, ...] = (),
    **more: Any,
) -> SafetyRecord:
    """A record of these reports."""
    return SafetyRecord(
        symptom_reports=list(reports), pain_reports=list(pains), history=list(history), **more
    )
