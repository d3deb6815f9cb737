"""The daily look at each patient: trends and gates move even when nothing arrives."""

import logging
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db.models import QuerySet

from backend.accounts.models import Patient
from backend.accounts.revisions import PatientMissing, Revision, revision
from backend.core.compiled import compiled
from backend.core.localtime import local_date, local_instant
from exercises.triage.models import NextEvaluation
from exercises.triage.panel_summaries import refresh
from exercises.triage.services.judging import judge
from exercises.triage.services.prompts import take_up_lapsed

logger = logging.getLogger(__name__)

# Trends count local days, and every report judges them anew: between two midnights nothing but a
# report can move them. The specification's look at 09:00 (section 2.1) would find what midnight
# found; and what a patient opens at 00:30 must be right (see docs/adr/0008-judged-at-midnight.md).
MOMENT = time(0, 0)


def next_moment(now: datetime, zone: str) -> datetime:
    """The next local midnight after `now`, as an instant."""
    tomorrow = local_date(now, zone) + timedelta(days=1)
    return local_instant(tomorrow, MOMENT, zone)


def plan_next_evaluation(*, patient: Patient, now: datetime) -> None:
    """Sees to it that the patient's trends are judged at the next moment."""
    due_at = next_moment(now, patient.user.time_zone)
    NextEvaluation.objects.update_or_create(patient=patient, defaults={"due_at": due_at})


def evaluate_due(*, now: datetime, limit: int = 100) -> int:
    """Judges the patients whose moment has come; how many. Safe to run any number of times at once:
    under the patient's revision a second runner finds the moment moved on."""
    due = NextEvaluation.objects.filter(due_at__lte=now).order_by("due_at")
    ids = [*due.values_list("patient_id", flat=True)[:limit]]
    judged = sum(evaluate_one(patient_id=patient_id, now=now) for patient_id in ids)
    _prepare_panels(ids, now)
    return judged


def _prepare_panels(patient_ids: Sequence[UUID], now: datetime) -> None:
    """Computes the new day's panel rows at night, for all of them together, and not while the first
    therapist of the morning waits."""
    try:
        refresh(patient_ids, now)
    except Exception as error:
        # Whoever reads the panel computes what is missing.
        logger.error("the panel's rows were not prepared: %s", type(error).__name__)  # noqa: TRY400


def evaluate_one(*, patient_id: UUID, now: datetime) -> bool:
    """Judges one patient if her moment has come; whether it had."""
    try:
        with revision(patient_id) as rev:
            return _judge_if_due(patient_id, rev, now)
    except PatientMissing:
        return False
    except Exception as error:
        # One patient's bad row must not keep the others from being looked at; she is tried again.
        logger.error("the daily look at one patient failed: %s", type(error).__name__)  # noqa: TRY400
        NextEvaluation.objects.filter(patient_id=patient_id).update(
            due_at=now + timedelta(minutes=5)
        )
        return False


def _judge_if_due(patient_id: UUID, rev: Revision, now: datetime) -> bool:
    (patient,) = _patients(patient_id)
    # Moved on first: one statement says whether the moment is still this runner's to judge.
    due = NextEvaluation.objects.filter(patient=patient, due_at__lte=now)
    if not due.update(due_at=next_moment(now, patient.user.time_zone)):
        return False
    take_up_lapsed(patient=patient, rev=rev, now=now)
    judge(patient=patient, rev=rev, now=now)
    return True


@compiled
def _patients(patient_id: UUID) -> QuerySet[Patient]:
    return Patient.objects.filter(pk=patient_id).select_related("user")
