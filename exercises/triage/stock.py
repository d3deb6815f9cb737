"""What there is to read of a patient besides her diary, asked in one query.

Most patients have no open alert, no pause and no flare; what is not there need not be read.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, Q, QuerySet, Subquery
from msgspec import Struct

from backend.accounts.models import Patient
from backend.core.compiled import compiled
from exercises.plans.models import Flare, Intake, PlanPause
from exercises.tracking.models import Quarantined
from exercises.tracking.selectors import DiarySpan, logged_dates
from exercises.triage.models import KnownStable, ThresholdSet


class Known(Struct, array_like=True, frozen=True):
    """The intake's answers with what there is besides, as `stocks` finds them."""

    answers: dict[str, Any] | None
    has_quarantined: bool
    has_known_stable: bool
    has_pauses: bool
    has_flares: bool
    has_thresholds: bool
    first_logged: date | None
    last_logged: date | None


@dataclass(frozen=True)
class Stock:
    """The answers of the patient's intake (None before it), from when to when her diary is, and whether
    there is any: unrepaired report, word of a clinician that still says something, pause of the open
    plan, flare of it, numbers of her own."""

    answers: dict[str, Any] | None
    diary: DiarySpan
    quarantined: bool
    known_stable: bool
    pauses: bool
    flares: bool
    thresholds: bool


_FLAGS = ("quarantined", "known_stable", "pauses", "flares", "thresholds")


def stock_from(found: Any) -> Stock:
    """What `stocks` found as a stock."""
    # Erased while the request was on its way; who writes finds out under the lock.
    if found is None:
        return Stock(None, DiarySpan(None, None), **dict.fromkeys(_FLAGS, False))
    flags = {name: getattr(found, f"has_{name}") for name in _FLAGS}
    return Stock(found.answers, DiarySpan(found.first_logged, found.last_logged), **flags)


@compiled
def stocks(patient_id: UUID, known_after: datetime, today: date) -> QuerySet[Patient]:
    """The patient with what `Stock` says; `known_after` is when a clinician's word
    must not have expired before."""
    logged = logged_dates(patient_id)
    of_plan = Q(plan__patient_id=patient_id, plan__closed_at=None, ended_at=None)
    words = KnownStable.objects.filter(patient_id=patient_id, expires_at__gt=known_after)
    answers = Intake.objects.filter(patient_id=patient_id).values("answers")[:1]
    return (
        Patient.objects.filter(pk=patient_id)
        .only("pk")
        .annotate(
            answers=Subquery(answers),
            has_quarantined=Exists(
                Quarantined.objects.filter(patient_id=patient_id, repaired_by=None)
            ),
            has_known_stable=Exists(words),
            has_pauses=Exists(PlanPause.objects.filter(of_plan)),
            has_flares=Exists(Flare.objects.filter(of_plan)),
            has_thresholds=Exists(ThresholdSet.objects.filter(patient_id=patient_id)),
            first_logged=Subquery(logged[:1]),
            last_logged=Subquery(logged.filter(local_date__lte=today).reverse()[:1]),
        )
    )
