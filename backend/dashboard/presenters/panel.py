"""The list of patients, row by row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from backend.dashboard.presenters.levels import Badge, badge
from backend.dashboard.presenters.numbers import PainLine, ShareLine, pain_line, share_line
from backend.dashboard.presenters.plans import PlanLine, plan_line
from backend.dashboard.presenters.times import Moment, moment
from exercises.triage.panel import PanelRow
from exercises.triage.panel_queries import QUIET_AFTER
from exercises.triage.reasons import Reason

REASONS_SHOWN = 3


@dataclass(frozen=True)
class ReasonLine:
    """The alerts of one rule in a row: how many, since when, and how many of them are new."""

    badge: Badge
    title: str
    since: Moment
    status: str
    count: int = 1


@dataclass(frozen=True)
class Heard:
    """When a patient, or her phone, was last heard of; `at` is None for never."""

    text: str
    at: Moment | None
    is_quiet: bool


@dataclass(frozen=True)
class PatientLine:
    """One row of the list; of a patient who does not share her diary, the alerts that stay visible
    and nothing else. `unread` counts the alerts that nobody has acknowledged."""

    id: UUID
    name: str
    on_behalf_of: str
    diary_shared: bool
    badge: Badge
    unread: int
    reasons: tuple[ReasonLine, ...]
    more_reasons: int
    plan: PlanLine
    pain: PainLine
    share: ShareLine
    reported: Heard
    synced: Heard


def lines_of(rows: Iterable[PanelRow], now: datetime, zone: str) -> tuple[PatientLine, ...]:
    """`rows` in words, in their order."""
    return tuple([_line(row, now, zone) for row in rows])


def reason_lines(reasons: Iterable[Reason], now: datetime, zone: str) -> tuple[ReasonLine, ...]:
    """Alerts in words, those of one rule that stand, and those withdrawn, as one line each."""
    kinds = groupby(sorted(reasons, key=_kind_first), key=lambda r: (r.rule, r.level, r.stands))
    groups = [[*found] for _, found in kinds]
    groups.sort(key=_urgency)
    return tuple([_group_line(group, now, zone) for group in groups])


def reason_line(reason: Reason, now: datetime, zone: str) -> ReasonLine:
    """An alert as a line; one that was withdrawn or seen says so."""
    return _group_line([reason], now, zone)


def heard(what: str, at: datetime | None, now: datetime, zone: str) -> Heard:
    """ "Reported 2 h ago", "Not reported since ...", "Never reported"; `what` is the participle."""
    if at is None:
        return Heard(f"Never {what}", None, is_quiet=True)
    if now - at >= QUIET_AFTER:
        return Heard(f"Not {what} since", moment(at, now, zone), is_quiet=True)
    return Heard(what.capitalize(), moment(at, now, zone), is_quiet=False)


def _line(row: PanelRow, now: datetime, zone: str) -> PatientLine:
    reasons = reason_lines(row.reasons, now, zone)
    return PatientLine(
        id=row.id,
        name=row.name,
        on_behalf_of=row.on_behalf_of,
        diary_shared=row.diary_shared,
        badge=badge(row.level),
        unread=sum(reason.waits for reason in row.reasons),
        reasons=reasons[:REASONS_SHOWN],
        more_reasons=sum(line.count for line in reasons[REASONS_SHOWN:]),
        plan=plan_line(row.phase, row.day, row.pause_reasons),
        pain=pain_line(row.pain, row.today),
        share=share_line(row.adherence),
        reported=heard("reported", row.last_report_at, now, zone),
        synced=heard("synced", row.last_synced_at, now, zone),
    )


def _kind_first(reason: Reason) -> tuple[str, int, bool, datetime]:
    return (reason.rule, reason.level, reason.stands, reason.since)


def _urgency(group: Sequence[Reason]) -> tuple[bool, int, bool, datetime]:
    first = group[0]
    return (not first.stands, -first.level, not any(r.waits for r in group), first.since)


def _group_line(group: Sequence[Reason], now: datetime, zone: str) -> ReasonLine:
    oldest = group[0]
    return ReasonLine(
        badge(oldest.level),
        oldest.title,
        moment(oldest.since, now, zone),
        _status(group),
        len(group),
    )


def _status(group: Sequence[Reason]) -> str:
    waiting = sum(reason.waits for reason in group)
    if not group[0].stands:
        return "withdrawn by the patient, still to be reviewed"
    if waiting == len(group):
        return ""
    return f"{waiting} of {len(group)} new" if waiting else "acknowledged"
