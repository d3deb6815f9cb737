"""The terms of messaging as data: windows, repeats, escalation and delivery (pure).

They are read from `content/policy.toml`, which says where each number comes from.
"""

import tomllib
from datetime import time
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from backend.core.shaping import convert
from exercises.triage.levels import Level

CONTENT = Path(__file__).parent / "content"

Count = Annotated[int, Meta(ge=1)]
ChannelName = Literal["in_app", "push", "email"]
StoppedBy = Literal["sought_care", "answer", "seen"]


class TermsError(Exception):
    """The content cannot be served; the message says what is wrong."""


class Content(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything read from a content file."""


class QuietHours(Content, frozen=True, kw_only=True, rename={"start": "from", "end": "until"}):
    """Local times between which ordinary messages wait; the end is exclusive."""

    start: time
    end: time
    source: str


class Escalation(Content, frozen=True, kw_only=True):
    """Whom to tell when nobody has answered so long after the alert."""

    to: Literal["therapist", "backup", "service_lead"]
    kind: Literal["escalation", "call_patient"]
    after_minutes: int = 0
    after_days: int = 0


class LevelTerms(Content, frozen=True, kw_only=True):
    """How one level is said.

    `opens` and `closes` narrow the hours outside quiet hours. Repeats count from the first
    message; `then` says what follows the last of them. `stopped_by` is what the patient does to
    end them, `rearm_days` after how long that no longer counts. While a higher alert speaks, the
    message waits and is looked at again after `recheck_minutes`. `patient_second` are the channels
    that follow when none of the first could bring it, or when it was not received
    `second_after_minutes` later; repeats use them as well. `therapist_told` says whether her
    message goes at once or waits, in the inbox alone, for the daily list.
    """

    code: str
    source: str
    any_time: bool = False
    opens: time | None = None
    closes: time | None = None
    patient_channels: tuple[ChannelName, ...]
    patient_second: tuple[ChannelName, ...] = ()
    second_after_minutes: int = 0
    therapist_channels: tuple[ChannelName, ...]
    therapist_told: Literal["at_once", "in_digest"]
    repeat_minutes: tuple[Count, ...] = ()
    repeat_days: tuple[Count, ...] = ()
    then: Literal["stop", "daily", "once_at"] = "stop"
    then_at: time = time(9)
    stopped_by: StoppedBy
    rearm_days: int = 0
    recheck_minutes: Count
    escalate: tuple[Escalation, ...] = ()


class DigestTerms(Content, frozen=True, kw_only=True):
    """A therapist's daily list, unless she chose otherwise: her local time and weekdays (0 is
    Monday). One that is `late_hours` late is left out: the next holds the same."""

    at: time
    weekdays: Annotated[str, Meta(pattern="^0?1?2?3?4?5?6?$", min_length=1)]
    late_hours: Count
    channels: tuple[ChannelName, ...]
    second: tuple[ChannelName, ...]
    source: str


class DeliveryTerms(Content, frozen=True, kw_only=True):
    """How long a worker holds a delivery, and how it tries again. `jitter` is a share of a wait,
    `start_seconds` how long it begins new sends, `at_once` how many go side by side."""

    lease_seconds: Count
    start_seconds: Count
    at_once: Count
    ring_again_seconds: Count
    attempts: Count
    backoff_seconds: Count
    jitter: Annotated[float, Meta(ge=0, le=1)]
    longest_wait_seconds: Count
    keep_hours: Count
    source: str


class RelayTerms(Content, frozen=True, kw_only=True):
    """How often a step that cannot be relayed is tried again."""

    attempts: Count
    backoff_seconds: Count
    source: str


class WatchTerms(Content, frozen=True, kw_only=True):
    """When operators are told: a delivery so late, a scheduler so long silent."""

    late_seconds: Count
    silent_seconds: Count
    source: str


class Terms(Content, frozen=True, kw_only=True):
    """policy.toml."""

    version: str
    quiet_hours: QuietHours
    levels: tuple[LevelTerms, ...] = msgspec.field(name="level")
    digest: DigestTerms
    delivery: DeliveryTerms
    relay: RelayTerms
    watch: WatchTerms

    def of(self, level: Level) -> LevelTerms:
        """The terms of `level`; raises `KeyError` for `none`."""
        for found in self.levels:
            if found.code == level.code:
                return found
        raise KeyError(level)


@cache
def terms() -> Terms:
    """The terms that ship with this code, read once."""
    return load(CONTENT / "policy.toml")


def load(path: Path) -> Terms:
    """The terms in `path`; raises `TermsError` where they are unsafe or cannot be read."""
    try:
        found = convert(tomllib.loads(path.read_text(encoding="utf-8")), Terms)
    except (OSError, ValueError) as error:
        raise TermsError(f"{path.name}: {error}") from None
    for wrong in _problems(found):
        raise TermsError(f"{path.name}: {wrong}")
    return found


def _problems(found: Terms) -> list[str]:
    wrong = []
    if [level.code for level in found.levels] != [level.code for level in sorted(Level)[:0:-1]]:
        wrong.append("every level stands once, the highest first")
    for level in found.levels:
        red_flag = Level.of(level.code) >= Level.URGENT_SAME_DAY
        if level.any_time != red_flag:
            wrong.append(
                f"{level.code}: quiet hours yield to emergency and urgent, and only to them"
            )
        if (level.therapist_told == "at_once") != red_flag:
            wrong.append(f"{level.code}: red flags, and only they, reach the therapist at once")
        if level.therapist_told == "in_digest" and level.therapist_channels != ("in_app",):
            wrong.append(f"{level.code}: what is in the daily list needs no channel but the inbox")
        if "in_app" not in level.patient_channels or "in_app" not in level.therapist_channels:
            wrong.append(f"{level.code}: the inbox is always one of the channels")
    return wrong
