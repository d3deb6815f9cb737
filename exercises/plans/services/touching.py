"""One change of a plan: a new version for the phones, a new revision for their sync."""

from backend.accounts.revisions import Revision
from exercises.plans.models import RecoveryPlan


def touch(plan: RecoveryPlan, rev: Revision, *fields: str) -> None:
    """Store the plan's `fields` with the next version and revision."""
    plan.version += 1
    plan.rev = rev.take()
    plan.save(update_fields=["version", "rev", *fields])


def show(plan: RecoveryPlan, rev: Revision) -> None:
    """Something about the plan is to be seen, and it is the version that it was: a revision alone."""
    plan.rev = rev.take()
    plan.save(update_fields=["rev"])
