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

from exercises.triage.levels import Level

CONTENT = Path(__file__).parent / "content"

Count = Annotated[int, Meta(ge=1)]
ChannelName = Literal["in_app", "email"]
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

    to: Literal["therapist", "service_lead"]
    kind: Literal["escalation", "call_patient"]
    after_minutes: int = 0
    after_days: int = 0


class LevelTerms(Content, frozen=True, kw_only=True):
    """How one level is said.

    `opens` and `closes` narrow the hours outside quiet hours. Repeats count from the first
    message; `then` says what follows the last of them. `stopped_by` is what the patient does to
    end them, `rearm_days` after how long that no longer counts. While a higher alert speaks, the
    message waits and is looked at again after `recheck_minutes`.
    """

    code: str
    source: str
    any_time: bool = False
    opens: time | None = None
    closes: time | None = None
    patient_channels: tuple[ChannelName, ...]
    therapist_channels: tuple[ChannelName, ...]
    repeat_minutes: tuple[Count, ...] = ()
    repeat_days: tuple[Count, ...] = ()
    then: Literal["stop", "daily", "once_at"] = "stop"
    then_at: time = time(9)
    stopped_by: StoppedBy
    rearm_days: int = 0
    recheck_minutes: Count
    escalate: tuple[Escalation, ...] = ()


class DeliveryTerms(Content, frozen=True, kw_only=True):
    """How long a worker holds a delivery, and how it tries again. `jitter` is a share of a wait."""

    lease_seconds: Count
    ring_again_seconds: Count
    attempts: Count
    backoff_seconds: Count
    jitter: Annotated[float, Meta(ge=0, le=1)]
    source: str


class Terms(Content, frozen=True, kw_only=True):
    """policy.toml."""

    version: str
    quiet_hours: QuietHours
    levels: tuple[LevelTerms, ...] = msgspec.field(name="level")
    delivery: DeliveryTerms

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
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Terms)
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
        if "in_app" not in level.patient_channels or "in_app" not in level.therapist_channels:
            wrong.append(f"{level.code}: the inbox is always one of the channels")
    return wrong
