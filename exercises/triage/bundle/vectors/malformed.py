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
    for says, values in READ_AS.items():
        yield f"malformed: {says}", record(unreadable=[unreadable(values)])
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


def _fever(degrees: Any) -> Any:
    return {"symptoms": [{"code": "S-FEVER", "attrs": {"temp_c": degrees}}, "S-KNEE-RED"]}


def _injury(when: Any) -> Any:
    said = {"severity": "major", "when": when}
    return {"symptoms": [{"code": "S-TRAUMA", "attrs": said}, "S-FOOTDROP"]}


def _long_ago(when: str) -> Any:
    return {"occurred_at": when, "symptoms": ["S-SADDLE"]}


# Values that one language reads and another does not. What cannot be read protects: it is fever,
# an injury of today, a report of now.
READ_AS: dict[str, Any] = {
    "37.2 degrees as a text": _fever("37.2"),
    "37.2 degrees among blanks": _fever("\ufeff 37.2\u2003\x1f"),
    "37.2 degrees with a comma": _fever("37,2"),
    "37_2 tenths of a degree": _fever("3_7.2"),
    "37.2 degrees in other digits": _fever("\uff13\uff17.\uff12"),
    "37.2 degrees with a unit": _fever("37.2 C"),
    "37.2 degrees as a power": _fever("372e-1"),
    "37.2 degrees with a sign": _fever("+37.2"),
    "37.2 degrees in a very long text": _fever("37.2".ljust(33, "0")),
    "37.2 degrees in a long text": _fever("37.2".ljust(32, "0")),
    "so near 38 that it is 38": _fever("37.99999999999999999"),
    "a temperature that is not a number": _fever("NaN"),
    "an injury of long ago": _injury("2026-04-01"),
    "an injury of long ago, without hyphens": _injury("20260401"),
    "an injury of long ago, as a week": _injury("2026-W14-3"),
    "an injury of long ago, with a time": _injury("2026-04-01T00:00:00Z"),
    "an injury of long ago, after a blank": _injury(" 2026-04-01"),
    "long ago, in small letters": _long_ago("2026-01-20t23:30:00z"),
    "long ago, with a blank": _long_ago("2026-01-20 23:30:00+00:00"),
    "long ago, in fractions": _long_ago("2026-01-20T23:30:00.1234567891Z"),
    "long ago, with a decimal comma": _long_ago("2026-01-20T23:30:00,5Z"),
    "long ago, without hyphens": _long_ago("20260120T233000Z"),
    "long ago, without seconds": _long_ago("2026-01-20T23:30Z"),
    "long ago, with an hour for an offset": _long_ago("2026-01-20T23:30:00+01"),
    "long ago, with seconds in the offset": _long_ago("2026-01-20T23:30:00+01:00:30"),
    "long ago, with an offset of no clock": _long_ago("2026-01-20T23:30:00+01:75"),
    "long ago, in a leap second": _long_ago("2026-01-20T23:59:60Z"),
    "long ago, as a date alone": _long_ago("2026-01-20"),
    "a code after a mark that nobody sees": {"symptoms": ["\ufeffS-SADDLE"]},
    "a code after a separator of records": {"symptoms": ["\x1eS-SADDLE\x85"]},
}
