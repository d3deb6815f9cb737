"""Flares and recurrences act on the plan: a flare overlays it for some days, a recurrence begins the
next episode (specification 3.1, ADR 7)."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction

from backend.accounts.revisions import Revision
from exercises.catalog import selectors as catalog
from exercises.plans import selectors as plans
from exercises.plans import services as plan_services
from exercises.plans.models import Flare, FlareEnd, RecoveryPlan
from exercises.plans.phases import phase_before
from exercises.tracking import selectors as tracking
from exercises.tracking import trends
from exercises.tracking.models import FactType
from exercises.triage.models import Alert, AlertStatus
from exercises.triage.rules.pack import default_pack
from exercises.triage.rules.record import Record

DAY = timedelta(days=1)
FLARE_RULE = "RT-FLARE"
RECURRENCE_RULES = frozenset({"RT-RECUR", "SD-RECUR"})


def follow_course(
    *,
    plan: RecoveryPlan,
    record: Record,
    raised: Sequence[Alert],
    flare: Flare | None,
    open_symptoms: Collection[str],
    rev: Revision,
    now: datetime,
) -> RecoveryPlan:
    """Lets the plan follow the course that pain takes; returns the plan that is open afterwards.
    `flare` is the one that runs.

    `raised` are the alerts that this judgement raised: each flare and each recurrence counts once.
    """
    if any(_begins_an_episode(alert, plan) for alert in raised):
        return plan_services.restart(
            plan=plan, on_date=record.today, open_symptoms=open_symptoms, rev=rev, now=now
        )
    if flare is not None:
        _follow_flare(plan, flare, record, open_symptoms, rev, now)
    elif any(alert.rule == FLARE_RULE and alert.status == AlertStatus.OPEN for alert in raised):
        _begin_flare(plan, record.today, open_symptoms, rev, now)
    return plan


def usual_pain(record: Record, started_on: date) -> Fraction | None:
    """The mean of the week that ended on the day before a flare; None where too little is known."""
    week = timedelta(days=default_pack().constants.window_days)
    values = record.daily_values(started_on - week, started_on - DAY)
    return trends.window_mean(values, started_on - DAY, default_pack().constants)


def _begins_an_episode(alert: Alert, plan: RecoveryPlan) -> bool:
    if alert.rule not in RECURRENCE_RULES or alert.status != AlertStatus.OPEN:
        return False
    # The recurrence that began this plan must not begin another when its alert is raised anew.
    dates = [day for match in alert.because["matched"] for day in match.get("dates", ())]
    return bool(dates) and date.fromisoformat(max(dates)) > plan.start_date


def _begin_flare(
    plan: RecoveryPlan,
    today: date,
    open_symptoms: Collection[str],
    rev: Revision,
    now: datetime,
) -> None:
    is_one_too_many = _flares_that_count(plan, today) + 1 >= catalog.gate().flares_before_step_back
    stepped_back = is_one_too_many and _step_back(
        plan, today, "Too many flares in a short time.", open_symptoms, rev, now
    )
    plan_services.start_flare(
        plan=plan,
        started_on=today,
        served_from=_first_day_served(plan, today),
        open_symptoms=open_symptoms,
        stepped_back=stepped_back,
        rev=rev,
    )


def _flares_that_count(plan: RecoveryPlan, today: date) -> int:
    """The flares of the last days, those left out that have led to a step back already."""
    window = timedelta(days=catalog.gate().flares_window_days)
    count = 0
    for flare in plans.flares_of(plan).filter(started_on__gt=today - window):
        count = 0 if flare.stepped_back else count + 1
    return count


def _first_day_served(plan: RecoveryPlan, today: date) -> date:
    # What was done today must not vanish from today's list: then the flare is served tomorrow.
    done = tracking.facts_between(plan.patient_id, [FactType.SESSION], today, today + DAY)
    return today + DAY if done.exists() else today


def _follow_flare(
    plan: RecoveryPlan,
    flare: Flare,
    record: Record,
    open_symptoms: Collection[str],
    rev: Revision,
    now: datetime,
) -> None:
    values = record.daily_values(flare.started_on, record.today)
    latest = max(values, default=None)
    usual = usual_pain(record, flare.started_on)
    if latest is None or (latest == flare.started_on and not _is_high(values[latest], usual)):
        _end(plan, flare, record.today, FlareEnd.WITHDRAWN, rev, now)
    elif not _is_high(values[latest], usual):
        # Today goes on as it was served; the next day is as before.
        _end(plan, flare, max(latest + DAY, record.today), FlareEnd.SETTLED, rev, now)
    elif record.today >= flare.ends_on:
        _end_unsettled(plan, flare, latest, record.today, open_symptoms, rev, now)


def _end_unsettled(
    plan: RecoveryPlan,
    flare: Flare,
    latest: date,
    today: date,
    open_symptoms: Collection[str],
    rev: Revision,
    now: datetime,
) -> None:
    """The days of a flare are over and it has not settled. Silence is not taken for a longer flare,
    nor for its end: the days are over, and the therapist is asked to look."""
    if latest == flare.started_on:
        _end(plan, flare, flare.ends_on, FlareEnd.SILENT, rev, now)
        return
    _end(plan, flare, flare.ends_on, FlareEnd.LASTED, rev, now)
    reason = "The flare lasted longer than it may."
    if _step_back(plan, today, reason, open_symptoms, rev, now):
        flare.stepped_back = True
        flare.save(update_fields=["stepped_back"])


def _end(
    plan: RecoveryPlan,
    flare: Flare,
    on_date: date,
    outcome: FlareEnd,
    rev: Revision,
    now: datetime,
) -> None:
    plan_services.end_flare(
        plan=plan, flare=flare, on_date=on_date, outcome=outcome, rev=rev, now=now
    )


def _is_high(value: trends.Exact, usual: Fraction | None) -> bool:
    """As RT-FLARE sees it: at least moderate, and clearly above the week before, where known."""
    constants = default_pack().constants
    if value < constants.moderate_from:
        return False
    return usual is None or value - usual >= constants.flare_points


def _step_back(
    plan: RecoveryPlan,
    today: date,
    reason: str,
    open_symptoms: Collection[str],
    rev: Revision,
    now: datetime,
) -> bool:
    """One phase back; False in the first phase, and while a therapist holds the plan in its own."""
    phase = phase_before(plans.phase_of(plan))
    if phase is None or plans.is_held(plan, today):
        return False
    plan_services.change_phase(
        plan=plan,
        phase=phase,
        cause="flare",
        on_date=today,
        by=None,
        reason=reason,
        open_symptoms=open_symptoms,
        rev=rev,
        now=now,
    )
    return True
