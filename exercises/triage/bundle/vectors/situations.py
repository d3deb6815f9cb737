"""What two reports mean together: both legs, gone again, late, missing and odd (pure)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from exercises.triage.bundle.record_wire import (
    SafetyPainReport,
    SafetyReliefAnswer,
    SafetySymptomReport,
)
from exercises.triage.bundle.vectors.cases import (
    NOON,
    Case,
    earlier,
    one,
    pain,
    record,
    report,
    symptom,
)
from exercises.triage.rules.vocabulary import RELIEF

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CALM = {"severity": "mild", "course": "stable"}


def situations() -> Iterator[Case]:
    """The cases, one after the other."""
    yield from _both_legs()
    yield from _gone()
    yield from _missing()
    yield from _late()
    yield from _unknown()
    yield from _relief()


def _both_legs() -> Iterator[Case]:
    left, right = (symptom("S-NUMB-LEG", laterality=side) for side in ("left", "right"))
    weak = symptom("S-WEAK-LEG", laterality="right")
    tingling = symptom("S-TINGLE-LEG", laterality="left")
    yield "tingling left and weak right in one report", record(report(tingling, weak))
    yield "numb left and right in two items of one report", record(report(left, right))
    yield "numb left and weak right in one report", record(report(left, weak))
    yield "left and right in two reports", record(report(left), report(right, name="b"))
    yield (
        "the right side is denied",
        record(report(left, symptom("S-NUMB-LEG", present=False, laterality="right"))),
    )
    yield (
        "the other leg's foot drags",
        record(report(left, symptom("S-FOOTDROP", laterality="right"))),
    )
    yield "two items without a side", record(report(symptom("S-NUMB-LEG"), symptom("S-WEAK-LEG")))
    yield (
        "left and right, each only asleep for a while",
        record(
            report(
                *(symptom("S-NUMB-LEG", laterality=side, **_asleep()) for side in ("left", "right"))
            )
        ),
    )
    yield (
        "left asleep for a while, right numb",
        record(report(symptom("S-NUMB-LEG", laterality="left", **_asleep()), right)),
    )


def _asleep() -> dict[str, Any]:
    return {"transient_positional": True, "resolved": True, "duration_minutes": 5}


def _gone() -> Iterator[Case]:
    tingling = earlier("S-TINGLE-LEG", DAY, laterality="left")
    for code in ("S-SADDLE", "S-WALK-DIFFICULT"):
        there = earlier(code, DAY)
        yield f"{code}, denied a day later", record(there, report(answered_no=(code,)))
        yield f"{code}, gone away since", record(there, one(code, resolved=True))
    yield "gone on the same side", record(tingling, _absent("left"))
    yield "gone on the other side", record(tingling, _absent("right"))
    yield "gone, side not said", record(tingling, report(answered_no=("S-TINGLE-LEG",)))
    yield "gone on both sides", record(tingling, _absent("both"))
    yield (
        "denied before it came",
        record(report(answered_no=("S-TINGLE-LEG",), before=2 * DAY, name="c"), tingling),
    )
    yield (
        "there and gone in one report",
        record(report(symptom("S-WALK-DIFFICULT"), symptom("S-WALK-DIFFICULT", present=False))),
    )
    yield (
        "one of two signs is gone",
        record(
            report(
                symptom("S-WALK-DIFFICULT"),
                symptom("S-CANT-MOVE-KNEE", degree="difficulty"),
                before=DAY,
                name="b",
            ),
            report(answered_no=("S-WALK-DIFFICULT",)),
        ),
    )
    yield (
        "at the same moment, the larger id is later",
        record(report(symptom("S-BUCKLE"), name="b"), report(answered_no=("S-BUCKLE",), name="c")),
    )
    yield (
        "at the same moment, the smaller id is earlier",
        record(report(symptom("S-BUCKLE"), name="c"), report(answered_no=("S-BUCKLE",), name="b")),
    )


def _absent(side: str) -> SafetySymptomReport:
    return report(symptom("S-TINGLE-LEG", present=False, laterality=side))


def _missing() -> Iterator[Case]:
    """The phone was new, or has forgotten: what was not there to be found is undecided."""
    for hours in (47, 48, 49):
        since = NOON - hours * HOUR
        yield (
            f"a red knee, reports of {hours} hours",
            record(one("S-KNEE-RED"), symptoms_since=since),
        )
        yield f"fever, pain reports of {hours} hours", record(one("S-FEVER"), pains_since=since)
    for days in (14, 15, 16):
        yield (
            f"tingling, reports of {days} days",
            record(one("S-TINGLE-LEG"), symptoms_since=NOON - days * DAY),
        )
    yield (
        "what is there decides, whatever is missing",
        record(one("S-FEVER"), one("S-KNEE-RED", name="c"), symptoms_since=NOON, pains_since=NOON),
    )
    yield (
        "an injury dated back, reports of twenty days",
        record(
            one("S-TRAUMA", when=(NOON - 10 * DAY).date().isoformat(), severity="major"),
            pains_since=NOON - 20 * DAY,
        ),
    )
    yield (
        "the history decides alone",
        record(
            one("S-FEVER"), history=("immunosuppressed",), symptoms_since=NOON, pains_since=NOON
        ),
    )


def _late() -> Iterator[Case]:
    for days, code in ((89, "S-FOOTDROP"), (91, "S-FOOTDROP"), (200, "S-WALK-DIFFICULT")):
        yield (
            f"{code}, received {days} days late",
            record(report(symptom(code), before=days * DAY, late=days * DAY)),
        )
    yield (
        "ninety days and a second",
        record(report(symptom("S-SADDLE"), before=90 * DAY, late=90 * DAY + timedelta(seconds=1))),
    )
    yield "nothing helped, but long ago", record(pains=(_late_pain(),))


def _late_pain() -> SafetyPainReport:
    told = pain("back", 10, before=100 * DAY, rest="no", otc="no")
    return replace(told, received_at=NOON)


def _unknown() -> Iterator[Case]:
    odd: dict[str, dict[str, Any]] = {
        "a text for yes": {"new_or_changed": "no"},
        "a number for no": {"new_or_changed": 0},
        "nothing": {"new_or_changed": None},
        "a misspelt name": {"new_or_change": False},
    }
    for says, attrs in odd.items():
        yield f"S-SADDLE with {says}", record(one("S-SADDLE", **attrs))
    heat: dict[str, Any] = {
        "a text that is a number": "37.9",
        "a text with blanks": " 38.0 ",
        "an exponent": "3.79e1",
        "a text": "high",
        "too hot to be true": 100.4,
        "too cold to be true": 3.8,
        "true": True,
        "a list": [37],
        "a whole number": 37,
    }
    for says, value in heat.items():
        yield f"fever measured as {says}", record(one("S-FEVER", temp_c=value))
    for minutes in ("30", 30.0, 30.5, -1):
        yield (
            f"asleep for {minutes!r} minutes",
            record(
                one("S-NUMB-LEG", **_asleep() | {"laterality": "left", "duration_minutes": minutes})
            ),
        )
    yield (
        "red and warm, and no fever by the thermometer",
        record(
            report(symptom("S-KNEE-RED"), symptom("S-KNEE-WARM"), symptom("S-FEVER", temp_c=36.6))
        ),
    )
    for word_ in ("mild", "minor", "major", "MAJOR"):
        yield (
            f"an injury called {word_}, and a swollen knee",
            record(one("S-TRAUMA", severity=word_), one("S-KNEE-SWOLLEN", name="c")),
        )
    for side in ("Both", "links"):
        yield f"the side is {side}", record(one("S-WEAK-LEG", laterality=side, severity="severe"))
    yield (
        "an injury on no date",
        record(one("S-TRAUMA", when="2026-02-30", severity="major"), one("S-FOOTDROP", name="c")),
    )


def _relief() -> Iterator[Case]:
    def answer(question: str, value: str, hours: int, name: str = "r") -> SafetyReliefAnswer:
        return SafetyReliefAnswer(
            id=name, occurred_at=NOON + hours * HOUR, question=question, value=value
        )

    nine = (pain("knee", 9, rest="no"),)
    yield "nothing said of tablets", record(pains=nine)
    for value in (*RELIEF, "unknown"):
        yield (
            f"tablets, said later: {value}",
            record(
                pains=(pain("knee_other", 9, rest="no", otc="no"),),
                relief_answers=[answer("relief_otc", value, 1)],
            ),
        )
        yield (
            f"tablets: {value}, but they helped the day before",
            record(
                pains=(pain("leg", 9, rest="no", otc=value),),
                relief_answers=[answer("relief_otc", "yes", -1)],
            ),
        )
    yield (
        "tablets helped, said later",
        record(pains=nine, relief_answers=[answer("relief_otc", "yes", 2)]),
    )
    yield (
        "rest helped, said before",
        record(pains=nine, relief_answers=[answer("relief_rest", "yes", -2)]),
    )
    yield (
        "unknown takes nothing back",
        record(pains=nine, relief_answers=[answer("relief_rest", "unknown", 2)]),
    )
    yield (
        "the last answer counts",
        record(
            pains=nine,
            relief_answers=[answer("relief_rest", "yes", 2), answer("relief_rest", "no", 3, "s")],
        ),
    )
    yield (
        "an answer at the same time counts before the report's own",
        record(pains=nine, relief_answers=[answer("relief_rest", "yes", 0)]),
    )
