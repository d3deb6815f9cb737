"""The course of pain: the chart, and the table with the same numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, takewhile

from backend.core.localtime import local_date
from backend.dashboard.chart import NARROW, WIDE, Chart, ChartData, draw
from backend.dashboard.chart_words import GAPS
from backend.dashboard.presenters.calendar import days_text
from backend.dashboard.presenters.levels import Badge, badge
from backend.dashboard.presenters.numbers import score
from backend.dashboard.presenters.plans import PHASES
from backend.dashboard.presenters.times import day_text
from exercises.triage.history.days import SITES, Day, Stretch
from exercises.triage.history.reading import History
from exercises.triage.levels import Level

MIN_DAYS = 14
# Of a longer span the table has a line for seven days.
MOST_DAYS_IN_LINES = 84
DASH = "\N{EN DASH}"


@dataclass(frozen=True)
class PainRow:
    """A row of the table: one day by site, or a stretch of days with the reason for its absence.
    `notes` says what stood over it: a flare."""

    days: str
    values: tuple[str, ...] = ()
    alerts: tuple[Badge, ...] = ()
    absence: str = ""
    notes: str = ""


@dataclass(frozen=True)
class PainCourse:
    """The charts, one a size, and the table; neither where nothing was logged. `by_week`: a row is
    the mean of up to seven days."""

    charts: tuple[Chart, ...]
    rows: tuple[PainRow, ...]
    by_week: bool


def pain_course(history: History, *, zone: str) -> PainCourse:
    """The pain of a history; `zone` is the patient's."""
    days = _from_the_start(history.days)
    by_week = len(history.days) > MOST_DAYS_IN_LINES
    if not any(day.pain for day in days):
        return PainCourse((), (), by_week)
    alerts = _alert_days(history, zone)
    rows = _week_rows(history, alerts) if by_week else _table(days, alerts)
    return PainCourse(_charts(history, days, alerts), rows, by_week)


def _from_the_start(days: Sequence[Day]) -> Sequence[Day]:
    """The days without the empty ones before the first value and the plan; two weeks at least."""
    leading = takewhile(lambda day: day.pain_absence == "nothing_due", days)
    return days[min(len(list(leading)), max(0, len(days) - MIN_DAYS)) :]


def _charts(
    history: History, days: Sequence[Day], alerts: Sequence[tuple[date, Badge]]
) -> tuple[Chart, ...]:
    shown = {day.day for day in days}
    data = ChartData(
        days=[day.day for day in days],
        values={
            site: {day.day: day.pain[site] for day in days if site in day.pain} for site in SITES
        },
        phases=[
            (change.on_date, change.phase, PHASES.get(change.phase, change.phase))
            for change in history.changes
        ],
        alerts=[(day, found.code) for day, found in alerts if day in shown],
        flares=[(row.started_on, min(row.ends_on, history.span.end)) for row in history.flares],
        absences={day.day: day.pain_absence for day in days if day.pain_absence},
    )
    return draw(data, WIDE), draw(data, NARROW)


def _alert_days(history: History, zone: str) -> list[tuple[date, Badge]]:
    alerts = sorted(history.alerts, key=lambda alert: -alert.level)
    found = {
        (local_date(alert.occurred_at, zone), badge(Level(alert.level))): None for alert in alerts
    }
    return list(found)


def _table(days: Sequence[Day], alerts: Sequence[tuple[date, Badge]]) -> tuple[PainRow, ...]:
    """Newest first; days in a row that are absent for one reason share a row, alerts keep theirs."""
    rows: list[PainRow] = []
    marked = {day for day, _ in alerts}
    for (absence, _, flare), group in groupby(
        reversed(days), key=lambda d: (d.pain_absence, d.day in marked, d.in_flare)
    ):
        stretch = list(group)
        notes = "Flare" if flare else ""
        if absence and stretch[0].day not in marked:
            text = days_text(stretch[-1].day, stretch[0].day)
            rows.append(PainRow(text, absence=GAPS[absence], notes=notes))
            continue
        rows += [_row(day, alerts, notes) for day in stretch]
    return tuple(rows)


def _row(day: Day, alerts: Sequence[tuple[date, Badge]], notes: str) -> PainRow:
    found = tuple(level for when, level in alerts if when == day.day)
    if day.pain_absence:
        return PainRow(day_text(day.day), (), found, GAPS[day.pain_absence], notes)
    values = tuple(score(day.pain[s]) if s in day.pain else DASH for s in SITES)
    return PainRow(day_text(day.day), values, found, "", notes)


def _week_rows(history: History, alerts: Sequence[tuple[date, Badge]]) -> tuple[PainRow, ...]:
    return tuple(_week(week, history, alerts) for week in reversed(history.weeks))


def _week(week: Stretch, history: History, alerts: Sequence[tuple[date, Badge]]) -> PainRow:
    found = {level: None for day, level in alerts if week.first <= day <= week.last}
    end = week.last + timedelta(days=1)
    flare = any(row.started_on < end and row.ends_on > week.first for row in history.flares)
    logged = f"{week.logged} of {week.days} days logged"
    values = tuple(score(week.mean[s]) if s in week.mean else DASH for s in SITES)
    return PainRow(
        days=days_text(week.first, week.last),
        values=values if week.mean else (),
        alerts=tuple(found),
        absence="" if week.mean else logged,
        notes=" · ".join(
            text for text in ("Flare" if flare else "", logged if week.mean else "") if text
        ),
    )
