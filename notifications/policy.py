"""What may be said now (pure): send, hold until later, suppress, or expire; and what comes next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.core.localtime import local_instant
from exercises.triage.levels import Level
from notifications.terms import LevelTerms, terms

Audience = Literal["patient", "therapist", "team", "clinic"]

# A repeat is counted from when the last one was due; from when it was said, if that was later.
PUNCTUAL = timedelta(minutes=1)
DAY = timedelta(days=1)


class Action(StrEnum):
    """What becomes of a message now."""

    SEND = "send"
    HOLD = "hold"
    SUPPRESS = "suppress"
    EXPIRE = "expire"


@dataclass(frozen=True, kw_only=True)
class Said:
    """The message in question: to whom, of which kind, as which step of its repeats; `second` when
    it is on its way by a channel that follows the others."""

    audience: Audience
    kind: str
    level: Level
    step: int
    due_at: datetime
    expires_at: datetime | None = None
    second: bool = False


@dataclass(frozen=True, kw_only=True)
class State:
    """What holds at this moment, read afresh for each decision.

    `stands`: the alert is open or acknowledged. `review_open`: a clinician still has to look.
    `outranked`: another alert of the patient speaks instead. `stopped_at`: when the patient did
    what ends the repeats of this level. `heard`: the patient saw or answered the advice.
    `received`: her phone or she herself confirmed a message of this alert. `taken_up`: a clinician
    acknowledged the alert. `diary_shared`: her care team may see what she reports. `zone`: IANA
    name of the patient's time zone.
    """

    account_active: bool = True
    in_care: bool = True
    diary_shared: bool = True
    zone: str = "UTC"
    stands: bool = True
    review_open: bool = True
    outranked: bool = False
    sought_care: bool = False
    stopped_at: datetime | None = None
    heard: bool = False
    received: bool = False
    taken_up: bool = False


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The answer and its reason, a code that is stored; `until` is set for a hold alone."""

    action: Action
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Voice:
    """An alert that stands: `speaks` until the patient did what ends its repeats."""

    alert: UUID
    level: Level
    rule: str
    opened_at: datetime
    speaks: bool


def decide(message: Said, state: State, now: datetime) -> Decision:
    """What becomes of `message` at `now`. Emergency and urgent never wait for the hour."""
    reason = _reason_for_silence(message, state, now)
    if reason:
        return Decision(action=Action.SUPPRESS, reason=reason)
    if message.expires_at is not None and now >= message.expires_at:
        return Decision(action=Action.EXPIRE, reason="too_late")
    if message.audience == "patient":
        return _decide_for_patient(message, state, now)
    return Decision(action=Action.SEND, reason="due")


def next_step(message: Said, decision: Decision, state: State, now: datetime) -> datetime | None:
    """When the patient hears of it again after `decision`; None when that was the last time."""
    level = terms().of(message.level)
    if message.audience != "patient" or decision.action is Action.HOLD:
        return None
    if decision.action is Action.SUPPRESS:
        return _rearmed(level, message, decision, state)
    since = message.due_at if now - message.due_at < PUNCTUAL else now
    return _after(level, message.step, since, state.zone)


def outranks(mine: Voice, others: Iterable[Voice]) -> bool:
    """Whether one of `others` speaks instead of `mine`: the patient hears one message, the highest.

    Among equals the newest speaks, and of those raised together the first by rule, as in the
    advice. A red flag is only ever silenced by an alert that still speaks itself.
    """
    red_flag = mine.level >= Level.URGENT_SAME_DAY
    return any(
        _is_before(other, mine) and (other.speaks or not red_flag)
        for other in others
        if other.alert != mine.alert
    )


def is_stopped(level: Level, stopped_at: datetime | None, zone: str, now: datetime) -> bool:
    """Whether what the patient did at `stopped_at` still ends the repeats of `level`."""
    if stopped_at is None:
        return False
    rearm = terms().of(level).rearm_days
    return not rearm or now < plus_days(stopped_at, rearm, zone)


