"""The two numbers that gates and pages ask of the diary: the week's mean, and whether it improved."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from exercises.plans import selectors as plans
from exercises.plans.models import RecoveryPlan
from exercises.tracking import selectors as tracking
from exercises.tracking import trends
from exercises.tracking.trends import DaySource
from exercises.triage.rules.pack import default_pack


@dataclass(frozen=True)
class Trend:
    """`window` is the mean of the last seven days (None: too few were logged), `baseline` where it
    started, `improved` whether it clearly fell."""

    window: Fraction | None
    baseline: Fraction | None
    improved: bool


def trend_of(plan: RecoveryPlan, today: date) -> Trend:
    """The trend of the plan's patient on her local date `today`; two queries."""
    intake = plans.intake_of(plan.patient_id)
    asked = intake.answers.get("pain_at_episode_start") if intake and plan.episode == 1 else None
    days = tracking.DiaryDays(plan.patient_id, start=plan.start_date, today=today)
    return trend_from(days.between, plan_start=plan.start_date, today=today, pain_at_start=asked)


def trend_from(
    between: DaySource, *, plan_start: date, today: date, pain_at_start: int | None
) -> Trend:
    """The trend that day summaries show; `pain_at_start` is the intake's answer (0-10)."""
    constants = default_pack().constants
    week = timedelta(days=constants.window_days - 1)
    first = trends.daily_values(between(plan_start, plan_start + week))
    recent = trends.daily_values(between(today - week, today))
    before = trends.baseline(first, plan_start, constants, pain_at_start=pain_at_start)
    window = trends.window_mean(recent, today, constants)
    improved = window is not None and trends.has_improved(before, window, constants)
    return Trend(window, before, improved)
