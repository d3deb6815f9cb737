"""What there is to read of a patient besides her diary, asked in one query.

Most patients have no open alert, no pause and no flare; what is not there need not be read.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, Q, QuerySet
from msgspec import Struct

from backend.core.compiled import compiled
from exercises.plans.models import Flare, Intake, PlanPause
from exercises.tracking.models import Quarantined
from exercises.triage.models import KnownStable, ThresholdSet


class Known(Struct, array_like=True, frozen=True):
    """The intake's answers with what there is besides, as `stocks` finds them."""

    answers: dict[str, Any]
    quarantined: bool
    known_stable: bool
    pauses: bool
    flares: bool
    thresholds: bool


@dataclass(frozen=True)
class Stock:
    """The answers of the patient's intake, and whether there is any: unrepaired report, word of a
    clinician that still says something, pause of the open plan, flare of it,
    numbers of her own."""

    answers: dict[str, Any] | None
    quarantined: bool = True
    known_stable: bool = True
    pauses: bool = True
    flares: bool = True
    thresholds: bool = True


_FLAGS = ("quarantined", "known_stable", "pauses", "flares", "thresholds")


def stock_from(found: Any) -> Stock:
    """What `stocks` found (or nothing) as a stock."""
    # Before an intake there is no row to ask; then everything is looked for.
    if found is None:
        return Stock(None)
    return Stock(found.answers, **{name: getattr(found, name) for name in _FLAGS})


@compiled
def stocks(patient_id: UUID, known_after: datetime) -> QuerySet[Intake]:
    """The intake, if there is one, with the flags of `Stock`; `known_after` is when a clinician's word
    must not have expired before."""
    of_plan = Q(plan__patient_id=patient_id, plan__closed_at=None, ended_at=None)
    words = KnownStable.objects.filter(patient_id=patient_id, expires_at__gt=known_after)
    return Intake.objects.filter(patient_id=patient_id).annotate(
        quarantined=Exists(Quarantined.objects.filter(patient_id=patient_id, repaired_by=None)),
        known_stable=Exists(words),
        pauses=Exists(PlanPause.objects.filter(of_plan)),
        flares=Exists(Flare.objects.filter(of_plan)),
        thresholds=Exists(ThresholdSet.objects.filter(patient_id=patient_id)),
    )
