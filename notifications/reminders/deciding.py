"""Whether a reminder is said now (pure); the answer is the same `Decision` as for every message."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from backend.core.localtime import local_instant
from exercises.triage.levels import Level
from notifications.policy import Action, Decision
from notifications.reminders.content import KindTerms
from notifications.reminders.wall_clock import DAY


class Matter(StrEnum):
    """How what a reminder speaks of stands: `OPEN`, or the reason not to bring it up."""

    OPEN = "open"
    DONE = "already_done"
    NOTHING = "nothing_due"
    RESTS = "plan_paused"
    CANCELLED = "visit_cancelled"
    ANSWERED = "already_answered"
    NOT_TODAY = "asked_another_day"


# There is nothing to be said, and nobody waits to hear why: no message is written.
IDLE = (Matter.NOTHING, Matter.NOT_TODAY)


@dataclass(frozen=True, kw_only=True)
class Due:
    """A ring that has come: when it was due and until when it is worth saying."""

    due_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Quiet:
    """Local times between which a reminder waits, over midnight where `end` is the earlier; the
    end is exclusive."""

    start: time
    end: time

    def holds_at(self, at: time) -> bool:
        """Whether `at` lies in it."""
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What holds for a reminder at one moment. `level` is that of the highest open alert, `zone`
    the IANA zone by which the patient is reminded."""

    zone: str
    matter: Matter
    level: Level = Level.NONE
    account_active: bool = True
    consented: bool = True
    enabled: bool = True
    plan_rests: bool = False
    quiet: Quiet | None = None
    snoozed_until: datetime | None = None


def decide_reminder(due: Due, terms: KindTerms, state: Standing, now: datetime) -> Decision:
    """What becomes of a reminder at `now`. Nothing ordinary stands beside an open red flag, and
    what would come too late to be of use is not said at all."""
    reason = _reason_for_silence(terms, state)
    if reason:
        return Decision(action=Action.SUPPRESS, reason=reason)
    if now >= due.expires_at:
        return Decision(action=Action.EXPIRE, reason="too_late")
    if now < due.due_at:
        return Decision(action=Action.HOLD, reason="not_yet", until=due.due_at)
    return _wait(due, state, now) or Decision(action=Action.SEND, reason="due")


def end_of_quiet(quiet: Quiet, zone: str, now: datetime) -> datetime | None:
    """When the quiet hours that hold at `now` end; None outside them."""
    local = now.astimezone(ZoneInfo(zone))
    if not quiet.holds_at(local.time()):
        return None
    # Where the clock repeats an hour the end comes twice, and tomorrow's is the third.
    again = datetime.combine(local.date(), quiet.end, ZoneInfo(zone)).replace(fold=1)
    first, tomorrow = (
        local_instant(day, quiet.end, zone) for day in (local.date(), local.date() + DAY)
    )
    return next(end for end in (first, again.astimezone(UTC), tomorrow) if end > now)


def _reason_for_silence(terms: KindTerms, state: Standing) -> str:
    if not state.account_active:
        return "account_inactive"
    if not state.consented:
        return "consent_withdrawn"
    if not state.enabled:
        return "switched_off"
    if terms.is_silenced_by(state.level):
        return "red_flag_open"
    if terms.rests and state.plan_rests:
        return Matter.RESTS.value
    return "" if state.matter is Matter.OPEN else state.matter.value


def _wait(due: Due, state: Standing, now: datetime) -> Decision | None:
    waits: list[tuple[datetime, str]] = []
    if state.snoozed_until is not None and now < state.snoozed_until:
        waits.append((state.snoozed_until, "snoozed"))
    quiet = end_of_quiet(state.quiet, state.zone, now) if state.quiet else None
    if quiet is not None:
        waits.append((quiet, "quiet_hours"))
    if not waits:
        return None
    until, reason = max(waits)
    if until >= due.expires_at:
        return Decision(action=Action.EXPIRE, reason=reason)
    return Decision(action=Action.HOLD, reason=reason, until=until)
