"""Six weeks of pain: the chart, and the table with the same numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, takewhile

from backend.core.localtime import local_date
from backend.dashboard.chart import NARROW, WIDE, Chart, ChartData, draw
from backend.dashboard.presenters.levels import Badge, badge
from backend.dashboard.presenters.numbers import score
from backend.dashboard.presenters.plans import PHASES
from backend.dashboard.presenters.times import day_text
from exercises.triage.levels import Level
from exercises.triage.patient_page import SITES, PainDay, PatientPage

MIN_DAYS = 14
DASH = "\N{EN DASH}"
ABSENT = {"not_logged": "not logged", "not_synced": "not synced since"}


@dataclass(frozen=True)
class PainRow:
    """A row of the table: one day by site, or a stretch of days with the reason for its absence."""

    days: str
    values: tuple[str, ...] = ()
    alerts: tuple[Badge, ...] = ()
    absence: str = ""


def pain_course(page: PatientPage) -> tuple[tuple[Chart, ...], tuple[PainRow, ...]]:
    """The charts, one a size, and the table; neither where nothing was logged."""
    series = _from_the_start(page)
    if not any(day.values for day in series):
        return (), ()
    return _charts(page, series), _table(page, series)


def _from_the_start(page: PatientPage) -> Sequence[PainDay]:
    """The series without the empty days before the first value and the plan; two weeks at least."""
    start = page.plan.start_date if page.plan else page.row.today
    leading = takewhile(lambda day: not day.values and day.day < start, page.series)
    return page.series[min(len(list(leading)), len(page.series) - MIN_DAYS) :]


def _charts(page: PatientPage, series: Sequence[PainDay]) -> tuple[Chart, ...]:
    days = [day.day for day in series]
    data = ChartData(
        days=days,
        values={
            site: {day.day: day.values[site] for day in series if site in day.values}
            for site in SITES
        },
        phases=[
            (change.on_date, change.phase, PHASES.get(change.phase, change.phase))
            for change in page.changes
        ],
        alerts=[(day, found.code) for day, found in _alert_days(page) if day in set(days)],
    )
    return draw(data, WIDE), draw(data, NARROW)


def _alert_days(page: PatientPage) -> list[tuple[date, Badge]]:
    alerts = sorted((*page.alerts, *page.earlier), key=lambda alert: -alert.level)
    found = {
        (local_date(alert.occurred_at, page.row.zone), badge(Level(alert.level))): None
        for alert in alerts
    }
    return list(found)


def _table(page: PatientPage, series: Sequence[PainDay]) -> tuple[PainRow, ...]:
    """Newest first; days in a row that are absent for one reason share a row, alerts keep theirs."""
    alerts = _alert_days(page)
    rows: list[PainRow] = []
    marked = {day for day, _ in alerts}
    newest = reversed(series)
    for (absence, _), group in groupby(newest, key=lambda d: (d.absence, d.day in marked)):
        days = list(group)
        if absence and days[0].day not in marked:
            rows.append(PainRow(_stretch(days), absence=ABSENT[absence]))
            continue
        for day in days:
            found = tuple(level for when, level in alerts if when == day.day)
            values = tuple(score(day.values[s]) if s in day.values else DASH for s in SITES)
            shown = () if absence else values
            rows.append(
                PainRow(day_text(day.day), shown, found, ABSENT[absence] if absence else "")
            )
    return tuple(rows)


def _stretch(days: Sequence[PainDay]) -> str:
    last, first = days[0].day, days[-1].day
    if first == last:
        return day_text(first)
    start = str(first.day) if first.month == last.month else day_text(first)
    return f"{start} to {day_text(last)}"
