"""The service report as a table, on the page and as CSV."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from backend.accounts.ending import EndReason
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
ABOUT = "about "


@dataclass(frozen=True)
class CohortLine:
    """One month in words; `counts` in the order of the columns."""

    month: str
    counts: tuple[str, ...]


@dataclass(frozen=True)
class ReportScreen:
    """The page of the report; `reasons` are why care ended, with how often."""

    columns: tuple[str, ...]
    lines: tuple[CohortLine, ...]
    total: CohortLine
    reasons: tuple[tuple[str, str], ...]
    hides: bool


def report_screen(
    months: Sequence[Cohort], total: Cohort, reasons: Mapping[str, Count]
) -> ReportScreen:
    """The cohorts with their total, and why care ended."""
    lines = tuple(_line(one, f"{one.month:%B %Y}") for one in months if one.month)
    everything = _line(total, "All months")
    why = {code: _plain(count, ABOUT) for code, count in reasons.items()}
    return ReportScreen(
        columns=tuple(LABELS[name] for name in COLUMNS),
        lines=lines,
        total=everything,
        reasons=tuple((EndReason(code).label, count) for code, count in why.items()),
        hides=HIDDEN in why.values() or any(HIDDEN in one.counts for one in (*lines, everything)),
    )


def report_csv(months: Sequence[Cohort], total: Cohort, reasons: Mapping[str, Count]) -> str:
    """The same as CSV (RFC 4180), months as 2026-05; a hidden count is the word "hidden", a rounded
    one has "~" before it. Why care ended is told of all months alone."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("month", *COLUMNS, *(f"ended_{code}" for code in reasons)))
    writer.writerows((*row, *[""] * len(reasons)) for row in _rows(months))
    writer.writerows(
        (*row, *(_plain(count, "~") for count in reasons.values())) for row in _rows([total])
    )
    return out.getvalue()


def _rows(cohorts: Sequence[Cohort]) -> Iterator[tuple[str, ...]]:
    for one in cohorts:
        month = f"{one.month:%Y-%m}" if one.month else "all"
        counts = (getattr(one, name) for name in COLUMNS)
        yield month, *(_plain(count, "~") for count in counts)


def _line(cohort: Cohort, month: str) -> CohortLine:
    counts = (getattr(cohort, name) for name in COLUMNS)
    return CohortLine(month, tuple(_plain(count, ABOUT) for count in counts))


def _plain(count: Count, about: str) -> str:
    if count.shown is None:
        return HIDDEN
    return f"{about}{count.shown}" if count.is_rounded else str(count.shown)
