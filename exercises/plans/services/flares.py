"""A flare is an overlay on the plan: for some days it serves what the initial phase serves, while
phase and clocks stay as they are (ADR 7)."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from backend.accounts.revisions import Revision
from exercises.catalog import selectors as catalog
from exercises.plans.flags import profile_flags
from exercises.plans.models import Flare, FlareEnd, RecoveryPlan
from exercises.plans.selectors import running_flare
from exercises.plans.services.prescribing import give_way, take_back
from exercises.plans.services.touching import show, touch


def start_flare(
    *,
    plan: RecoveryPlan,
    started_on: date,
    served_from: date,
    open_symptoms: Collection[str] = (),
    stepped_back: bool = False,
    rev: Revision,
) -> Flare:
    """Begin a flare on the local date `started_on`; its exercises are served from `served_from` on,
    for at most the catalogue's days counted from its start.

    In the initial phase nothing changes but that the flare is known. `stepped_back`: it has led the
    plan back by a phase already.
    """
    most = timedelta(days=catalog.gate().flare_days_max)
    flare = Flare.objects.create(
        plan=plan, started_on=started_on, ends_on=started_on + most, stepped_back=stepped_back
    )
    if plan.phase != "initial":
        flags = profile_flags(plan.patient_id, open_symptoms)
        give_way(plan=plan, flare=flare, on_date=served_from, profile_flags=flags, rev=rev)
        touch(plan, rev)
    else:
        show(plan, rev)
    return flare


def end_flare(
    *,
    plan: RecoveryPlan,
    flare: Flare,
    on_date: date,
    outcome: FlareEnd,
    stepped_back: bool = False,
    rev: Revision,
    now: datetime,
) -> None:
    """End a running flare; the local date `on_date` is the first that is served as before, unless
    the flare was to end sooner anyway."""
    end = max(flare.started_on, min(on_date, flare.ends_on))
    if flare.prescriptions.exists():
        take_back(plan=plan, flare=flare, on_date=end, rev=rev)
        touch(plan, rev)
    else:
        show(plan, rev)
    flare.ends_on, flare.ended_at, flare.outcome = end, now, outcome
    flare.stepped_back = flare.stepped_back or stepped_back
    flare.save(update_fields=["ends_on", "ended_at", "outcome", "stepped_back"])


def leave_flare(*, plan: RecoveryPlan, on_date: date, rev: Revision, now: datetime) -> None:
    """End the flare that runs, if one does, since the plan goes elsewhere."""
    flare = running_flare(plan)
    if flare is not None:
        end_flare(
            plan=plan, flare=flare, on_date=on_date, outcome=FlareEnd.OVERTAKEN, rev=rev, now=now
        )
