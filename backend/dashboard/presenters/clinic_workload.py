"""Who has how much to look after, in words and counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.accounts.models import Role
from backend.accounts.selectors import Member
from backend.dashboard.presenters.levels import Badge, badge
from exercises.triage.levels import Level
from exercises.triage.workload import Load

LEVELS = tuple(sorted((level for level in Level if level is not Level.NONE), reverse=True))


@dataclass(frozen=True)
class WorkloadLine:
    """One therapist; `levels` counts the alerts that stand, highest level first. Without sight of
    the clinical counts they are empty."""

    name: str
    state: str
    patients: int
    levels: tuple[tuple[Badge, int], ...]
    total: int
    under_a_day: int
    one_to_three_days: int
    older: int
    unacknowledged: int


@dataclass(frozen=True)
class WorkloadScreen:
    """The page of the workload."""

    lines: tuple[WorkloadLine, ...]
    badges: tuple[Badge, ...]
    patients: int
    shows_alerts: bool


def workload_screen(members: Sequence[Member], loads: Mapping[UUID, Load] | None) -> WorkloadScreen:
    """The therapists among `members`, those with most to look at first; `loads` None is for who
    may know of people alone."""
    therapists = [one for one in members if one.membership.role == Role.THERAPIST]
    lines = [_line(one, loads) for one in therapists]
    lines.sort(key=lambda line: (*(-count for _, count in line.levels), -line.patients, line.name))
    return WorkloadScreen(
        lines=tuple(lines),
        badges=tuple(badge(level) for level in LEVELS),
        patients=sum(line.patients for line in lines),
        shows_alerts=loads is not None,
    )


_NOTHING = Load({}, 0, 0, 0, 0)


def _line(member: Member, loads: Mapping[UUID, Load] | None) -> WorkloadLine:
    held = member.membership
    load = (loads or {}).get(held.user_id, _NOTHING)
    counted = tuple((badge(level), load.by_level.get(level, 0)) for level in LEVELS)
    return WorkloadLine(
        name=held.user.name or held.user.email,
        state="Away" if member.leave else "",
        patients=member.patients,
        levels=counted if loads is not None else (),
        total=load.total,
        under_a_day=load.under_a_day,
        one_to_three_days=load.one_to_three_days,
        older=load.older,
        unacknowledged=load.unacknowledged,
    )
