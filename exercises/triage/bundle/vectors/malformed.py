"""Reports of wrong form that name symptoms all the same (pure)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from exercises.triage.bundle.vectors.cases import NOON, Case, earlier, one, record, unreadable
from exercises.triage.rules.raw import MAX_DEPTH, MAX_SYMPTOMS


def malformed() -> Iterator[Case]:
    """Each body by itself, and some beside a valid report."""
    for says, body in BODIES.items():
        yield f"malformed: {says}", record(unreadable=[unreadable(body)])
    yield (
        "malformed: a red knee beside a valid fever",
        record(one("S-FEVER"), unreadable=[unreadable({"symptoms": ["S-KNEE-RED"]})]),
    )
    for depth in (MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1):
        yield f"malformed: {depth} levels down", record(unreadable=[unreadable(_nested(depth))])
    for length in (63, 64, 65):
        yield (
            f"malformed: a code in {length} characters",
            record(unreadable=[unreadable({"symptoms": ["S-SADDLE".ljust(length)]})]),
        )
    yield from _from_the_future()
    buckles = ["S-BUCKLE"] * (MAX_SYMPTOMS - 1)
    for more in (["S-SADDLE"], ["S-BUCKLE", "S-SADDLE"]):
        yield (
            f"malformed: {len(buckles) + len(more)} symptoms, the last a red flag",
            record(unreadable=[unreadable({"symptoms": buckles + more})]),
        )


def _from_the_future() -> Iterator[Case]:
    """A report is at most a day ahead of its receipt: a fever two days later is still near."""
    body = {"occurred_at": NEXT_YEAR, "symptoms": ["S-KNEE-RED"]}
    for hours in (71, 72, 73):
        fever = earlier("S-FEVER", timedelta(hours=-hours))
        yield (
            f"malformed: a red knee next year, fever {hours} hours on",
            record(fever, unreadable=[unreadable(body)]),
        )


def _nested(depth: int) -> Any:
    body: Any = {"code": "S-SADDLE"}
    for _ in range(depth):
        body = [body]
    return body


NEXT_YEAR = NOON.replace(year=NOON.year + 1).isoformat()
LONG_AGO = "2026-01-20T23:30:00-05:00"
BODIES: dict[str, Any] = {
    "an unknown member": {"symptoms": [{"code": "S-SADDLE", "present": True}], "mood": 3},
    "no present": {"symptoms": [{"code": "S-SADDLE"}]},
    "present as a text": {"symptoms": [{"code": "S-SADDLE", "present": "no"}]},
    "present is false": {"symptoms": [{"code": "S-SADDLE", "present": False}]},
    "codes alone": {"symptoms": ["S-SADDLE", "S-BUCKLE"]},
    "a code alone where a list belongs": {"symptoms": "S-SADDLE"},
    "one symptom": {"symptom": {"code": "S-SADDLE"}},
    "small letters and underscores": {"symptoms": [{"code": " s_bladder_incont "}]},
    "the code as a name": {"S-SADDLE": True},
    "the code as a name, false": {"S-SADDLE": False},
    "the code as a name, nothing": {"S-SADDLE": None},
    "the code as a name, zero": {"S-SADDLE": 0},
    "the code as a name, with attributes": {"S-SADDLE": {"new_or_changed": False}},
    "the code as a name, attributes apart": {"S-SADDLE": {"attrs": {"new_or_changed": False}}},
    "the code as a name, not present": {"S-SADDLE": {"present": False}},
    "attributes as a list": {"symptoms": [{"code": "S-SADDLE", "attrs": ["new_or_changed"]}]},
    "attributes of the wrong type": {
        "symptoms": [{"code": "S-SADDLE", "attrs": {"new_or_changed": "false"}}]
    },
    "denied only": {"answered_no": ["S-SADDLE"]},
    "denied, as an object": {"answered_no": [{"code": "S-SADDLE"}]},
    "as an attribute of another": {"symptoms": [{"code": "S-BUCKLE", "attrs": {"S-SADDLE": True}}]},
    "a list under one symptom": {"symptom": ["S-SADDLE"]},
    "in the note only": {"note": {"code": "S-SADDLE"}},
    "in a list that is not of symptoms": {"seen": ["S-SADDLE"]},
    "in a list inside the list": {"symptoms": [["S-SADDLE"]]},
    "left and right in two items": {
        "symptoms": [
            {"code": "S-WEAK-LEG", "attrs": {"laterality": "left"}},
            {"code": "S-WEAK-LEG", "attrs": {"laterality": "right"}},
        ]
    },
    "not an object": "S-SADDLE",
    "a list": [{"code": "S-FOOTDROP"}],
    "nothing": None,
    "more than ninety days old": {"occurred_at": LONG_AGO, "symptoms": ["S-SADDLE"]},
    "an instant without an offset": {
        "occurred_at": "2026-01-20T23:30:00",
        "symptoms": ["S-SADDLE"],
    },
    "a time in words": {"occurred_at": "yesterday", "symptoms": ["S-SADDLE"]},
    "from the year 9999": {"occurred_at": "9999-12-31T23:59:59Z", "symptoms": ["S-SADDLE"]},
    "from tomorrow and on": {
        "occurred_at": NEXT_YEAR,
        "symptoms": ["S-SADDLE"],
    },
    "an injury and a swollen knee": {
        "symptoms": [
            {"code": "S-TRAUMA", "attrs": {"severity": "significant", "when": "2026-05-10"}},
            "S-KNEE-SWOLLEN",
        ]
    },
}
