"""How strictly one patient is judged: numbers of her own, and symptoms known as stable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.accounts.models import User
from backend.dashboard.presenters.plan_order import Typed
from backend.dashboard.presenters.times import Moment, moment
from exercises.catalog import selectors as catalog
from exercises.triage.models import KnownStable, ThresholdSet
from exercises.triage.thresholds.offered import Offered

SIDES = {"": "On every side", "left": "Left", "right": "Right", "both": "Both"}


@dataclass(frozen=True)
class NumberField:
    """A number that may be set; `is_own` where it differs from the rules' own."""

    name: str
    label: str
    unit: str
    value: str
    default: int
    least: int
    most: int
    is_own: bool
    error: str


@dataclass(frozen=True)
class SetLine:
    """What was set once."""

    at: Moment
    what: str
    by: str
    reason: str


@dataclass(frozen=True)
class StableLine:
    """A clinician's word about a symptom."""

    symptom: str
    side: str
    by: str
    reason: str
    at: Moment
    until: str
    stands: bool


@dataclass(frozen=True, kw_only=True)
class RulesScreen:
    """The page; `changed` says that the numbers were set meanwhile."""

    version: int
    numbers: tuple[NumberField, ...]
    history: tuple[SetLine, ...]
    stable: tuple[StableLine, ...]
    symptoms: tuple[tuple[str, str], ...]
    sides: tuple[tuple[str, str], ...]
    typed: Typed
    word: Typed
    changed: bool = False


def rules_screen(
    offered: Mapping[str, Offered],
    sets: Sequence[ThresholdSet],
    words: Sequence[KnownStable],
    *,
    typed: Typed,
    word: Typed,
    changed: bool,
    now: datetime,
    zone: str,
) -> RulesScreen:
    """The page in the reader's zone; `sets` and `words` are the newest first."""
    stands = sets[0].values if sets else {}
    return RulesScreen(
        version=sets[0].version if sets else 0,
        numbers=tuple(_number(item, stands, typed) for item in offered.values()),
        history=tuple(_set_line(row, offered, now, zone) for row in sets),
        stable=tuple(_stable_line(row, now, zone) for row in words),
        symptoms=tuple((one.code, one.question) for one in catalog.symptoms()),
        sides=tuple(SIDES.items()),
        typed=typed,
        word=word,
        changed=changed,
    )


def _number(item: Offered, stands: Mapping[str, int], typed: Typed) -> NumberField:
    value = stands.get(item.name, item.default)
    return NumberField(
        name=item.name,
        label=item.label,
        unit=item.unit,
        value=typed.values.get(item.name, str(value)),
        default=item.default,
        least=item.least,
        most=item.most,
        is_own=value != item.default,
        error=typed.errors.get(item.name, ""),
    )


def _set_line(
    row: ThresholdSet, offered: Mapping[str, Offered], now: datetime, zone: str
) -> SetLine:
    parts = [
        f"{offered[name].label} {value} {offered[name].unit}" if name in offered else name
        for name, value in row.values.items()
    ]
    what = "; ".join(parts) or "All numbers as the rules have them"
    return SetLine(moment(row.at, now, zone), what, _name(row.by), row.reason)


def _stable_line(row: KnownStable, now: datetime, zone: str) -> StableLine:
    known = {one.code: one.question for one in catalog.symptoms()}
    until = moment(row.expires_at, now, zone)
    return StableLine(
        symptom=known.get(row.symptom, row.symptom),
        side=SIDES.get(row.side, row.side) if row.side else "",
        by=_name(row.by),
        reason=row.reason,
        at=moment(row.at, now, zone),
        until=until.exact,
        stands=row.at <= now < row.expires_at,
    )


def _name(user: User | None) -> str:
    return (user.name or user.email) if user else ""
