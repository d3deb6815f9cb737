"""The two numbers that gates and pages ask of the diary: the week's mean, and whether it improved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import partial
from uuid import UUID

from django.db.models import Q, QuerySet

from backend.core.compiled import compiled
from backend.core.together import Part
from backend.core.wanted import Wanted, read
from exercises.plans.models import Intake, RecoveryPlan
from exercises.plans.reads import intakes_of
from exercises.tracking import selectors as tracking
from exercises.tracking import trends
from exercises.tracking.models import DayPain
from exercises.tracking.trends import ValueSource
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
    return read(wanted_trend(plan, today))


def wanted_trend(plan: RecoveryPlan, today: date) -> Wanted[Trend]:
    """The same, to be read with other things: of the diary only the two weeks that it compares, of
    the sites that count."""
    week = timedelta(days=default_pack().constants.window_days - 1)
    spans = (plan.start_date, plan.start_date + week, today - week, today)

    def made(intakes: Sequence[Intake], rows: Sequence[tracking.SummedDay]) -> Trend:
        asks = intakes[0].answers if intakes and plan.episode == 1 else {}
        return trend_from(
            partial(trends.within, tracking.index_values(rows)),
            plan_start=plan.start_date,
            today=today,
            pain_at_start=asks.get("pain_at_episode_start"),
        )

    parts = [
        Part(intakes_of, (plan.patient_id,), Intake),
        Part(_days_of, (plan.patient_id, *spans), tracking.SummedDay),
    ]
    return Wanted(parts, made)


@compiled
def _days_of(
    patient_id: UUID, first: date, last: date, also_first: date, also_last: date
) -> QuerySet[DayPain]:
    either = Q(local_date__range=(first, last)) | Q(local_date__range=(also_first, also_last))
    return tracking.logged_days(patient_id, either)


def trend_from(
    values: ValueSource, *, plan_start: date, today: date, pain_at_start: int | None
) -> Trend:
    """The trend that daily values show; `pain_at_start` is the intake's answer (0-10)."""
    constants = default_pack().constants
    week = timedelta(days=constants.window_days - 1)
    first = values(plan_start, plan_start + week)
    recent = values(today - week, today)
    before = trends.baseline(first, plan_start, constants, pain_at_start=pain_at_start)
    window = trends.window_mean(recent, today, constants)
    improved = window is not None and trends.has_improved(before, window, constants)
    return Trend(window, before, improved)
