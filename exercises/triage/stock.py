"""What there is to read of a patient besides her diary, asked in one query.

Most patients have no open alert, no pause and no flare; what is not there need not be read.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, Q, QuerySet

from backend.core.compiled import compiled
from exercises.plans.models import Flare, Intake, PlanPause
from exercises.tracking.models import Quarantined
from exercises.triage.models import STANDING, Alert, KnownStable


@dataclass(frozen=True)
class Stock:
    """The patient's intake, and whether there is any: standing alert, unrepaired report, word of a
    clinician that still says something, pause of the open plan, flare of the open plan."""

    intake: Intake | None
    alerts: bool = True
    quarantined: bool = True
    known_stable: bool = True
    pauses: bool = True
    flares: bool = True


def stock_of(patient_id: UUID, *, known_after: datetime) -> Stock:
    """`known_after` is when a clinician's word must not have expired before."""
    found = _stocks.first(patient_id, known_after)
    # Before an intake there is no row to ask; then everything is looked for.
    return Stock(found, **{name: getattr(found, name) for name in _FLAGS}) if found else Stock(None)


_FLAGS = ("alerts", "quarantined", "known_stable", "pauses", "flares")


@compiled
def _stocks(patient_id: UUID, known_after: datetime) -> QuerySet[Intake]:
    of_plan = Q(plan__patient_id=patient_id, plan__closed_at=None, ended_at=None)
    alerts = Alert.objects.filter(patient_id=patient_id, status__in=STANDING)
    words = KnownStable.objects.filter(patient_id=patient_id, expires_at__gt=known_after)
    return Intake.objects.filter(patient_id=patient_id).annotate(
        alerts=Exists(alerts),
        quarantined=Exists(Quarantined.objects.filter(patient_id=patient_id, repaired_by=None)),
        known_stable=Exists(words),
        pauses=Exists(PlanPause.objects.filter(of_plan)),
        flares=Exists(Flare.objects.filter(of_plan)),
    )
