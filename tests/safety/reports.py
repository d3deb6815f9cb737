"""Symptom reports as a phone may send them: valid ones, and ones of a wrong form (for Hypothesis)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from exercises.catalog import selectors as catalog
from exercises.triage.rules.vocabulary import load_vocabulary

VOCABULARY = load_vocabulary()
ZONE = "Europe/Berlin"
RED_FLAGS = (
    "S-BLADDER-RETENTION",
    "S-BLADDER-INCONT",
    "S-BLADDER-SENS",
    "S-BOWEL-INCONT",
    "S-BOWEL-SENS",
    "S-SADDLE",
    "S-SEXUAL",
    "S-LEGPAIN-BOTH",
    "S-FACE-ARM-SPEECH",
    "S-LEG-COLD-PALE",
    "S-CANT-BEAR-WEIGHT",
    "S-CHEST-PAIN",
    "S-NUMB-LEG",
    "S-WEAK-LEG",
)
# Those that the rules ask about, so that most reports say something that matters.
ASKED = ("new_or_changed", "new_or_changed", "onset", "extent", "course", "laterality", "severity")
# Hours between what happened and its arrival; a phone's clock may also run ahead.
AGES = (0, 0, 0, 1, 30, 24 * 20, 24 * 89, 24 * 91, 24 * 365, -3, -24 * 400)

Json = dict[str, Any]
Item = dict[str, Any]


@dataclass(frozen=True)
class Body:
    """What a report says; `wire` gives it its moment. `fault` names what is wrong with its form."""

    items: tuple[Item, ...]
    denied: tuple[str, ...] = ()
    age_hours: int = 0
    note: str = ""
    day_off: int = 0
    amends: str = ""
    fault: str = ""

    def wire(self, now: datetime) -> Json:
        """The report as it travels when it is first sent at `now`."""
        moment = (now - timedelta(hours=self.age_hours)).astimezone(ZoneInfo(ZONE))
        sent: Json = {
            "occurred_at": moment.isoformat(),
            "tz": ZONE,
            "local_date": (moment.date() + timedelta(days=self.day_off)).isoformat(),
            "symptoms": [dict(item) for item in self.items],
            "answered_no": [*self.denied],
        }
        if self.note:
            sent["note"] = self.note
        if self.amends:
            sent["amends"] = self.amends
        return FAULTS[self.fault](sent) if self.fault else sent


def _options(code: str, name: str) -> tuple[str, ...]:
    """The words that the door takes for an attribute of a symptom."""
    narrowed = {spec.name: spec.options for spec in catalog.symptom(code).attrs}
    return narrowed.get(name) or tuple(sorted(VOCABULARY.words(code, name)))


def _value(code: str, name: str) -> st.SearchStrategy[Any]:
    attribute = VOCABULARY.attributes[name]
    words = _options(code, name) if attribute.kind == "choice" else ()
    usual: dict[str, st.SearchStrategy[Any]] = {
        "boolean": st.booleans(),
        "choice": st.sampled_from(words or ("?",)),
        "decimal": st.sampled_from([36.5, 38.4]),
        "integer": st.integers(0, 40),
        "date": st.just("2026-05-01"),
        "text": st.just("said so"),
    }
    return usual[attribute.kind]


@st.composite
def items(draw: st.DrawFn) -> Item:
    code = draw(
        st.one_of(*[st.sampled_from(RED_FLAGS)] * 3, st.sampled_from(sorted(VOCABULARY.codes)))
    )
    some = st.one_of(*[st.sampled_from(ASKED)] * 3, st.sampled_from(sorted(VOCABULARY.attributes)))
    names = draw(st.lists(some, max_size=3, unique=True))
    known = [n for n in names if n != "severity" or VOCABULARY.words(code, n)]
    return {
        "code": code,
        "present": draw(st.sampled_from([True, True, True, False])),
        "attrs": {name: draw(_value(code, name)) for name in known},
    }


def bodies(amendable: tuple[str, ...]) -> st.SearchStrategy[Body]:
    """Valid reports; some correct another one, named among `amendable`."""
    return st.builds(
        Body,
        items=st.lists(items(), min_size=1, max_size=3).map(tuple),
        denied=st.sampled_from([(), (), ("S-SADDLE",), ("S-FEVER", "S-SADDLE")]),
        age_hours=st.sampled_from(AGES),
        note=st.sampled_from(["", "", "on the stairs"]),
        day_off=st.sampled_from([0, 0, 0, -1, 1]),
        amends=st.sampled_from(["", "", "", *amendable]),
    )


def _with(**members: Any) -> Callable[[Json], Json]:
    return lambda sent: sent | members


def _without(name: str) -> Callable[[Json], Json]:
    return lambda sent: {key: value for key, value in sent.items() if key != name}


def _each_item(change: Callable[[Item], Item]) -> Callable[[Json], Json]:
    return lambda sent: sent | {"symptoms": [change(item) for item in sent["symptoms"]]}


def _as_object(sent: Json) -> Json:
    named = {i["code"]: {"present": i["present"], "attrs": i["attrs"]} for i in sent["symptoms"]}
    return sent | {"symptoms": named}


def _attrs(**more: Any) -> Callable[[Item], Item]:
    return lambda item: item | {"attrs": item["attrs"] | more}


FAULTS: dict[str, Callable[[Json], Json]] = {
    "a member nobody knows": _with(surprise=1),
    "a zone that does not exist": _with(tz="Mars/Olympus"),
    "no zone": _without("tz"),
    "a date that does not exist": _with(local_date="2026-02-30"),
    "no instant": _without("occurred_at"),
    "an instant without offset": _with(occurred_at="2026-05-04T09:30:00"),
    "a year before all years": _with(occurred_at="0001-01-01T00:00:00+14:00"),
    "a number for a note": _with(note=7),
    "a character no database keeps": _with(note="a\u0000b"),
    "an answer list that is none": _with(answered_no="S-SADDLE"),
    "a correction of nothing that could be": _with(amends="the first one"),
    "an attribute nobody knows": _each_item(_attrs(colour="blue")),
    "an attribute of the wrong type": _each_item(_attrs(new_or_changed="no")),
    "an attribute that is a list": _each_item(_attrs(onset=["gradual"])),
    "presence as a word": _each_item(lambda item: item | {"present": "yes"}),
    "presence left out": _each_item(lambda item: {"code": item["code"], "attrs": item["attrs"]}),
    "attributes that are no object": _each_item(lambda item: item | {"attrs": "many"}),
    "a code in small letters": _each_item(lambda item: item | {"code": item["code"].lower()}),
    "a symptom nobody knows beside it": lambda sent: (
        sent | {"symptoms": [{"code": "S-HICCUP", "present": True}, *sent["symptoms"]]}
    ),
    "symptoms as an object": _as_object,
    "symptoms under another name": lambda sent: (
        _without("symptoms")(sent) | {"symptom": sent["symptoms"]}
    ),
}


def faulty(reports: st.SearchStrategy[Body]) -> st.SearchStrategy[Body]:
    """The same reports, with one thing wrong with their form."""
    return st.builds(
        lambda body, fault: Body(
            body.items, body.denied, body.age_hours, body.note, body.day_off, body.amends, fault
        ),
        reports,
        st.sampled_from(sorted(FAULTS)),
    )
