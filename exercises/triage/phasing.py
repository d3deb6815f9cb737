"""How alerts and trends act on the plan: it rests while something urgent stands, and moves on only
through its gate."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backend.accounts.revisions import Revision
from backend.core.together import Part
from backend.core.wanted import Wanted, read
from exercises.catalog import selectors as catalog
from exercises.catalog.translation import ENGLISH
from exercises.plans import selectors as plans
from exercises.plans import services as plan_services
from exercises.plans.models import Flare, PauseReason, RecoveryPlan
from exercises.plans.phases import Evidence, Gate
from exercises.plans.reads import unsteady_flares
from exercises.tracking import selectors as tracking
from exercises.triage.courses import Session
from exercises.triage.levels import Level
from exercises.triage.models import Alert
from exercises.triage.rules.record import Record
from exercises.triage.trend import Trend, trend_from

OUT_OF_SCOPE_RULE = "EL-SCOPE"


@dataclass(frozen=True)
class Tolerance:
    """The worst of the recent sessions: pain while exercising, and its rise by next morning."""

    pain_during: int | None
    next_morning: int | None


@dataclass(frozen=True)
class Lately:
    """How the recent sessions were borne, and whether a flare runs or led the plan back lately."""

    tolerance: Tolerance
    is_unsteady: bool


def follow_alerts(
    *,
    plan: RecoveryPlan,
    rests_for: Collection[str],
    standing: Sequence[Alert],
    rev: Revision,
    now: datetime,
) -> frozenset[str]:
    """Pauses the plan while an emergency or urgent alert stands, and releases that pause after.

    `rests_for` are the reasons for which it rests; returns those for which it rests afterwards.
    """
    reason, must_rest = PauseReason.ALERT, _must_rest(standing)
    if must_rest and reason not in rests_for:
        plan_services.pause(plan=plan, reason=reason, rev=rev, now=now)
    if not must_rest and reason in rests_for:
        plan_services.release(plan=plan, reason=reason, rev=rev, now=now)
    return frozenset({*rests_for, reason} if must_rest else {*rests_for} - {reason})


def after_resolution(*, alert: Alert, rev: Revision, now: datetime) -> None:
    """A clinician who resolves the scope alert releases the plan to her patient."""
    plan = plans.open_plan(alert.patient_id)
    if plan is not None and alert.rule == OUT_OF_SCOPE_RULE:
        plan_services.release(plan=plan, reason=PauseReason.OUT_OF_SCOPE, rev=rev, now=now)


def stays_as_it_is(
    *,
    plan: RecoveryPlan,
    rests_for: Collection[str],
    record: Record,
    standing: Sequence[Alert],
) -> bool:
    """Whether neither `follow_alerts` nor `pass_gate` would move the plan; writes nothing. A gate that
    asks how the sessions were borne is not decided here."""
    if _must_rest(standing) != (PauseReason.ALERT in rests_for):
        return False
    return bool(rests_for) or _is_shut(plan, record, standing)


def pass_gate(
    *,
    plan: RecoveryPlan,
    record: Record,
    standing: Sequence[Alert],
    open_symptoms: Collection[str],
    rev: Revision,
    now: datetime,
) -> None:
    """Moves a plan that does not rest to its next phase if every line of the gate is met today."""
    if _is_shut(plan, record, standing):
        return
    today, trend = record.today, _trend(plan, record)
    gate = gate_of(plan=plan, standing=standing, trend=trend, today=today)
    if gate is not None and gate.passed:
        plan_services.change_phase(
            plan=plan,
            phase=gate.target,
            cause="gate",
            on_date=today,
            by=None,
            reason="",
            evidence=gate.lines,
            open_symptoms=open_symptoms,
            rev=rev,
            now=now,
        )


def gate_of(
    *,
    plan: RecoveryPlan,
    standing: Sequence[Alert],
    trend: Trend,
    today: date,
    language: str = ENGLISH,
) -> Gate | None:
    """The gate out of the plan's phase with today's evidence; None in the last phase."""
    return gate_after(
        read(wanted_lately(plan, today)),
        plan=plan,
        standing=standing,
        trend=trend,
        today=today,
        language=language,
    )


def wanted_lately(plan: RecoveryPlan, today: date) -> Wanted[Lately]:
    """What `gate_after` needs, to be read with other things."""
    first = today - timedelta(days=catalog.gate().session_lookback_days)

    def made(sessions: Sequence[Session], flares: Sequence[Flare]) -> Lately:
        return Lately(_tolerance(sessions), bool(flares))

    days = (plan.patient_id, first, today + timedelta(days=1))
    return Wanted(
        [
            Part(tracking.sessions_between, days, Session),
            Part(unsteady_flares, (plan.pk, plans.steady_since(today)), Flare),
        ],
        made,
    )


def gate_after(
    lately: Lately,
    *,
    plan: RecoveryPlan,
    standing: Sequence[Alert],
    trend: Trend,
    today: date,
    language: str = ENGLISH,
) -> Gate | None:
    """`gate_of` after what was read."""
    evidence = _evidence(
        plan=plan,
        standing=standing,
        trend=trend,
        today=today,
        tolerance=lately.tolerance,
        unsteady=lately.is_unsteady,
    )
    return plans.plan_gate(plan, evidence, language=language)


def _evidence(
    *,
    plan: RecoveryPlan,
    standing: Sequence[Alert],
    trend: Trend,
    today: date,
    tolerance: Tolerance,
    unsteady: bool,
) -> Evidence:
    return Evidence(
        day=plans.plan_day(plan, today),
        days_in_phase=plans.days_in_phase(plan, today),
        highest_open_level=max((alert.level for alert in standing), default=Level.NONE),
        window_mean=trend.window,
        improved=trend.improved,
        worst_pain_during_last_days=tolerance.pain_during,
        worst_next_morning_rise=tolerance.next_morning,
        held=plans.is_held(plan, today),
        unsteady=unsteady,
    )


def _must_rest(standing: Sequence[Alert]) -> bool:
    return any(alert.level >= Level.URGENT_SAME_DAY for alert in standing)


def _is_shut(plan: RecoveryPlan, record: Record, standing: Sequence[Alert]) -> bool:
    """Whether the calendar or the evidence but the sessions keeps the gate shut."""
    today = record.today
    return not _may_open(plan, today) or _stays_shut(plan, standing, _trend(plan, record), today)


def _trend(plan: RecoveryPlan, record: Record) -> Trend:
    return trend_from(
        record.daily_values,
        plan_start=plan.start_date,
        today=record.today,
        pain_at_start=record.profile.pain_at_episode_start,
    )


def _stays_shut(plan: RecoveryPlan, standing: Sequence[Alert], trend: Trend, today: date) -> bool:
    """Whether the gate is shut however the sessions were borne, which then need not be read."""
    best = _evidence(
        plan=plan,
        standing=standing,
        trend=trend,
        today=today,
        tolerance=Tolerance(None, None),
        unsteady=False,
    )
    return not plans.passes_gate(plan, best)


def recent_tolerance(plan: RecoveryPlan, today: date) -> Tolerance:
    """How the sessions of the gate's look-back days were borne."""
    return read(wanted_lately(plan, today)).tolerance


def _tolerance(sessions: Sequence[Session]) -> Tolerance:
    during, rises = [], []
    for session in sessions:
        during += [item["pain_during"] for item in session.data["items"] if "pain_during" in item]
        if "next_morning_increase" in session.data:
            rises.append(session.data["next_morning_increase"])
    return Tolerance(max(during, default=None), max(rises, default=None))


def _may_open(plan: RecoveryPlan, today: date) -> bool:
    # The calendar alone keeps most gates shut; then the sessions need not be read at all.
    target = {"initial": "rehab", "rehab": "long_term"}.get(plan.phase)
    if target is None:
        return False
    first_day = next(phase.first_day for phase in catalog.phases() if phase.id == target)
    return plans.plan_day(plan, today) >= first_day
