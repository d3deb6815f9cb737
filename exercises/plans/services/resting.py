"""A plan rests for reasons that may overlap, and goes on when the last of them is gone."""

from datetime import datetime

from backend.accounts.revisions import Revision
from exercises.plans.models import PauseReason, PlanPause, RecoveryPlan
from exercises.plans.services.touching import touch


def pause(*, plan: RecoveryPlan, reason: PauseReason, rev: Revision, now: datetime) -> bool:
    """Pause the plan for `reason`; False when it already rests for it."""
    if plan.pauses.filter(reason=reason, ended_at=None).exists():
        return False
    PlanPause.objects.create(plan=plan, reason=reason, started_at=now)
    touch(plan, rev)
    return True


def release(*, plan: RecoveryPlan, reason: PauseReason, rev: Revision, now: datetime) -> bool:
    """End the pause for `reason`; False when there is none. Other reasons stay."""
    if not plan.pauses.filter(reason=reason, ended_at=None).update(ended_at=now):
        return False
    touch(plan, rev)
    return True
