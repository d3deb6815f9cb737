"""Scores, means and shares in words, with what they stand on."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from backend.dashboard.presenters.times import day_text
from exercises.triage.measures import Adherence, PainSummary

Direction = Literal["up", "down", "same", "unknown"]


@dataclass(frozen=True)
class PainLine:
    """Pain in two lines: the latest value, and the change from week to week."""

    latest: str
    direction: Direction
    change: str
    basis: str


@dataclass(frozen=True)
class ShareLine:
    """What was done of what was due; `done` and `due` for a bar, which only a share has."""

    text: str
    note: str
    done: int
    due: int


def score(value: Fraction) -> str:
    """A score or mean with at most one decimal: "5", "4.7"."""
    rounded = round(float(value), 1)
    return f"{rounded:.0f}" if rounded == int(rounded) else f"{rounded:.1f}"


def pain_line(pain: PainSummary, today: date) -> PainLine:
    """The pain summary in words; what is missing is said to be missing."""
    direction, change = _change(pain)
    return PainLine(
        latest=_latest(pain, today), direction=direction, change=change, basis=_basis(pain)
    )


def share_line(found: Adherence | None) -> ShareLine:
    """The adherence of the last seven days in words."""
    if found is None:
        return ShareLine("No plan yet", "", 0, 0)
    if found.due == 0:
        return ShareLine(_nothing_due(found), "", 0, 0)
    counts = {
        "more in part": found.partial,
        "paused": found.paused,
        "not synced yet": found.not_synced,
    }
    note = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return ShareLine(f"{found.done} of {found.due} done", note, found.done, found.due)


def _nothing_due(found: Adherence) -> str:
    if found.not_synced:
        return "Not known, not synced"
    return "Plan paused" if found.paused else "Nothing was due"


def _latest(pain: PainSummary, today: date) -> str:
    if pain.latest is None or pain.latest_on is None:
        return "No pain logged yet"
    days = (today - pain.latest_on).days
    when = {0: "today", 1: "yesterday"}.get(days, f"on {day_text(pain.latest_on)}")
    return f"{score(pain.latest)}/10 {when}"


def _change(pain: PainSummary) -> tuple[Direction, str]:
    change, week, before = pain.change, pain.week.mean, pain.previous_week.mean
    if change is None or week is None or before is None:
        return "unknown", "No week to compare"
    means = f"{score(before)} to {score(week)}"
    if score(abs(change)) == "0":
        return "same", f"No change ({means})"
    if change > 0:
        return "up", f"Up {score(change)} ({means})"
    return "down", f"Down {score(-change)} ({means})"


def _basis(pain: PainSummary) -> str:
    return f"logged {pain.previous_week.logged_days} of 7 days, then {pain.week.logged_days} of 7"
