"""The list of patients, row by row."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from backend.dashboard.presenters.levels import Badge, badge
from backend.dashboard.presenters.numbers import PainLine, ShareLine, pain_line, share_line
from backend.dashboard.presenters.plans import PlanLine, plan_line
from backend.dashboard.presenters.times import Moment, moment
from exercises.triage.levels import Level
from exercises.triage.panel import PanelRow
from exercises.triage.panel_queries import Sort
from exercises.triage.reasons import Reason

# A check-in is asked for daily; two days without one is worth a word.
QUIET_AFTER = timedelta(days=2)
REASONS_SHOWN = 3
SORTS: tuple[tuple[Sort, str], ...] = (
    ("risk", "Needs first"),
    ("silence", "Longest silent"),
    ("pain_change", "Pain change"),
    ("name", "Name"),
)


@dataclass(frozen=True)
class ReasonLine:
    """One alert in a row."""

    badge: Badge
    title: str
    since: Moment
    status: str


@dataclass(frozen=True)
class Heard:
    """When a patient, or her phone, was last heard of; `at` is None for never."""

    text: str
    at: Moment | None
    is_quiet: bool


@dataclass(frozen=True)
class PatientLine:
    """One row of the list; of a patient who does not share her diary, the alerts that stay visible
    and nothing else."""

    id: UUID
    name: str
    diary_shared: bool
    badge: Badge
    needs_seeing: bool
    reasons: tuple[ReasonLine, ...]
    more_reasons: int
    plan: PlanLine
    pain: PainLine
    share: ShareLine
    reported: Heard
    synced: Heard


@dataclass(frozen=True)
class SortLink:
    """One way to sort, with its address."""

    label: str
    query: str
    is_current: bool


@dataclass(frozen=True)
class PanelPage:
    """The list as it is shown; `tag` names exactly this content."""

    lines: tuple[PatientLine, ...]
    sorts: tuple[SortLink, ...]
    tally: tuple[str, ...]
    total: int
    sort: Sort
    search: str
    query: str
    tag: str


def panel_page(
    rows: Sequence[PanelRow], *, sort: Sort, search: str, now: datetime, zone: str
) -> PanelPage:
    """`rows` in their order, those whose name holds `search`."""
    lines = tuple(_line(row, now, zone) for row in rows)
    return PanelPage(
        lines=lines,
        sorts=tuple(SortLink(label, _query(key, search), key == sort) for key, label in SORTS),
        tally=_tally(rows),
        total=len(rows),
        sort=sort,
        search=search,
        query=_query(sort, search),
        tag=hashlib.sha256(repr(lines).encode()).hexdigest()[:16],
    )


def reason_line(reason: Reason, now: datetime, zone: str) -> ReasonLine:
    """An alert as a line; one that was withdrawn or seen says so."""
    status = ""
    if not reason.stands:
        status = "withdrawn by the patient, still to be reviewed"
    elif not reason.waits:
        status = "acknowledged"
    return ReasonLine(badge(reason.level), reason.title, moment(reason.since, now, zone), status)


def heard(what: str, at: datetime | None, now: datetime, zone: str) -> Heard:
    """ "Reported 2 h ago", "Not reported since ...", "Never reported"; `what` is the participle."""
    if at is None:
        return Heard(f"Never {what}", None, is_quiet=True)
    if now - at >= QUIET_AFTER:
        return Heard(f"Not {what} since", moment(at, now, zone), is_quiet=True)
    return Heard(what.capitalize(), moment(at, now, zone), is_quiet=False)


def _line(row: PanelRow, now: datetime, zone: str) -> PatientLine:
    return PatientLine(
        id=row.id,
        name=row.name,
        diary_shared=row.diary_shared,
        badge=badge(row.level),
        needs_seeing=any(reason.waits for reason in row.reasons),
        reasons=tuple(reason_line(found, now, zone) for found in row.reasons[:REASONS_SHOWN]),
        more_reasons=max(0, len(row.reasons) - REASONS_SHOWN),
        plan=plan_line(row.phase, row.day, row.pause_reasons),
        pain=pain_line(row.pain, row.today),
        share=share_line(row.adherence),
        reported=heard("reported", row.last_report_at, now, zone),
        synced=heard("synced", row.last_synced_at, now, zone),
    )


def _tally(rows: Sequence[PanelRow]) -> tuple[str, ...]:
    counted = Counter(row.level for row in rows)
    levels = sorted((level for level in counted if level is not Level.NONE), reverse=True)
    with_alert = [f"{counted[level]} {badge(level).label.lower()}" for level in levels]
    without = [f"{counted[Level.NONE]} without an open alert"] if counted[Level.NONE] else []
    return (*with_alert, *without)


def _query(sort: Sort, search: str) -> str:
    return urlencode({"sort": sort} | ({"q": search} if search else {}))
