"""Random records of a phone, as JSON values: valid, odd and at the edges."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from exercises.triage.rules.pack import default_pack
from exercises.triage.rules.vocabulary import HISTORY, KINDS, RELIEF, SITES

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
PACK = default_pack()
CODES = sorted(PACK.vocabulary.codes)
# Those that appear in conditions together come up together.
TOGETHER = (
    ("S-NUMB-LEG", "S-TINGLE-LEG", "S-WEAK-LEG", "S-LEGPAIN-BOTH", "S-FOOTDROP"),
    ("S-FEVER", "S-KNEE-RED", "S-KNEE-WARM", "S-KNEE-SWOLLEN", "S-KNEE-PUS", "S-RIGORS"),
    ("S-TRAUMA", "S-KNEE-SWOLLEN", "S-TINGLE-LEG", "S-CANT-BEAR-WEIGHT"),
    (*CODES, "S-UNHEARD-OF"),
)
EDGES = (0, 0, 1, 24, 47, 48, 49, 168, 192, 335, 336, 337, 360, 2160, 2161)
offsets = st.builds(
    lambda hours, extra: timedelta(hours=hours, microseconds=extra),
    st.sampled_from((*EDGES, *(-hours for hours in EDGES[:8]))),
    st.sampled_from((0, 0, 0, 1, -1, 60_000_000)),
)
zones = st.sampled_from([timezone(timedelta(minutes=m)) for m in (0, 120, -300, 330, 765)])
instants = st.builds(lambda before, zone: (NOON - before).astimezone(zone), offsets, zones)
words = st.text("abNE-019.+ ", max_size=4)
numbers = st.sampled_from((0, 29, 30, 30.5, 31, 36.6, 37.9, 38, 38.0, 45, 45.1, -1, 1e6, 1e300))
# Written as one language would read them, and another would not.
ODD = (
    "37_2", "\ufeff37.2\u2003", "\x1f37.9", "\uff13\uff17", "37,2", "+37.2", "372e-1", ".5", "5.",
    "37.99999999999999999", "37.2".ljust(33, "0"), "1e400", "20260510", "2026-W20-3", " 2026-05-10",
    "2026-05-10T00:00:00Z", "NaN", "-0", 10**13, -(10**13), 37.99999999999999999,
)  # fmt: skip
junk = st.one_of(
    st.sampled_from(ODD),
    st.none(),
    st.booleans(),
    numbers,
    words,
    numbers.map(str),
    st.just([]),
    st.just({"a": 1}),
)


def attribute(code: str, name: str) -> st.SearchStrategy[Any]:
    """A value that fits, nearly always."""
    known = PACK.vocabulary.attributes[name]
    fitting: st.SearchStrategy[Any]
    match known.kind:
        case "boolean":
            fitting = st.booleans()
        case "choice":
            accepted = PACK.vocabulary.words(code, name) if code in CODES else known.options
            fitting = st.sampled_from([*accepted, *accepted, *known.options])
        case "date":
            dates = [
                (NOON - timedelta(days=days)).date().isoformat() for days in (-3, 0, 13, 14, 15)
            ]
            fitting = st.sampled_from([*dates, "2026-02-30", "yesterday"])
        case "text":
            fitting = words
        case _:
            fitting = st.one_of(numbers, numbers.map(lambda number: f" {number}"))
    return st.one_of(fitting, fitting, fitting, junk)


@st.composite
def attrs(draw: st.DrawFn, code: str) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(sorted(PACK.vocabulary.attributes)), max_size=8))
    return {name: draw(attribute(code, name)) for name in dict.fromkeys(names)}


@st.composite
def symptoms(draw: st.DrawFn, codes: tuple[str, ...]) -> dict[str, Any]:
    code = draw(st.sampled_from(codes))
    present = draw(st.sampled_from((True, True, True, True, False)))
    return {"code": code, "present": present, "attrs": draw(attrs(code))}


@st.composite
def moments(draw: st.DrawFn) -> dict[str, Any]:
    """When a report was made, on which local date, and received how late."""
    at = draw(instants)
    date = at.date() + timedelta(days=draw(st.sampled_from((0, 0, 0, 1, -1))))
    moment = {"occurred_at": at.isoformat(), "local_date": date.isoformat()}
    if draw(st.booleans()):
        late = draw(st.sampled_from((0, 1, 48, 2160, 2161)))
        moment["received_at"] = (at + timedelta(hours=late)).astimezone(UTC).isoformat()
    return moment


@st.composite
def symptom_report(draw: st.DrawFn, name: str, codes: tuple[str, ...]) -> dict[str, Any]:
    denied = st.lists(st.sampled_from(codes), max_size=2)
    return {
        "id": name,
        **draw(moments()),
        "symptoms": draw(st.lists(symptoms(codes), max_size=3)),
        "answered_no": draw(denied) if draw(st.booleans()) else [],
    }


@st.composite
def pain_report(draw: st.DrawFn, name: str) -> dict[str, Any]:
    relief = st.sampled_from((*RELIEF, "no", "no", "unknown"))
    return {
        "id": name,
        **draw(moments()),
        "site": draw(st.sampled_from([*sorted(SITES), "back", "hip"])),
        "kind": draw(st.sampled_from(sorted(KINDS))),
        "score": draw(st.sampled_from((0, 1, 6, 7, 8, 9, 10))),
        "relief_rest": draw(relief),
        "relief_otc": draw(relief),
    }


@st.composite
def relief_answer(draw: st.DrawFn, name: str) -> dict[str, Any]:
    return {
        "id": name,
        "occurred_at": draw(instants).isoformat(),
        "question": draw(st.sampled_from(("relief_rest", "relief_otc"))),
        "value": draw(st.sampled_from((*RELIEF, "unknown"))),
    }


@st.composite
def stable_word(draw: st.DrawFn, codes: tuple[str, ...]) -> dict[str, Any]:
    word = {
        "symptom": draw(st.sampled_from(codes)),
        "at": draw(instants).isoformat(),
        "side": draw(st.sampled_from(("", "left", "right", "both"))),
    }
    return word | ({"expires_at": draw(instants).isoformat()} if draw(st.booleans()) else {})


spelled = st.sampled_from(CODES).flatmap(
    lambda code: st.sampled_from((code, code.lower(), f" {code}", code.replace("-", "_"), code[1:]))
)
names = st.one_of(
    spelled,
    st.sampled_from(("code", "present", "attrs", "symptoms", "symptom", "answered_no", "x")),
)
bodies: st.SearchStrategy[Any] = st.recursive(
    st.one_of(spelled, junk, st.sampled_from((True, False))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(names, inner, max_size=4),
        st.fixed_dictionaries({"code": spelled}, optional={"present": inner, "attrs": inner}),
    ),
    max_leaves=8,
)
times = st.one_of(instants.map(datetime.isoformat), st.sampled_from(("yesterday", "2026-05-04", 7)))
malformed = st.one_of(bodies, st.fixed_dictionaries({"occurred_at": times, "symptoms": bodies}))


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    """A record; a member that says nothing is left out now and then."""
    codes = draw(st.sampled_from(TOGETHER))
    record: dict[str, Any] = {
        "history": draw(st.lists(st.sampled_from([*sorted(HISTORY), "cancer"]), max_size=2)),
        "symptom_reports": [
            draw(symptom_report(name, codes)) for name in "abc"[: draw(st.integers(0, 3))]
        ],
        "pain_reports": [draw(pain_report(name)) for name in "pq"[: draw(st.integers(0, 2))]],
        "relief_answers": [draw(relief_answer(name)) for name in "rs"[: draw(st.integers(0, 2))]],
    }
    if draw(st.booleans()):
        record["age"] = draw(st.sampled_from((0, 17, 69, 70, 71)))
    if draw(st.booleans()):
        record["known_stable"] = draw(st.lists(stable_word(codes), max_size=2))
    for since in ("symptoms_since", "pains_since"):
        if draw(st.sampled_from((True, False, False, False))):
            record[since] = draw(instants).isoformat()
    if draw(st.sampled_from((True, False, False))):
        received = draw(instants).astimezone(UTC).isoformat()
        record["unreadable"] = [{"id": "x", "received_at": received, "body": draw(malformed)}]
    return record
