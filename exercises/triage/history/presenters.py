"""A patient's history, as it travels."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, cast

from msgspec import UNSET, UnsetType

from backend.core.localtime import local_date
from exercises.catalog import selectors as catalog
from exercises.catalog.shapes import PhaseId
from exercises.tracking.instruments.responses import score_of
from exercises.tracking.models import Fact
from exercises.triage.history import wire
from exercises.triage.history.days import WEEK_DAYS, Day, Stretch, Tally
from exercises.triage.history.reading import Course, History
from exercises.triage.levels import Level


def progress_view(history: History, *, language: str) -> wire.Progress:
    """What the patient sees of her own course."""
    return wire.Progress(
        first=history.span.first,
        last=history.span.last,
        synced_on=history.heard_on or UNSET,
        pain=_pain(history),
        exercise=wire.ExerciseSeries(**_exercise(history, language)),
        questionnaires=_forms(history),
        phases=_phases(history),
    )


def series_view(history: History, *, zone: str) -> wire.Series:
    """What her therapist sees of it; `zone` is the patient's."""
    return wire.Series(
        first=history.span.first,
        last=history.span.last,
        synced_on=history.heard_on or UNSET,
        pain=_pain(history),
        questionnaires=_forms(history),
        phases=_phases(history),
        flares=[wire.FlareSpan(start=row.started_on, end=row.ends_on) for row in history.flares],
        alerts=[
            wire.AlertMark(
                date=local_date(row.occurred_at, zone), level=Level(row.level).code, rule=row.rule
            )
            for row in history.alerts
        ],
    )


def adherence_view(history: History, *, language: str) -> wire.AdherenceSeries:
    """The exercises alone."""
    return wire.AdherenceSeries(
        first=history.span.first,
        last=history.span.last,
        synced_on=history.heard_on or UNSET,
        **_exercise(history, language),
    )


def _pain(history: History) -> wire.PainSeries:
    logged = sum(bool(day.pain) for day in history.days)
    return wire.PainSeries(
        logged=wire.Share(numerator=logged, denominator=len(history.days)),
        days=[_point(day) for day in history.days],
        weeks=[_week(week) for week in history.weeks],
    )


def _point(day: Day) -> wire.PainPoint:
    return wire.PainPoint(
        date=day.day,
        knee=_number(day.pain.get("knee")),
        leg=_number(day.pain.get("leg")),
        back=_number(day.pain.get("back")),
        index=_number(day.index),
        absence=day.pain_absence or UNSET,
    )


def _week(week: Stretch) -> wire.PainWeek:
    return wire.PainWeek(
        first=week.first,
        last=week.last,
        logged=wire.Share(numerator=week.logged, denominator=min(week.days, WEEK_DAYS)),
        knee=_number(week.mean.get("knee")),
        leg=_number(week.mean.get("leg")),
        back=_number(week.mean.get("back")),
        index=_number(week.index),
    )


def _exercise(history: History, language: str) -> dict[str, Any]:
    return {
        "total": wire.ExerciseTally(**_counts(history.exercise)),
        "exercises": [_course(course, language) for course in history.courses],
        "days": [
            wire.ExerciseDay(
                date=day.day, absence=day.exercise.absence or UNSET, **_counts(day.exercise)
            )
            for day in history.days
        ],
    }


def _course(course: Course, language: str) -> wire.ExerciseCourse:
    offered = catalog.find_exercise(course.exercise) is not None
    name = catalog.exercise(course.exercise, language=language).name if offered else course.exercise
    return wire.ExerciseCourse(exercise=course.exercise, name=name, **_counts(course.tally))


def _counts(tally: Tally) -> dict[str, Any]:
    return {
        "done": wire.Share(numerator=tally.done, denominator=tally.due),
        "partial": tally.partial,
        "skipped": tally.skipped,
        "missed": tally.missed,
        "open": tally.open,
        "paused": tally.paused,
        "not_synced": tally.not_synced,
    }


def _forms(history: History) -> list[wire.QuestionnairePoint]:
    return [point for fact in history.forms for point in _form(fact)]


def _form(fact: Fact) -> Iterable[wire.QuestionnairePoint]:
    score = score_of(fact)
    if score is not None:
        yield wire.QuestionnairePoint(
            instrument=fact.data["instrument"],
            date=fact.local_date,
            value=_number(score.value),
            numerator=score.numerator,
            denominator=score.denominator,
        )


def _phases(history: History) -> list[wire.PhaseSince]:
    rows = [row for row in history.changes if row.on_date <= history.span.last]
    return [wire.PhaseSince(phase=cast(PhaseId, row.phase), since=row.on_date) for row in rows]


def _number(value: Fraction | None) -> float | UnsetType:
    return UNSET if value is None else round(float(value), 2)
