"""What a symptom report says once read: known attributes, derived ones, and what came of it (pure)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property

from exercises.triage.rules.constants import Constants
from exercises.triage.rules.record import KnownStable, SymptomFact
from exercises.triage.rules.vocabulary import Value, Vocabulary

SENSORY = frozenset({"S-NUMB-LEG", "S-TINGLE-LEG"})
LEG_NEURO = SENSORY | {"S-WEAK-LEG"}
DERIVED = frozenset({"is_transient", "is_fever", "is_settled", "in_both_legs"})
SIDES = frozenset({"left", "right", "both"})
SEVERITIES = ("mild", "moderate", "severe")
EXTENTS = ("patch", "below_knee", "whole_leg", "half_body")
WORSE = frozenset({"worsening", "worsening_rapidly", "spreading"})
CALM = frozenset({"stable", "improving"})

Moment = tuple[datetime, datetime, str, int, str]


@dataclass(frozen=True)
class Reading:
    """A symptom fact with the attributes that are known. `day` is when it happened: the report's
    own local date, or for an injury the day it gives."""

    fact: SymptomFact
    attrs: dict[str, Value]
    day: date
    moment: Moment

    @property
    def code(self) -> str:
        """The symptom."""
        return self.fact.code

    @property
    def side(self) -> str:
        """left, right, both, or "" when unknown."""
        return str(self.attrs.get("laterality", ""))


class Symptoms:
    """Every symptom fact of a record, once, in one order whatever the order of arrival."""

    def __init__(
        self, facts: Iterable[SymptomFact], vocabulary: Vocabulary, constants: Constants
    ) -> None:
        self._constants = constants
        self._vocabulary = vocabulary
        known = (self._read(fact) for fact in facts if fact.code in vocabulary.codes)
        distinct = {
            (reading.moment, repr(sorted(reading.attrs.items()))): reading for reading in known
        }
        self.all = [distinct[key] for key in sorted(distinct)]
        self.present = [reading for reading in self.all if reading.fact.present]
        for reading in self.present:
            self._derive(reading)

    @cached_property
    def by_code(self) -> dict[str, list[Reading]]:
        """Present symptoms by code, oldest first."""
        grouped: dict[str, list[Reading]] = defaultdict(list)
        for reading in self.present:
            grouped[reading.code].append(reading)
        return grouped

    @cached_property
    def _ends(self) -> dict[str, list[Reading]]:
        grouped: dict[str, list[Reading]] = defaultdict(list)
        for reading in self.all:
            if not reading.fact.present or reading.attrs.get("resolved") is True:
                grouped[reading.code].append(reading)
        return grouped

    @cached_property
    def _sides(self) -> dict[str, set[str]]:
        sides: dict[str, set[str]] = defaultdict(set)
        for reading in self.present:
            if reading.code in LEG_NEURO:
                sides[reading.fact.source_id].add(reading.side)
        return sides

    def is_gone(self, reading: Reading, before: Reading | None = None) -> bool:
        """A later report (earlier than `before`) says that this symptom, on this side, is gone."""
        return any(
            reading.moment < end.moment
            and (before is None or end.moment < before.moment)
            and end.fact.source_id != reading.fact.source_id
            and end.side in ("", "both", reading.side)
            for end in self._ends.get(reading.code, ())
        )

    def is_covered(self, reading: Reading, words: Iterable[KnownStable]) -> bool:
        """A clinician knows this symptom, and this report is no worse than what she knows."""
        return any(
            word.symptom == reading.code
            and self._in_time(reading, word)
            and self._is_same(reading, word)
            for word in words
        )

    def _read(self, fact: SymptomFact) -> Reading:
        attrs = self._vocabulary.known(fact.code, fact.attrs)
        moment = (fact.occurred_at, fact.received_at, fact.source_id, fact.order, fact.code)
        return Reading(fact, attrs, _day(fact, attrs), moment)

    def _derive(self, reading: Reading) -> None:
        attrs = reading.attrs
        attrs["is_transient"] = self._is_transient(attrs)
        attrs["is_settled"] = attrs.get("assessed_by_clinician") is True and _is_calm(attrs)
        sides = self._sides.get(reading.fact.source_id, set())
        attrs["in_both_legs"] = reading.side == "both" or {"left", "right"} <= sides
        degrees = quantity(attrs, "temp_c")
        # Measured and below the threshold is no fever; not measured, the report itself says fever.
        is_high = degrees is None or degrees >= self._constants.fever_c
        attrs["is_fever"] = reading.code == "S-FEVER" and is_high

    def _is_transient(self, attrs: dict[str, Value]) -> bool:
        minutes = quantity(attrs, "duration_minutes")
        return (
            attrs.get("transient_positional") is True
            and attrs.get("resolved") is True
            and minutes is not None
            and minutes <= self._constants.transient_max_minutes
        )

    def _in_time(self, reading: Reading, word: KnownStable) -> bool:
        """Seen by the clinician, or reported while her word holds (hazard HZ-07)."""
        if reading.fact.received_at <= word.at:
            return True
        end = word.at + timedelta(days=self._constants.known_stable_days)
        if word.expires_at is not None:
            end = min(end, word.expires_at)
        return word.at <= reading.fact.occurred_at < end

    def _is_same(self, reading: Reading, word: KnownStable) -> bool:
        known = self._known_to(reading, word)
        side = word.side or (known.side if known else "")
        if reading.code not in LEG_NEURO:
            return side in ("", reading.side) and not _is_alarming(reading)
        if reading.side != side and (side or reading.side not in ("left", "right")):
            return False
        seen = reading.fact.received_at <= word.at
        return _is_calm(reading.attrs) and _is_no_worse(reading, None if seen else known)

    def _known_to(self, reading: Reading, word: KnownStable) -> Reading | None:
        """The latest report of the symptom that the clinician can have seen."""
        seen = [
            other
            for other in self.by_code.get(reading.code, ())
            if other.fact.received_at <= word.at
            and other.fact.occurred_at <= word.at
            and (not word.side or other.side == word.side)
        ]
        return seen[-1] if seen else None


def quantity(attrs: Mapping[str, Value], name: str) -> Decimal | None:
    """A numeric attribute; None when unknown."""
    value = attrs.get(name)
    return value if isinstance(value, Decimal) else None


def _day(fact: SymptomFact, attrs: dict[str, Value]) -> date:
    given = attrs.get("when")
    if fact.code == "S-TRAUMA" and isinstance(given, str):
        return min(date.fromisoformat(given), fact.local_date)
    return fact.local_date


def _is_calm(attrs: dict[str, Value]) -> bool:
    """Known to be stable or easing, and known to be mild or moderate: unknown is not calm."""
    return attrs.get("course") in CALM and attrs.get("severity") in ("mild", "moderate")


def _is_no_worse(reading: Reading, known: Reading | None) -> bool:
    if reading.attrs.get("onset") == "sudden":
        return False
    if known is None:
        return True
    return _at_most(reading, known, "severity", SEVERITIES) and _at_most(
        reading, known, "extent", EXTENTS
    )


def _at_most(reading: Reading, known: Reading, name: str, scale: tuple[str, ...]) -> bool:
    now, then = reading.attrs.get(name), known.attrs.get(name)
    if now not in scale or then not in scale:
        return True
    return scale.index(str(now)) <= scale.index(str(then))


def _is_alarming(reading: Reading) -> bool:
    attrs = reading.attrs
    return (
        attrs.get("new_or_changed") is True
        or attrs.get("course") in WORSE
        or attrs.get("severity") == "severe"
        or attrs.get("onset") == "sudden"
    )