def next_opening(opens: time, closes: time, zone: str, now: datetime) -> datetime | None:
    """The next instant between `opens` and `closes`, local times in `zone`; None when it is now."""
    local = now.astimezone(ZoneInfo(zone))
    if opens <= local.time() < closes:
        return None
    day = local.date() if local.time() < opens else local.date() + DAY
    return local_instant(day, opens, zone)


def plus_days(instant: datetime, days: int, zone: str) -> datetime:
    """The same wall-clock time in `zone`, so many calendar days later."""
    local = instant.astimezone(ZoneInfo(zone))
    return local_instant(local.date() + days * DAY, local.time(), zone)


def _reason_for_silence(message: Said, state: State, now: datetime) -> str:
    if not state.account_active:
        return "account_inactive"
    if message.audience != "patient":
        return _therapist_silence(message, state)
    if not state.stands:
        return "alert_closed"
    if state.sought_care:
        return "sought_care"
    if is_stopped(message.level, state.stopped_at, state.zone, now):
        return "already_acknowledged"
    return "received" if message.second and state.received else ""


def _therapist_silence(message: Said, state: State) -> str:
    if not state.in_care:
        return "care_ended"
    if not state.diary_shared and message.level < Level.URGENT_SAME_DAY:
        return "diary_not_shared"
    if message.kind in ("escalation", "call_patient", "delivery_failed") and not state.stands:
        return "alert_closed"
    if not (state.stands or state.review_open):
        return "alert_closed"
    answered = state.taken_up or (message.kind == "call_patient" and state.heard)
    if message.kind in ("escalation", "call_patient") and answered:
        return "already_acknowledged"
    return ""


def _decide_for_patient(message: Said, state: State, now: datetime) -> Decision:
    level = terms().of(message.level)
    if state.outranked:
        until = now + timedelta(minutes=level.recheck_minutes)
        return Decision(action=Action.HOLD, reason="superseded", until=until)
    if level.any_time:
        return Decision(action=Action.SEND, reason="at_any_hour")
    quiet = terms().quiet_hours
    opening = next_opening(level.opens or quiet.end, level.closes or quiet.start, state.zone, now)
    if opening is not None:
        return Decision(action=Action.HOLD, reason="quiet_hours", until=opening)
    return Decision(action=Action.SEND, reason="due")


def _after(level: LevelTerms, step: int, since: datetime, zone: str) -> datetime | None:
    minutes, days = (0, *level.repeat_minutes), (0, *level.repeat_days)
    if step < len(level.repeat_minutes):
        return since + timedelta(minutes=minutes[step + 1] - minutes[step])
    step -= len(level.repeat_minutes)
    if step < len(level.repeat_days):
        return plus_days(since, days[step + 1] - days[step], zone)
    step -= len(level.repeat_days)
    if level.then == "daily":
        return plus_days(since, 1, zone)
    if level.then == "once_at" and step == 0:
        return _next_at(level.then_at, since, zone)
    return None


def _next_at(at: time, since: datetime, zone: str) -> datetime:
    day = since.astimezone(ZoneInfo(zone)).date()
    today = local_instant(day, at, zone)
    return today if today > since else local_instant(day + DAY, at, zone)


def _rearmed(level: LevelTerms, message: Said, decision: Decision, state: State) -> datetime | None:
    more = _after(level, message.step, message.due_at, state.zone) is not None
    if decision.reason != "already_acknowledged" or not more or state.stopped_at is None:
        return None
    return plus_days(state.stopped_at, level.rearm_days, state.zone) if level.rearm_days else None


def _is_before(other: Voice, mine: Voice) -> bool:
    if (other.level, other.opened_at) != (mine.level, mine.opened_at):
        return (other.level, other.opened_at) > (mine.level, mine.opened_at)
    return (other.rule, other.alert.int) < (mine.rule, mine.alert.int)
