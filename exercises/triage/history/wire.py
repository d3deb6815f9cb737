"""A patient's history in the shapes that travel. Every share comes as numerator and denominator, and
every day without a value says why."""

from datetime import date
from typing import Literal

from msgspec import UNSET, UnsetType

from backend.core.wire import Wire
from exercises.catalog.shapes import PhaseId
from exercises.triage.history.days import Absence
from exercises.triage.levels import LevelCode


class Share(Wire, frozen=True, kw_only=True):
    """`numerator` of `denominator`; of nothing (0 of 0) there is no share."""

    numerator: int
    denominator: int


class ExerciseTally(Wire, frozen=True, kw_only=True):
    """`done` of what could have been done by now and is known of: done, done in part, skipped or
    missed. Besides them `open` is still asked for, `paused` rested with the plan, and of
    `not_synced` the phone has not told yet."""

    done: Share
    partial: int
    skipped: int
    missed: int
    open: int
    paused: int
    not_synced: int


class PainPoint(Wire, frozen=True, kw_only=True):
    """The pain of one local date by site, 0-10 (`index` is the higher of knee and leg), or why there
    is no value."""

    date: date
    knee: float | UnsetType = UNSET
    leg: float | UnsetType = UNSET
    back: float | UnsetType = UNSET
    index: float | UnsetType = UNSET
    absence: Absence | UnsetType = UNSET


class PainWeek(Wire, frozen=True, kw_only=True):
    """The means of up to seven days, both dates included; `logged` says of how many days. A mean of
    fewer than three is absent."""

    first: date
    last: date
    logged: Share
    knee: float | UnsetType = UNSET
    leg: float | UnsetType = UNSET
    back: float | UnsetType = UNSET
    index: float | UnsetType = UNSET


class PainSeries(Wire, frozen=True, kw_only=True):
    """Pain over a span: every day is there, oldest first."""

    logged: Share
    days: list[PainPoint]
    weeks: list[PainWeek]


class ExerciseDay(ExerciseTally, frozen=True, kw_only=True):
    """What became of one local date; `absence` says why there is nothing to tell."""

    date: date
    absence: Absence | UnsetType = UNSET


class ExerciseCourse(ExerciseTally, frozen=True, kw_only=True):
    """What became of one exercise."""

    exercise: str
    name: str


class ExerciseSeries(Wire, frozen=True, kw_only=True):
    """Exercises over a span, in all, by exercise, and every day, oldest first."""

    total: ExerciseTally
    exercises: list[ExerciseCourse]
    days: list[ExerciseDay]


class QuestionnairePoint(Wire, frozen=True, kw_only=True):
    """The score of one form: `numerator` points over `denominator` answers; without `value` there
    is none."""

    instrument: str
    date: date
    value: float | UnsetType = UNSET
    numerator: int
    denominator: int


class PhaseSince(Wire, frozen=True, kw_only=True):
    """A phase began."""

    phase: PhaseId
    since: date


class FlareSpan(Wire, frozen=True, kw_only=True):
    """A flare, from `start` until `end` (exclusive)."""

    start: date
    end: date


class AlertMark(Wire, frozen=True, kw_only=True):
    """An alert on the local date of what raised it."""

    date: date
    level: LevelCode
    rule: str


class Progress(Wire, frozen=True, kw_only=True):
    """The patient's own course. `synced_on` is the local date on which a phone last synced; of that
    day and later ones nothing is held against her."""

    first: date
    last: date
    synced_on: date | UnsetType = UNSET
    pain: PainSeries
    exercise: ExerciseSeries
    questionnaires: list[QuestionnairePoint]
    phases: list[PhaseSince]


class Series(Wire, frozen=True, kw_only=True):
    """A patient's figures over a span, with the phases, flares and alerts behind them."""

    first: date
    last: date
    synced_on: date | UnsetType = UNSET
    pain: PainSeries
    questionnaires: list[QuestionnairePoint]
    phases: list[PhaseSince]
    flares: list[FlareSpan]
    alerts: list[AlertMark]


class AdherenceSeries(ExerciseSeries, frozen=True, kw_only=True):
    """A patient's exercises over a span."""

    first: date
    last: date
    synced_on: date | UnsetType = UNSET


Kind = Literal[
    "pain",
    "symptoms",
    "exercise",
    "home_care",
    "questionnaires",
    "alerts",
    "prompts",
    "visits",
    "plan",
    "messages",
    "notes",
    "corrections",
]
