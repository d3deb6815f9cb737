"""The ops of a push, read all at once: compared with the careful way, op by op."""

import copy
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, get_args
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exercises.sync import ops as reading
from exercises.sync.ops import SHAPES, FactOp, UnfitOp, read_carefully, read_ops
from tests.hostile import corpus

NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)
MOMENT = {"occurred_at": "2026-05-04T09:30:00+02:00", "tz": "Europe/Berlin"}
DAY = MOMENT | {"local_date": "2026-05-04", "note": "Nach dem Essen, „gut“"}
ID = "0196a1e0-0000-7000-8000-0000000000aa"
SYMPTOM = {"code": "S-SADDLE", "present": True, "attrs": {}}
DATA: dict[str, dict[str, Any]] = {
    "pain_report": {"site": "knee", "kind": "now", "score": 4, "amends": ID, "relief_rest": "yes"},
    "symptom_report": {"symptoms": [SYMPTOM], "answered_no": ["S-BUCKLE"]},
    "session": {"items": [{"exercise": "EX-19", "done": {"sets": 2}, "pain_before": 3}]},
    "home_care": {"modality": "ice", "site": "knee", "minutes": 10, "wrapped": True},
    "questionnaire": {"instrument": "GROC", "version": "1", "answers": {"change": 2}},
    "relief_answer": {"question": "relief_rest", "value": "yes"},
    "location": {"most_distal": "knee"},
    "retraction": {"target": ID, "confirmed_none": True},
    "retract": {"confirmed_none": False},
    "visit": {"state": "planned", "planned_on": "2026-05-20"},
    "mood": {"is": "fine"},
}
ODD: list[Any] = [
    *corpus.WRONG_TYPES,
    *corpus.BAD_TEXTS.values(),
    *corpus.BAD_NUMBERS.values(),
    *(*corpus.BAD_INSTANTS, *corpus.BAD_DATES, *corpus.BAD_IDS, *corpus.BAD_ZONES),
    *(
        "1899-12-31",
        "2200-01-01",
        "0001-01-01",
        "1899-12-31T23:59:59Z",
        "9999-12-31T23:59:59-14:00",
    ),
    *(
        "2026-05-04T09:30:00",
        "2026-05-04 09:30:00+02:00",
        "2026-05-04T09:30:00.1234567Z",
        ID.upper(),
    ),
    *(ID.replace("-", ""), f"{{{ID}}}", "retract", "pain_report", "mood", "", "Mars/Olympus"),
    *(4.0, 4.5, -0.0, True, "4", 10**20, 1e300, {}, [], [[]], {"a": {"b": []}}),
]


def op(type_: str, data: Any, **more: Any) -> dict[str, Any]:
    return {"op_id": f"op-{type_}", "type": type_, "id": ID, "data": data} | more


GOOD = [op(type_, DAY | data) for type_, data in DATA.items()]


def both(raw: list[Any]) -> tuple[str, str]:
    careful = [read_carefully(index, item, 5, NOW) for index, item in enumerate(raw)]
    return repr(read_ops(raw, skew_ms=5, now=NOW)), repr(careful)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict | list):
        for step in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[step], (*path, step))


PLACES = [(number, path) for number, good in enumerate(GOOD) for path in places(good)]


def changed(path: tuple[Any, ...], value: Any, change: Any) -> Any:
    """`value`, in which what is at `path` was changed: to something else, or taken out."""
    if not path:
        return change
    found = copy.deepcopy(value)
    holder = found
    for step in path[:-1]:
        holder = holder[step]
    if change is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = change
    return found


def dated(shape: Any, at: str = "") -> Iterator[str]:
    """Where in a type a date can stand."""
    if shape in (date, datetime):
        yield at
    elif isinstance(shape, type) and issubclass(shape, msgspec.Struct):
        for field in msgspec.structs.fields(shape):
            yield from dated(field.type, f"{at}/{field.encode_name}")
    else:
        for inner in get_args(shape)[: 1 if hasattr(shape, "__metadata__") else None]:
            yield from dated(inner, at)


def test_all_kinds_of_report_are_read_at_once() -> None:
    reports = [op(type_, DAY | DATA[type_]) for type_ in SHAPES]
    with patch.object(reading, "read_carefully", side_effect=AssertionError):
        found = read_ops(reports, skew_ms=5, now=NOW)
    assert [item.report.type for item in found if isinstance(item, FactOp)] == [*SHAPES]
    assert both(GOOD) == both(GOOD)[::-1]


def test_one_bad_op_leaves_the_others_to_be_read_fast() -> None:
    bad = op("pain_report", DAY)
    with patch.object(reading, "read_carefully", wraps=read_carefully) as careful:
        found = read_ops([GOOD[0], bad, GOOD[1]], skew_ms=5, now=NOW)
    assert [type(item) for item in found] == [FactOp, UnfitOp, FactOp]
    assert [call.args[:2] for call in careful.call_args_list] == [(1, bad)]


@pytest.mark.parametrize("number", range(len(ODD)))
def test_something_odd_in_any_place_is_read_the_same_both_ways(number: int) -> None:
    # Each fourth place; neighbours have their turn with the next odd thing.
    for which, path in PLACES[number % 4 :: 4]:
        fast, careful = both([changed(path, GOOD[which], ODD[number])])
        assert fast == careful


_changes = st.tuples(st.sampled_from(PLACES), st.sampled_from([*ODD, ..., ...]) | st.text())
_more = st.dictionaries(st.sampled_from(["base_rev", "note", "x", "type"]), st.sampled_from(ODD))


@given(changes=st.lists(_changes, max_size=4), more=st.lists(_more, max_size=2))
def test_whole_pushes_are_read_the_same_both_ways(changes: list[Any], more: list[Any]) -> None:
    raw = [*GOOD]
    for (number, path), odd in changes:
        if path or odd is not ...:
            raw[number] = changed(path, GOOD[number], odd)
    for number, members in enumerate(more):
        raw += [GOOD[number] | members, op("pain_report", GOOD[0]["data"] | members)]
    fast, careful = both(raw)
    assert fast == careful


@pytest.mark.parametrize("type_", SHAPES)
def test_the_years_of_a_report_are_all_looked_at(type_: str) -> None:
    assert [*dated(SHAPES[type_])] == ["/occurred_at", "/local_date"]
    for member, late in (("occurred_at", "2200-01-01T00:00:00Z"), ("local_date", "1899-12-31")):
        (found,) = read_ops([op(type_, DAY | DATA[type_] | {member: late})], skew_ms=0, now=NOW)
        assert isinstance(found, UnfitOp)
        assert found.unfit.problem["errors"][0]["pointer"] == f"/data/{member}"
