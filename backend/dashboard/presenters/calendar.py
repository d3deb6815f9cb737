"""What became of the exercises, day by day: a number, a shape and a word for each day, never a colour
alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from backend.dashboard.presenters.plans import exercise_name
from backend.dashboard.presenters.times import day_text, weekday_text
from exercises.triage.history.days import Day, Stretch, Tally
from exercises.triage.history.reading import Course, History

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# Beyond so many weeks a line for each of them says more than a cell for each day.
MOST_WEEKS_BY_DAY = 12
WORDS = {
    "done": "Done",
    "partial": "In part",
    "skipped": "Skipped",
    "missed": "Missed",
    "due": "Still due",
    "paused": "Paused",
    "not_synced": "Not synced",
    "nothing_due": "None due",
}
_ABSENT = {"not_logged": "missed"}


@dataclass(frozen=True)
class Cell:
    """One day: `code` picks the shape, `count` says how many were done of how many, `detail` all of
    it in words."""

    number: str
    code: str
    word: str
    count: str
    detail: str


@dataclass(frozen=True)
class WeekRow:
    """A calendar week, Monday first; None is a day outside the span."""

    label: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Line:
    """A stretch of days, or an exercise, with what became of it."""

    label: str
    share: str
    done: int
    due: int
    rest: str


@dataclass(frozen=True)
class Calendar:
    """`weeks` by day, or none for a long span; `lines` by seven days, the newest first."""

    total: Line
    weeks: tuple[WeekRow, ...]
    lines: tuple[Line, ...]
    exercises: tuple[Line, ...]
    key: tuple[tuple[str, str], ...] = tuple(WORDS.items())
    headings: tuple[str, ...] = DAYS


def calendar(history: History) -> Calendar:
    """The exercises of the history."""
    weeks = _from_the_start(_weeks(history.days))
    return Calendar(
        total=_line("", history.exercise),
        weeks=weeks if len(history.weeks) <= MOST_WEEKS_BY_DAY else (),
        lines=tuple(_week_line(week) for week in reversed(history.weeks)),
        exercises=tuple(_course_line(course) for course in history.courses),
    )


def code_of(tally: Tally) -> str:
    """The word that a day stands under."""
    if tally.absence is not None:
        return _ABSENT.get(tally.absence, tally.absence)
    if tally.done == tally.asked:
        return "done"
    if tally.done or tally.partial:
        return "partial"
    if tally.skipped:
        return "missed" if tally.missed > tally.skipped else "skipped"
    return "due"


def _weeks(days: Sequence[Day]) -> tuple[WeekRow, ...]:
    by_date = {day.day: day for day in days}
    monday = days[0].day - timedelta(days=days[0].day.weekday())
    rows = []
    while monday <= days[-1].day:
        dates = [monday + timedelta(days=offset) for offset in range(7)]
        cells = tuple(_cell(by_date[on]) if on in by_date else None for on in dates)
        rows.append(WeekRow(day_text(monday), cells))
        monday += timedelta(days=7)
    return tuple(rows)


def _from_the_start(weeks: tuple[WeekRow, ...]) -> tuple[WeekRow, ...]:
    """Without the first weeks in which nothing was due, but never without the last one."""
    due = (
        index
        for index, week in enumerate(weeks)
        if any(cell and cell.code != "nothing_due" for cell in week.cells)
    )
    return weeks[next(due, len(weeks) - 1) :]


def _cell(day: Day) -> Cell:
    tally, code = day.exercise, code_of(day.exercise)
    return Cell(
        number=str(day.day.day),
        code=code,
        word=WORDS[code],
        count=f"{tally.done}/{tally.asked}" if tally.asked else "",
        detail=f"{weekday_text(day.day)}: {_said(tally)}",
    )


def _said(tally: Tally) -> str:
    if not tally.asked:
        return "nothing was due"
    return ", ".join([f"{tally.done} of {tally.asked} done", *_rest(tally)])


def _rest(tally: Tally) -> list[str]:
    counts = {
        "in part": tally.partial,
        "skipped": tally.skipped,
        "missed": tally.missed,
        "still due": tally.open,
        "paused": tally.paused,
        "not synced": tally.not_synced,
    }
    return [f"{count} {what}" for what, count in counts.items() if count]


def _line(label: str, tally: Tally) -> Line:
    share = f"{tally.done} of {tally.due} done" if tally.due else "Nothing was due"
    if not tally.due and (tally.paused or tally.not_synced or tally.open):
        share = "Nothing known of it yet" if tally.not_synced else "Nothing was due yet"
    return Line(label, share, tally.done, tally.due, ", ".join(_rest(tally)))


def _week_line(week: Stretch) -> Line:
    return _line(days_text(week.first, week.last), week.exercise)


def _course_line(course: Course) -> Line:
    return _line(exercise_name(course.exercise), course.tally)


def days_text(first: date, last: date) -> str:
    """A stretch of days: "27 Apr to 3 May", "4 to 9 May", "4 May"."""
    if first == last:
        return day_text(first)
    start = str(first.day) if first.month == last.month else day_text(first)
    return f"{start} to {day_text(last)}"
