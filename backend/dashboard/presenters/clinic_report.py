"""The service report as a table, on the page and as CSV."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from exercises.reports.service_report import COLUMNS, Cohort, Count

LABELS = {
    "enrolled": "Enrolled",
    "started": "Started a plan",
    "due": "Known at 30 days",
    "active": "Active at 30 days",
    "stopped_by_patient": "Left",
    "stopped_by_clinic": "Ended by the clinic",
    "stopped_by_system": "Otherwise ended",
}
HIDDEN = "hidden"


@dataclass(frozen=True)
class CohortLine:
    """One month in words; `counts` in the order of the columns."""

    month: str
    counts: tuple[str, ...]


@dataclass(frozen=True)
class ReportScreen:
    """The page of the report."""

    columns: tuple[str, ...]
    lines: tuple[CohortLine, ...]
    total: CohortLine
    hides: bool


def report_screen(months: Sequence[Cohort], total: Cohort) -> ReportScreen:
    """The cohorts with their total."""
    lines = tuple(_line(one, f"{one.month:%B %Y}") for one in months if one.month)
    everything = _line(total, "All months")
    return ReportScreen(
        columns=tuple(LABELS[name] for name in COLUMNS),
        lines=lines,
        total=everything,
        hides=any(HIDDEN in line.counts for line in (*lines, everything)),
    )


def report_csv(months: Sequence[Cohort], total: Cohort) -> str:
    """The same as CSV (RFC 4180), months as 2026-05; a hidden count is the word "hidden", a rounded
    one has "~" before it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("month", *COLUMNS))
    writer.writerows(_rows(months, total))
    return out.getvalue()


def _rows(months: Sequence[Cohort], total: Cohort) -> Iterator[tuple[str, ...]]:
    for one in (*months, total):
        month = f"{one.month:%Y-%m}" if one.month else "all"
        counts = (getattr(one, name) for name in COLUMNS)
        yield month, *(_plain(count, "~") for count in counts)


def _line(cohort: Cohort, month: str) -> CohortLine:
    counts = (getattr(cohort, name) for name in COLUMNS)
    return CohortLine(month, tuple(_plain(count, "about ") for count in counts))


def _plain(count: Count, about: str) -> str:
    if count.shown is None:
        return HIDDEN
    return f"{about}{count.shown}" if count.is_rounded else str(count.shown)
