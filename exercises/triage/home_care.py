"""When cold or warmth is offered, and why not (pure): clocks from onset, pauses, and refusals.

Cold is the default until 48 hours after onset or the start of a flare, and optional after that;
warmth is the default from then on, and warm and cold in turn is possible. The numbers are content.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from exercises.catalog.shapes import HomeCare, HomeCareBlock, HomeCareModality, HomeCareTiming

Status = Literal["default", "optional", "later", "blocked"]
# Both put a cold pack on the skin, so the pause between cold packs is between any two of them.
COLD = frozenset({"ice", "contrast"})


@dataclass(frozen=True)
class Guide:
    """The content: kinds of home care, reasons against it, and the clocks."""

    modalities: Sequence[HomeCare]
    blocks: Sequence[HomeCareBlock]
    timing: HomeCareTiming


@dataclass(frozen=True)
class Use:
    """A cold pack or warmth as it was used, from `began` to `ended`."""

    modality: str
    began: datetime
    ended: datetime


@dataclass(frozen=True)
class Situation:
    """What counts at one moment.

    `onset` is the latest instant at which the pain, or its last flare, can have begun; None is not
    known. `symptoms` are present, `rules` have an alert that stands.
    """

    onset: datetime | None
    symptoms: Collection[str] = ()
    rules: Collection[str] = ()
    uses: Sequence[Use] = ()


@dataclass(frozen=True)
class Reason:
    """Why something is not offered, or was not well done: a code, and words for the patient."""

    code: str
    text: str


@dataclass(frozen=True)
class Offer:
    """One kind of home care now. `default` and `optional` may start; `later` may from `earliest`
    (None: once it is known when the pain began); `blocked` may not until its `reasons` are gone."""

    modality: HomeCare
    status: Status
    reasons: tuple[Reason, ...] = ()
    earliest: datetime | None = None


@dataclass(frozen=True)
class Advice:
    """The offers, the default first. `ask_onset` is the question to ask, "" when it is known."""

    offers: tuple[Offer, ...]
    text: str
    ask_onset: str


def advise(guide: Guide, situation: Situation, now: datetime) -> Advice:
    """What is offered at `now`, with the reason for each that is not."""
    reasons = blocking(guide.blocks, situation)
    offers = [_offer(item, guide, situation, reasons, now) for item in guide.modalities]
    offers.sort(key=lambda offer: offer.status != "default")
    timing = guide.timing
    if situation.onset is None:
        return Advice(tuple(offers), timing.ask_onset_text, timing.ask_onset_text)
    text = timing.ice_text if _is_early(timing, situation.onset, now) else timing.heat_text
    return Advice(tuple(offers), text, "")


def blocking(blocks: Iterable[HomeCareBlock], situation: Situation) -> tuple[Reason, ...]:
    """The reasons against any cold or warmth."""
    symptoms, rules = frozenset(situation.symptoms), frozenset(situation.rules)
    return tuple(
        Reason(block.code, block.text)
        for block in blocks
        if not symptoms.isdisjoint(block.symptoms) or not rules.isdisjoint(block.rules)
    )


def warnings(guide: Guide, situation: Situation, use: Use, *, wrapped: bool) -> tuple[Reason, ...]:
    """What to say of a session that happened: what happened is kept, and said to be unwise."""
    item = next(item for item in guide.modalities if item.id == use.modality)
    found = [*blocking(guide.blocks, situation)]
    if use.ended - use.began > timedelta(minutes=item.max_minutes):
        text = guide.timing.too_long_text.format(minutes=item.max_minutes)
        found.append(Reason("too_long", text))
    if item.must_be_wrapped and not wrapped:
        found.append(Reason("not_wrapped", guide.timing.not_wrapped_text))
    earliest = _after_pause(item, guide, situation)
    if earliest is not None and use.began < earliest:
        found.append(_too_soon(guide))
    return tuple(found)


def _offer(
    item: HomeCare,
    guide: Guide,
    situation: Situation,
    reasons: tuple[Reason, ...],
    now: datetime,
) -> Offer:
    if reasons:
        return Offer(item, "blocked", reasons)
    timing, onset = guide.timing, situation.onset
    hours = _from_hours(item, timing)
    if hours and onset is None:
        return Offer(item, "later", (Reason("onset_unknown", timing.ask_onset_text),))
    begins = onset + timedelta(hours=hours) if hours and onset else None
    if begins is not None and now < begins:
        return Offer(item, "later", (Reason("too_early", timing.ice_text),), begins)
    earliest = _after_pause(item, guide, situation)
    if earliest is not None and now < earliest:
        return Offer(item, "later", (_too_soon(guide),), earliest)
    return Offer(item, _rank(item.id, timing, onset, now))


def _rank(
    modality: HomeCareModality, timing: HomeCareTiming, onset: datetime | None, now: datetime
) -> Status:
    if onset is None:
        return "optional"
    chosen = "ice" if _is_early(timing, onset, now) else "heat"
    return "default" if modality == chosen else "optional"


def _from_hours(item: HomeCare, timing: HomeCareTiming) -> int:
    # Warmth takes over where cold stops being the default.
    return max(item.from_hours, timing.ice_default_hours if item.id == "heat" else 0)


def _is_early(timing: HomeCareTiming, onset: datetime, now: datetime) -> bool:
    return now < onset + timedelta(hours=timing.ice_default_hours)


def _after_pause(item: HomeCare, guide: Guide, situation: Situation) -> datetime | None:
    pause = _pause(guide) if item.id in COLD else timedelta(minutes=item.gap_minutes)
    kinds = COLD if item.id in COLD else {item.id}
    ends = [use.ended for use in situation.uses if use.modality in kinds]
    return max(ends) + pause if ends and pause else None


def _pause(guide: Guide) -> timedelta:
    minutes = [item.gap_minutes for item in guide.modalities if item.id in COLD]
    return timedelta(minutes=max(minutes, default=0))


def _too_soon(guide: Guide) -> Reason:
    hours = _pause(guide).total_seconds() / 3600
    return Reason("too_soon", guide.timing.too_soon_text.format(hours=f"{hours:g}"))
