"""The next 14 days as a table: what would be due on which day."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from backend.dashboard.presenters.plans import PHASES, exercise_name
from backend.dashboard.presenters.times import day_text
from exercises.plans.wire import DateSpan, PlanPreview

DAY = timedelta(days=1)
NOTHING = "\N{MIDDLE DOT}"


@dataclass(frozen=True)
class PreviewRow:
    """An exercise: how often it is due on each day; `news` says that it is new, or begins later."""

    name: str
    news: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class PreviewTable:
    """The plan over the `days` (weekday and date); `gone` are the exercises that would no longer be there."""

    phase: str
    is_paused: bool
    days: tuple[tuple[str, str], ...]
    rows: tuple[PreviewRow, ...]
    gone: tuple[str, ...]


def preview_table(preview: PlanPreview) -> PreviewTable:
    """The preview in words and numbers."""
    return PreviewTable(
        phase=PHASES.get(preview.phase, preview.phase),
        is_paused=preview.state == "paused",
        days=tuple((f"{day:%a}", day_text(day)) for day in _days(preview.days)),
        rows=tuple(_rows(preview)),
        gone=tuple(exercise_name(code) for code in preview.removed),
    )


def _days(span: DateSpan) -> Iterator[date]:
    return (span.start + offset * DAY for offset in range((span.end - span.start).days))


def _rows(preview: PlanPreview) -> Iterator[PreviewRow]:
    due = Counter((item.exercise, item.local_date) for item in preview.occurrences)
    paused = preview.state == "paused"
    # Two prescriptions of one exercise follow each other: one row shows both.
    # The later one names it.
    names = {item.exercise: item.name for item in preview.prescriptions}
    for code, name in names.items():
        times = [due[code, day] for day in _days(preview.days)]
        news = ["new"] if code in preview.added else []
        news += [] if any(times) else ["not in these days"]
        cells = tuple(_cell(number, paused=paused) for number in times)
        yield PreviewRow(name, ", ".join(news), cells)


def _cell(times: int, *, paused: bool) -> str:
    if not times:
        return NOTHING
    return "paused" if paused else str(times)
