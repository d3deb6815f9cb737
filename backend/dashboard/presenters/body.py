"""Symptoms on a figure seen from the front and from the back, beside the list that says the same."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from backend.core.localtime import local_date
from backend.dashboard.presenters.symptoms import symptom_parts
from backend.dashboard.presenters.times import day_text, long_day
from exercises.triage.models import KnownStable
from exercises.triage.picture import Picture
from exercises.triage.symptom_states import SymptomState

View = Literal["front", "back"]
Standing = Literal["present", "known"]
SIDES = ("left", "right")
STEP = 13.0

# Where a symptom is felt: the view, how far from the middle of the figure and how far down, on a
# figure of 120 by 260. What is felt nowhere in particular is only listed.
_PLACES: dict[str, tuple[View, float, float]] = {
    "head": ("front", 0, 20),
    "chest": ("front", 0, 72),
    "bladder": ("front", 0, 122),
    "thigh": ("front", 14, 152),
    "knee": ("front", 14, 182),
    "foot": ("front", 15, 244),
    "low_back": ("back", 0, 104),
    "saddle": ("back", 0, 132),
    "back_of_thigh": ("back", 14, 156),
    "calf": ("back", 14, 208),
}
_PLACE_OF = {
    "S-BLADDER-RETENTION": "bladder",
    "S-BLADDER-INCONT": "bladder",
    "S-BLADDER-SENS": "bladder",
    "S-BOWEL-INCONT": "saddle",
    "S-BOWEL-SENS": "saddle",
    "S-CONSTIPATION": "saddle",
    "S-SADDLE": "saddle",
    "S-SEXUAL": "bladder",
    "S-LEGPAIN-BOTH": "back_of_thigh",
    "S-NUMB-LEG": "thigh",
    "S-TINGLE-LEG": "thigh",
    "S-WEAK-LEG": "thigh",
    "S-FOOTDROP": "foot",
    "S-BUCKLE": "knee",
    "S-CANT-BEAR-WEIGHT": "foot",
    "S-CANT-MOVE-KNEE": "knee",
    "S-WALK-DIFFICULT": "foot",
    "S-KNEE-RED": "knee",
    "S-KNEE-WARM": "knee",
    "S-KNEE-SWOLLEN": "knee",
    "S-KNEE-PUS": "knee",
    "S-KNEE-DEFORM": "knee",
    "S-CALF-SWELL": "calf",
    "S-CHEST-PAIN": "chest",
    "S-BREATHLESS": "chest",
    "S-LEG-COLD-PALE": "calf",
    "S-CLAUDICATION": "calf",
    "S-REST-PAIN-FOOT": "foot",
    "S-WOUND-NONHEAL": "foot",
    "S-SKIN-BLUE": "foot",
    "S-BACKPAIN-PROGRESSIVE": "low_back",
    "S-FACE-ARM-SPEECH": "head",
}
_BY_EXTENT = {"below_knee": "calf"}
_BOTH_LEGS = frozenset({"S-LEGPAIN-BOTH"})


@dataclass(frozen=True)
class Mark:
    """A numbered mark on the figure."""

    number: int
    x: float
    y: float
    standing: Standing


@dataclass(frozen=True)
class SymptomLine:
    """One symptom in words. `number` is that of its marks, 0 where it has no place."""

    number: int
    code: str
    question: str
    said: str
    since: str
    standing: Standing | Literal["absent"]
    known: str


@dataclass(frozen=True)
class Body:
    """The figure's marks by view, what is there, what was answered with no, and how far down the
    symptoms reach."""

    front: tuple[Mark, ...]
    back: tuple[Mark, ...]
    present: tuple[SymptomLine, ...]
    absent: tuple[SymptomLine, ...]
    reached: str

    @property
    def is_empty(self) -> bool:
        """Whether no symptom was ever answered."""
        return not self.present and not self.absent


def body(picture: Picture, *, zone: str) -> Body:
    """The symptoms of a picture; `zone` is the reader's."""
    there = [state for state in picture.symptoms if state.present]
    lines = tuple(
        _line(number, state, picture.word_about(state), zone)
        for number, state in enumerate(there, 1)
    )
    marks = [*_marks(zip(there, lines, strict=True))]
    reached = picture.reached
    return Body(
        front=tuple(mark for view, mark in marks if view == "front"),
        back=tuple(mark for view, mark in marks if view == "back"),
        present=lines,
        absent=tuple(_line(0, one, None, zone) for one in picture.symptoms if not one.present),
        reached=f"{reached.most_distal} ({day_text(reached.local_date)})" if reached else "",
    )


def _line(number: int, state: SymptomState, word: KnownStable | None, zone: str) -> SymptomLine:
    question, said = symptom_parts(state.code, state.attrs)
    return SymptomLine(
        number=number,
        code=state.code,
        question=question,
        said=said,
        since=_since(state),
        standing=("known" if word else "present") if state.present else "absent",
        known=_known(word, zone) if word else "",
    )


def _since(state: SymptomState) -> str:
    if not state.present:
        return f"answered no on {day_text(state.last_on)}"
    again = _again(state.since, state.last_on)
    return f"since {long_day(state.since)}{again}"


def _again(since: date, last: date) -> str:
    return f", last reported {day_text(last)}" if last != since else ""


def _known(word: KnownStable, zone: str) -> str:
    who = f" by {word.by.name or word.by.email}" if word.by else ""
    until = long_day(local_date(word.expires_at, zone))
    why = f": {word.reason}" if word.reason else ""
    return f"Known as stable{who}, until {until}{why}"


def _marks(
    found: Iterable[tuple[SymptomState, SymptomLine]],
) -> Iterable[tuple[View, Mark]]:
    taken: Counter[tuple[View, float, float]] = Counter()
    for state, line in found:
        for view, x, y in _spots(state.code, state.attrs):
            shift = taken[view, x, y] * STEP
            taken[view, x, y] += 1
            away = -shift if x < 60 else shift
            standing: Standing = "known" if line.standing == "known" else "present"
            yield view, Mark(line.number, x + away, y, standing)


def _spots(code: str, attrs: Mapping[str, Any]) -> Iterable[tuple[View, float, float]]:
    name = _PLACE_OF.get(code)
    if name == "thigh":
        name = _BY_EXTENT.get(str(attrs.get("extent", "")), name)
    if name is None:
        return
    view, aside, down = _PLACES[name]
    for side in _sides(code, attrs):
        # Seen from the front, the patient's left is on the right of the picture.
        sign = {"left": 1, "right": -1, "": 0}[side] * (1 if view == "front" else -1)
        yield view, 60 + sign * aside, float(down)


def _sides(code: str, attrs: Mapping[str, Any]) -> tuple[str, ...]:
    side = str(attrs.get("laterality", ""))
    if side == "both" or code in _BOTH_LEGS:
        return SIDES
    return (side,) if side in SIDES else ("",)
