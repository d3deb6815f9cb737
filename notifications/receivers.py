"""What reminders follow of other apps: a plan is opened, somebody travels, a record is
deleted. Connected by the app config; each runs in the transaction that it follows."""

from datetime import datetime
from typing import Any

from backend.accounts.models import User
from backend.accounts.revisions import Revision
from backend.accounts.signals import data_going, zone_changed
from exercises.plans.models import RecoveryPlan
from exercises.plans.signals import plan_opened
from notifications.reminders import services
from notifications.services.departing import tell_team


def give_reminders(*, plan: RecoveryPlan, rev: Revision, now: datetime, **_: Any) -> None:
    """A plan comes with its default reminders."""
    services.give_defaults(plan=plan, zone=plan.patient.user.time_zone, rev=rev, now=now)


def follow_zone(*, user: User, now: datetime, **_: Any) -> None:
    """Reminders that follow the patient ring by the clocks of where she is now."""
    services.follow_zone(user=user, now=now)


def connect() -> None:
    """Starts following."""
    plan_opened.connect(give_reminders, dispatch_uid="notifications.give_reminders")
    zone_changed.connect(follow_zone, dispatch_uid="notifications.follow_zone")
    data_going.connect(tell_team, dispatch_uid="notifications.tell_team")
