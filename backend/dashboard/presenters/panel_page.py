"""The page around the list of patients: what was asked for, how many there are, and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from backend.dashboard.presenters.levels import badge
from backend.dashboard.presenters.plans import PHASES
from exercises.triage.levels import Level
from exercises.triage.panel_pages import PanelPage, Tally
from exercises.triage.panel_queries import Asked, Sort

SORTS: tuple[tuple[Sort, str], ...] = (
    ("risk", "Needs first"),
    ("silence", "Longest silent"),
    ("pain_change", "Pain change"),
    ("name", "Name"),
)


@dataclass(frozen=True)
class Choice:
    """One way to look at the list, with its address; choosing a filter again gives it up."""

    id: str
    label: str
    query: str
    is_current: bool
    count: int | None = None
    code: str = ""


@dataclass(frozen=True)
class PanelFrame:
    """All of the page but its rows. `missed` emergencies are in her care and not on this page;
    `hidden` fields keep, in the search, what was asked for outside of it."""

    total: int
    summary: str
    sorts: tuple[Choice, ...]
    levels: tuple[Choice, ...]
    states: tuple[Choice, ...]
    phases: tuple[Choice, ...]
    hidden: tuple[tuple[str, str], ...]
    search: str
    phase: str
    query: str
    all_query: str
    is_filtered: bool
    range: str
    next_query: str
    first_query: str
    missed: int
    missed_query: str
    unread: int


def panel_frame(page: PanelPage, asked: Asked, *, skipped: int, cursor: str) -> PanelFrame:
    """The frame of `page`, which follows `skipped` rows; `cursor` leads to the next, if any."""
    tally = page.tally
    shown = len(page.rows)
    here = sum(row.level is Level.EMERGENCY_NOW for row in page.rows)
    start = replace(Asked(), sort=asked.sort)
    return PanelFrame(
        total=tally.total,
        summary=_summary(tally),
        sorts=tuple(
            Choice(f"sort-{key}", label, query_of(replace(asked, sort=key)), key == asked.sort)
            for key, label in SORTS
        ),
        levels=_levels(tally, asked),
        states=_states(tally, asked),
        phases=_phases(asked),
        hidden=tuple((k, v) for k, v in fields_of(asked).items() if k not in ("q", "phase")),
        search=asked.name,
        phase=asked.phase,
        query=query_of(asked),
        all_query=query_of(start),
        is_filtered=asked != start,
        range=_range(tally.found, skipped, shown),
        next_query=query_of(asked, cursor=cursor) if cursor else "",
        first_query=query_of(asked) if skipped else "",
        missed=tally.levels[Level.EMERGENCY_NOW] - here,
        missed_query=query_of(replace(Asked(), level=Level.EMERGENCY_NOW)),
        unread=tally.unread,
    )


def fields_of(asked: Asked) -> dict[str, str]:
    """What was asked for, as fields of an address."""
    given: dict[str, Any] = {
        "sort": asked.sort,
        "q": asked.name,
        "level": "" if asked.level is None else asked.level.code,
        "phase": asked.phase,
        "plan": asked.plan or "",
        "silent": "true" if asked.silent else "",
        "unread": "true" if asked.unread else "",
        "on_behalf": asked.on_behalf or "",
    }
    return {name: value for name, value in given.items() if value}


def query_of(asked: Asked, **more: str) -> str:
    """The query of the address."""
    return urlencode(fields_of(asked) | more)


def _summary(tally: Tally) -> str:
    people = "1 patient" if tally.total == 1 else f"{tally.total:,} patients"
    urgent = [
        level for level in (Level.EMERGENCY_NOW, Level.URGENT_SAME_DAY) if tally.levels[level]
    ]
    told = [f"{tally.levels[level]} {badge(level).label.lower()}" for level in urgent]
    unread = [f"{tally.unread} unread"] if tally.unread else []
    return " · ".join([people, *told, *unread])


def _levels(tally: Tally, asked: Asked) -> tuple[Choice, ...]:
    every = Choice(
        "level-all", "All", query_of(replace(asked, level=None)), asked.level is None, tally.total
    )
    found = [
        Choice(
            f"level-{level.code}",
            badge(level).label,
            query_of(replace(asked, level=None if asked.level is level else level)),
            asked.level is level,
            tally.levels[level],
            level.code,
        )
        for level in sorted(Level, reverse=True)
        if tally.levels[level] or asked.level is level
    ]
    return (every, *found)


def _states(tally: Tally, asked: Asked) -> tuple[Choice, ...]:
    paused = asked.plan == "paused"
    covered = asked.on_behalf == "covered"
    choices: Sequence[tuple[str, str, Asked, bool, int]] = (
        ("unread", "Unread", replace(asked, unread=not asked.unread), asked.unread, tally.unread),
        ("silent", "Silent", replace(asked, silent=not asked.silent), asked.silent, tally.silent),
        (
            "paused",
            "Paused",
            replace(asked, plan=None if paused else "paused"),
            paused,
            tally.paused,
        ),
        (
            "covered",
            "Standing in",
            replace(asked, on_behalf=None if covered else "covered"),
            covered,
            tally.covered,
        ),
    )
    return tuple(
        Choice(f"only-{key}", label, query_of(then), is_current, count)
        for key, label, then, is_current, count in choices
        if count or is_current
    )


def _phases(asked: Asked) -> tuple[Choice, ...]:
    return tuple(
        Choice(key, label, "", key == asked.phase)
        for key, label in (("", "Every phase"), *PHASES.items())
    )


def _range(found: int, skipped: int, shown: int) -> str:
    if shown == 0 or (skipped == 0 and shown == found):
        return ""
    return f"{skipped + 1:,} to {skipped + shown:,} of {found:,}"
