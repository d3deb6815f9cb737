"""What a patient is reminded of by default, and the limits of it (pure); content/reminders.toml."""

import tomllib
from datetime import time, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from backend.core.shaping import convert
from exercises.triage.levels import Level
from notifications.terms import CONTENT, ChannelName, Content, Count, TermsError

Kind = Literal[
    "exercise",
    "daily_check_in",
    "weekly_check_in",
    "sitting_break",
    "questionnaire",
    "visit_tomorrow",
    "stalled_prompt",
]
KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]
# The times of day of a prescription; an exercise reminder has one for each that it speaks of.
SLOTS = ("morning", "midday", "afternoon", "evening")
WeekdayNumber = Annotated[int, Meta(ge=0, le=6)]


class DefaultTime(Content, frozen=True, kw_only=True):
    """A local time, and the name under which it counts: one ring a name and date."""

    slot: str
    at: time


class KindTerms(Content, frozen=True, kw_only=True):
    """One kind of reminder.

    `after_days` are the days, from when the matter arose, on which it is brought up. `levels` are
    the prompts it speaks of. `weekly`: on the weekday on which the plan began.
    """

    code: Kind
    source: str
    facts: tuple[str, ...]
    times: tuple[DefaultTime, ...]
    weekdays: tuple[WeekdayNumber, ...] = (0, 1, 2, 3, 4, 5, 6)
    channels: tuple[ChannelName, ...]
    expires_minutes: Count
    silenced_from: str = ""
    rests: bool = False
    weekly: bool = False
    after_days: tuple[int, ...] = ()
    levels: tuple[str, ...] = ()

    @property
    def useful(self) -> timedelta:
        """For how long after its time it is worth saying."""
        return timedelta(minutes=self.expires_minutes)

    def is_silenced_by(self, level: Level) -> bool:
        """Whether an open alert of `level` speaks instead."""
        return bool(self.silenced_from) and level >= Level.of(self.silenced_from)


class Snooze(Content, frozen=True, kw_only=True):
    """For how long, and how often, one ring may be put off."""

    least_minutes: Count
    most_minutes: Count
    times: Count
    source: str


class Poison(Content, frozen=True, kw_only=True):
    """How often a reminder that cannot be computed is tried; the wait doubles."""

    attempts: Count
    backoff_minutes: Count
    source: str


class ReminderTerms(Content, frozen=True, kw_only=True):
    """reminders.toml."""

    version: str
    bundle_minutes: Count
    tests_an_hour: Count
    source: str
    snooze: Snooze
    poison: Poison
    kinds: tuple[KindTerms, ...] = msgspec.field(name="kind")

    @property
    def bundle(self) -> timedelta:
        """How close together rings are one message."""
        return timedelta(minutes=self.bundle_minutes)

    def of(self, kind: str) -> KindTerms:
        """The terms of `kind`; raises `KeyError`."""
        for found in self.kinds:
            if found.code == kind:
                return found
        raise KeyError(kind)


@cache
def reminder_terms() -> ReminderTerms:
    """The terms that ship with this code, read once."""
    return load(CONTENT / "reminders.toml")


def load(path: Path) -> ReminderTerms:
    """The terms in `path`; raises `TermsError` where they cannot be read or do not fit."""
    try:
        found = convert(tomllib.loads(path.read_text(encoding="utf-8")), ReminderTerms)
        wrong = _problems(found)
    except (OSError, ValueError, KeyError) as error:
        raise TermsError(f"{path.name}: {error}") from None
    for problem in wrong:
        raise TermsError(f"{path.name}: {problem}")
    return found


def _problems(found: ReminderTerms) -> list[str]:
    wrong = []
    if tuple(kind.code for kind in found.kinds) != KINDS:
        wrong.append("every kind stands once, in its order")
    for kind in found.kinds:
        slots = [item.slot for item in kind.times]
        if len(slots) != len(set(slots)) or not slots:
            wrong.append(f"{kind.code}: each time needs a name of its own")
        if kind.code == "exercise" and not set(slots) <= set(SLOTS):
            wrong.append(f"{kind.code}: its times are named after the slots of a prescription")
        for level in (*kind.levels, *filter(None, [kind.silenced_from])):
            Level.of(level)
        if kind.expires_minutes > 120:
            wrong.append(f"{kind.code}: after two hours nothing is worth saying any more")
    return wrong
