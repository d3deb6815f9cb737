"""What a patient's timeline is made of: one source for each kind of row, with the column that says
when."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from backend.accounts.models import User
from exercises.plans.models import (
    Flare,
    PhaseChange,
    PlanOrder,
    PlanPause,
    PrescriptionOrder,
)
from exercises.tracking.models import Fact, FactType, Quarantined
from exercises.triage.history.wire import Kind
from exercises.triage.models import AlertEvent, KnownStable, ThresholdSet, VisitVersion

# Steps in the life of an alert that are the patient's answers to its advice.
ANSWERS = ("seen", "will_go", "declined", "planned", "attended", "sought_care", "visit_off")

Rows = Callable[[UUID], QuerySet[Any]]


@dataclass(frozen=True)
class Source:
    """`rows` of a patient, each of which happened at its column `at`. A source of an app above this
    one says itself what its rows hold (`data`) and who wrote them (`by`)."""

    name: str
    kind: Kind
    at: str
    rows: Rows
    data: Callable[[Any], dict[str, Any]] | None = None
    by: Callable[[Any], User | None] | None = None


def _facts(kind: FactType) -> Rows:
    # One query for each type: each is a short walk along the index of type and time.
    return lambda patient_id: Fact.objects.filter(patient=patient_id, type=kind)


def _alert_steps(patient_id: UUID) -> QuerySet[AlertEvent]:
    rows = AlertEvent.objects.filter(alert__patient=patient_id)
    return rows.exclude(step__in=ANSWERS).select_related("alert", "by")


def _answers(patient_id: UUID) -> QuerySet[AlertEvent]:
    rows = AlertEvent.objects.filter(alert__patient=patient_id, step__in=ANSWERS)
    return rows.select_related("alert", "by")


def _visits(patient_id: UUID) -> QuerySet[VisitVersion]:
    return VisitVersion.objects.filter(visit__patient=patient_id).select_related("visit")


def _changes(patient_id: UUID) -> QuerySet[PhaseChange]:
    return PhaseChange.objects.filter(plan__patient=patient_id).select_related("by")


def _plan_orders(patient_id: UUID) -> QuerySet[PlanOrder]:
    return PlanOrder.objects.filter(plan__patient=patient_id).select_related("by")


def _prescription_orders(patient_id: UUID) -> QuerySet[PrescriptionOrder]:
    return PrescriptionOrder.objects.filter(plan__patient=patient_id).select_related("by")


def _pauses(patient_id: UUID) -> QuerySet[PlanPause]:
    return PlanPause.objects.filter(plan__patient=patient_id)


def _flares(patient_id: UUID) -> QuerySet[Flare]:
    return Flare.objects.filter(plan__patient=patient_id)


def _known_stable(patient_id: UUID) -> QuerySet[KnownStable]:
    return KnownStable.objects.filter(patient=patient_id).select_related("by")


def _thresholds(patient_id: UUID) -> QuerySet[ThresholdSet]:
    return ThresholdSet.objects.filter(patient=patient_id).select_related("by")


def _rejected(patient_id: UUID) -> QuerySet[Quarantined]:
    return Quarantined.objects.filter(patient=patient_id)


# The order decides between what happened at the same instant: the first here comes first.
SOURCES: list[Source] = [
    Source("alert_step", "alerts", "at", _alert_steps),
    Source("prompt_answer", "prompts", "at", _answers),
    Source("known_stable", "alerts", "at", _known_stable),
    Source("visit", "visits", "at", _visits),
    Source("thresholds", "plan", "at", _thresholds),
    Source("plan_order", "plan", "at", _plan_orders),
    Source("prescription_order", "plan", "at", _prescription_orders),
    Source("phase_change", "plan", "at", _changes),
    Source("pause_ended", "plan", "ended_at", _pauses),
    Source("pause_started", "plan", "started_at", _pauses),
    Source("flare_ended", "plan", "ended_at", _flares),
    Source("rejected", "corrections", "received_at", _rejected),
    Source("retraction", "corrections", "occurred_at", _facts(FactType.RETRACTION)),
    Source("symptom_report", "symptoms", "occurred_at", _facts(FactType.SYMPTOM)),
    Source("pain_report", "pain", "occurred_at", _facts(FactType.PAIN)),
    Source("relief_answer", "pain", "occurred_at", _facts(FactType.RELIEF)),
    Source("location", "pain", "occurred_at", _facts(FactType.LOCATION)),
    Source("session", "exercise", "occurred_at", _facts(FactType.SESSION)),
    Source("home_care", "home_care", "occurred_at", _facts(FactType.HOME_CARE)),
    Source("questionnaire", "questionnaires", "occurred_at", _facts(FactType.QUESTIONNAIRE)),
]


def add_source(source: Source) -> None:
    """Tells a timeline of rows that an app above this one keeps; its name must be one of
    `EntryType`."""
    if source.name not in {known.name for known in SOURCES}:
        SOURCES.append(source)
