"""Phases change through the gate or a therapist; a hold keeps the gate from opening."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

import msgspec

from backend.accounts.models import User
from backend.accounts.revisions import Revision
from exercises.catalog.shapes import PhaseId
from exercises.plans.flags import profile_flags
from exercises.plans.models import PhaseChange, RecoveryPlan
from exercises.plans.phases import GateLine, is_step_back
from exercises.plans.selectors import phase_of, staying_rows
from exercises.plans.services.flares import leave_flare
from exercises.plans.services.prescribing import end_prescriptions, prescribe_phase
from exercises.plans.services.touching import touch

_HOLD = ("held_at", "held_by", "held_reason", "held_until")


class AlreadyInPhase(Exception):
    """The plan is in that phase already."""


def change_phase(
    *,
    plan: RecoveryPlan,
    phase: PhaseId,
    cause: str,
    on_date: date,
    by: User | None,
    reason: str,
    held_until: date | None = None,
    evidence: Sequence[GateLine] = (),
    open_symptoms: Collection[str] = (),
    rev: Revision,
    now: datetime,
) -> PhaseChange:
    """Bring the plan into `phase` on the local date `on_date`, its first day there.

    `cause` is gate, advance, step_back, flare or recurrence; `by` None is the machine; `evidence`
    is the checklist at that moment. `open_symptoms` are codes of symptoms present now: the new
    phase's exercises leave out what they forbid. A therapist's word stands: her step back holds
    the phase (until the local date `held_until`, exclusive, or until released), or else the gate
    would undo it the next morning, and her advance ends a hold; what she wrote of an exercise that
    the new phase serves stays, unless the step is back. A flare that runs is over.

    Raises `AlreadyInPhase`.
    """
    if phase == plan.phase:
        raise AlreadyInPhase
    if by is not None:
        holder = by if is_step_back(phase_of(plan), phase) else None
        _set_hold(plan, holder, reason, held_until, now)
    leave_flare(plan=plan, on_date=on_date, rev=rev, now=now)
    staying = staying_rows(plan, phase, on_date)
    plan.phase, plan.phase_since = phase, on_date
    touch(plan, rev, "phase", "phase_since", *_HOLD)
    end_prescriptions(plan=plan, on_date=on_date, but=staying, rev=rev)
    prescribe_phase(
        plan=plan,
        phase=phase,
        on_date=on_date,
        profile_flags=profile_flags(plan.patient_id, open_symptoms),
        standing={row.exercise for row in staying},
        rev=rev,
    )
    return PhaseChange.objects.create(
        plan=plan,
        phase=phase,
        on_date=on_date,
        at=now,
        cause=cause,
        by=by,
        reason=reason,
        evidence=msgspec.to_builtins(evidence),
    )


def hold(
    *,
    plan: RecoveryPlan,
    by: User,
    reason: str,
    until: date | None = None,
    rev: Revision,
    now: datetime,
) -> None:
    """Keep the plan in its phase until the local date `until` (exclusive), or until released."""
    _set_hold(plan, by, reason, until, now)
    touch(plan, rev, *_HOLD)


def release_hold(*, plan: RecoveryPlan, rev: Revision) -> bool:
    """Let the gate decide again; False when nobody held the phase."""
    if plan.held_at is None:
        return False
    _clear_hold(plan)
    touch(plan, rev, *_HOLD)
    return True


def _set_hold(
    plan: RecoveryPlan, by: User | None, reason: str, until: date | None, now: datetime
) -> None:
    if by is None:
        _clear_hold(plan)
        return
    plan.held_at, plan.held_by, plan.held_reason, plan.held_until = now, by, reason, until


def _clear_hold(plan: RecoveryPlan) -> None:
    plan.held_at, plan.held_by, plan.held_reason, plan.held_until = None, None, "", None
