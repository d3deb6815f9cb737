"""The tables of a visit brief as text: alerts, pain by week, exercises (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from exercises.reports.brief_wire import BriefAlert, BriefExercise, BriefWeek, Site
from exercises.reports.brief_words import Words
from exercises.triage.levels import Level


@dataclass(frozen=True)
class AlertLine:
    """One alert; `is_open` while it stands, `level` is its code."""

    day: str
    text: str
    level: str
    level_text: str
    status: str
    is_open: bool


@dataclass(frozen=True)
class PainCell:
    """One site in one week."""

    usual: str
    worst: str
    days: str


@dataclass(frozen=True)
class PainRow:
    """One week, with a cell for each site of the table's head."""

    week: str
    cells: tuple[PainCell, ...]


@dataclass(frozen=True)
class ExerciseRow:
    """One exercise."""

    name: str
    share: str
    partial: str
    worst: str


def alert_line(alert: BriefAlert, words: Words) -> AlertLine:
    """An alert as a line."""
    day = alert.closed_on
    if isinstance(day, UnsetType):
        day = alert.acknowledged_on
    status = words.say(
        "statuses",
        alert.status,
        date="" if isinstance(day, UnsetType) else words.short_day(day),
    )
    answer = "" if isinstance(alert.answer, UnsetType) else words.find("answers", alert.answer)
    return AlertLine(
        day=_when(alert, words),
        text=alert.text,
        level=alert.level,
        level_text=words.say("levels", alert.level),
        status=words.say("alerts", "and", first=status, second=answer) if answer else status,
        is_open=alert.closed_on is UNSET,
    )


def _when(alert: BriefAlert, words: Words) -> str:
    # Of what cannot wait, the hour counts; a trend has none.
    if Level.of(alert.level) >= Level.URGENT_SAME_DAY:
        return words.moment(alert.at)
    return words.short_day(alert.at.date())


def alerts_note(alerts: Sequence[BriefAlert], words: Words) -> str:
    """What stands beside the alerts: never that all is well."""
    if not alerts:
        return words.say("alerts", "none")
    is_open = any(alert.closed_on is UNSET for alert in alerts)
    return "" if is_open else words.say("alerts", "none_open")


def has_site(week: BriefWeek, site: Site) -> bool:
    """Whether anything was entered of `site` in a week."""
    return any(found.site == site for found in week.sites)


def pain_row(week: BriefWeek, sites: Sequence[Site], words: Words) -> PainRow:
    """A week as a row, with a cell for each of `sites`."""
    found = {one.site: one for one in week.sites}
    empty = PainCell(words.say("page", "none"), words.say("page", "none"), "0")
    return PainRow(
        week=words.span(week.first, week.last),
        cells=tuple(
            PainCell(
                _mean(found[site].usual, words),
                _number(found[site].worst, words),
                str(found[site].days),
            )
            if site in found
            else empty
            for site in sites
        ),
    )


def exercise_row(row: BriefExercise, words: Words) -> ExerciseRow:
    """An exercise as a row."""
    return ExerciseRow(
        name=row.name,
        share=words.say("tried", "share", done=row.done, due=row.due),
        partial=str(row.partial),
        worst=_number(row.worst_pain, words),
    )


def _mean(value: float | UnsetType, words: Words) -> str:
    return words.say("page", "none") if isinstance(value, UnsetType) else words.decimal(value)


def _number(value: float | UnsetType, words: Words) -> str:
    return words.say("page", "none") if isinstance(value, UnsetType) else words.number(value)
