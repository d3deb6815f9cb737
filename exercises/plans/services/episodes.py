"""A plan is one episode of recovery: opened by the intake, closed by the next episode."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from backend.accounts.revisions import Revision
from exercises.plans.flags import profile_flags as flags_of
from exercises.plans.models import PauseReason, PhaseChange, PlanPause, RecoveryPlan
from exercises.plans.services.flares import leave_flare
from exercises.plans.services.prescribing import end_prescriptions, prescribe_phase
from exercises.plans.services.touching import touch
from exercises.plans.signals import plan_opened


def create_plan(
    *,
    patient_id: UUID,
    start_date: date,
    care_started_on: date,
    profile_flags: Collection[str],
    out_of_scope: bool,
    rev: Revision,
    now: datetime,
) -> RecoveryPlan:
    """Open the first plan of a patient, with the prescriptions of the initial phase.

    Out of scope, the plan rests from the first moment until a clinician releases it.
    """
    reasons = [PauseReason.OUT_OF_SCOPE] if out_of_scope else []
    return _open(
        RecoveryPlan(
            patient_id=patient_id,
            start_date=start_date,
            care_started_on=min(care_started_on, start_date),
            phase_since=start_date,
            rev=rev.take(),
            created_at=now,
        ),
        cause="start",
        paused_for=reasons,
        profile_flags=profile_flags,
        rev=rev,
        now=now,
    )


def restart(
    *,
    plan: RecoveryPlan,
    on_date: date,
    open_symptoms: Collection[str] = (),
    rev: Revision,
    now: datetime,
) -> RecoveryPlan:
    """Close `plan` and open the next episode on the local date `on_date`: new clocks, initial
    phase. What the old plan rested for, the new one rests for too; the history stays."""
    reasons = [row.reason for row in plan.pauses.filter(ended_at=None).order_by("id")]
    plan.pauses.filter(ended_at=None).update(ended_at=now)
    leave_flare(plan=plan, on_date=on_date, rev=rev, now=now)
    end_prescriptions(plan=plan, on_date=on_date, rev=rev)
    plan.closed_at = now
    touch(plan, rev, "closed_at")
    return _open(
        RecoveryPlan(
            patient_id=plan.patient_id,
            episode=plan.episode + 1,
            start_date=on_date,
            care_started_on=on_date,
            phase_since=on_date,
            rev=rev.take(),
            created_at=now,
        ),
        cause="recurrence",
        paused_for=reasons,
        profile_flags=flags_of(plan.patient_id, open_symptoms),
        rev=rev,
        now=now,
    )


def _open(
    plan: RecoveryPlan,
    *,
    cause: str,
    paused_for: Collection[str],
    profile_flags: Collection[str],
    rev: Revision,
    now: datetime,
) -> RecoveryPlan:
    plan.save(force_insert=True)
    PhaseChange.objects.create(
        plan=plan, phase="initial", on_date=plan.start_date, at=now, cause=cause
    )
    PlanPause.objects.bulk_create(
        [PlanPause(plan=plan, reason=reason, started_at=now) for reason in paused_for]
    )
    prescribe_phase(
        plan=plan,
        phase="initial",
        on_date=plan.start_date,
        profile_flags=profile_flags,
        rev=rev,
    )
    plan_opened.send(sender=RecoveryPlan, plan=plan, rev=rev, now=now)
    return plan
