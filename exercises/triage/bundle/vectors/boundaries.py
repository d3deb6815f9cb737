"""Both sides of every number that an event rule compares (pure)."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from exercises.triage.bundle.record_wire import SafetyRecord, SafetyReliefAnswer
from exercises.triage.bundle.vectors.cases import (
    NOON,
    Case,
    earlier,
    one,
    pain,
    record,
    report,
    symptom,
    word,
)
from exercises.triage.rules.constants import Constants

MILD = {"laterality": "left", "severity": "mild", "course": "stable"}


def boundaries(constants: Constants) -> Iterator[Case]:
    """Each number just below, at and just above, with the history that makes it decide."""
    for name, build in NUMBERS.items():
        constant = name.partition(":")[0]
        at = constants.number(constant)
        for number in (at - 1, at, at + 1):
            if number >= 0:
                yield f"{name} at {number}", build(number)
    for tenths in (-1, 0, 1):
        degrees = float(constants.fever_c) + tenths / 10
        yield f"fever_c at {degrees:.1f}", record(one("S-FEVER", temp_c=round(degrees, 1)))
    yield from _zones(constants)


def _zones(constants: Constants) -> Iterator[Case]:
    """Days are local dates, not blocks of 24 hours."""
    days = timedelta(days=constants.number("trauma_window_days"))
    minute = timedelta(minutes=1)
    for name, spread in {"a minute less": -minute, "a minute more": minute}.items():
        then = report(
            symptom("S-TRAUMA", severity="major"),
            name="b",
            before=days + spread,
            on=(NOON - days).date(),
        )
        yield (
            f"an injury {name} than fourteen times 24 hours ago, fourteen local days",
            record(one("S-TINGLE-LEG"), then),
        )


def _hours(number: int) -> timedelta:
    return timedelta(hours=number)


def _days(number: int) -> timedelta:
    return timedelta(days=number)


def _transient(minutes: int) -> SafetyRecord:
    return record(
        one(
            "S-NUMB-LEG",
            laterality="left",
            transient_positional=True,
            resolved=True,
            duration_minutes=minutes,
        )
    )


def _relief_apart(hours: int) -> SafetyRecord:
    answer = SafetyReliefAnswer(
        id="r", occurred_at=NOON + _hours(hours), question="relief_rest", value="no"
    )
    return record(pains=(pain("knee", 9),), relief_answers=[answer])


def _known(days: int) -> SafetyRecord:
    return record(one("S-TINGLE-LEG", **MILD), known_stable=[word("S-TINGLE-LEG", _days(days))])


def _late(days: int) -> SafetyRecord:
    return record(report(symptom("S-SADDLE"), before=_days(days), late=_days(days)))


FEVER = "fever_local_sign_window_hours"
TRAUMA = "trauma_window_days"
MAJOR = {"severity": "major"}
BOTH = {"laterality": "both", "severity": "mild", "course": "stable"}
NUMBERS: dict[str, Callable[[int], SafetyRecord]] = {
    "transient_max_minutes": _transient,
    f"{FEVER}: fever, then a red knee": lambda n: record(
        earlier("S-FEVER", _hours(n), temp_c=38.4), one("S-KNEE-RED")
    ),
    f"{FEVER}: a red knee, then fever": lambda n: record(
        earlier("S-KNEE-RED", _hours(n)), one("S-FEVER", temp_c=38.4)
    ),
    f"{FEVER}: pus, then fever": lambda n: record(earlier("S-KNEE-PUS", _hours(n)), one("S-FEVER")),
    f"{FEVER}: red, then warm": lambda n: record(
        earlier("S-KNEE-RED", _hours(n)), one("S-KNEE-WARM")
    ),
    f"{FEVER}: chills before fever and a red knee": lambda n: record(
        earlier("S-RIGORS", _hours(n)), one("S-FEVER"), one("S-KNEE-RED", name="c")
    ),
    f"{FEVER}: knee pain around fever and a red knee": lambda n: record(
        one("S-FEVER"),
        one("S-KNEE-RED", name="c"),
        pains=(pain("knee_other", 8, before=_hours(n)),),
    ),
    f"{FEVER}: back pain after fever": lambda n: record(
        one("S-FEVER"), pains=(pain("back", 3, before=-_hours(n)),)
    ),
    f"{TRAUMA}: an injury, then tingling": lambda n: record(
        earlier("S-TRAUMA", _days(n), **MAJOR), one("S-TINGLE-LEG")
    ),
    f"{TRAUMA}: tingling, then an injury": lambda n: record(
        earlier("S-TINGLE-LEG", _days(n)), one("S-TRAUMA", **MAJOR)
    ),
    f"{TRAUMA}: told today, with its date": lambda n: record(
        one("S-TRAUMA", when=(NOON - _days(n)).date().isoformat(), **MAJOR),
        one("S-FOOTDROP", name="c"),
    ),
    f"{TRAUMA}: an injury dated in the future": lambda n: record(
        one("S-TRAUMA", when=(NOON + _days(n)).date().isoformat(), **MAJOR),
        one("S-FOOTDROP", name="c"),
    ),
    f"{TRAUMA}: back pain after a major injury": lambda n: record(
        earlier("S-TRAUMA", _days(n), **MAJOR), pains=(pain("back", 2),)
    ),
    "recent_pain_days: back pain before both feet tingle": lambda n: record(
        one("S-TINGLE-LEG", **BOTH), pains=(pain("back", 1, before=_days(n)),)
    ),
    "recent_pain_days: leg pain after both feet tingle": lambda n: record(
        one("S-TINGLE-LEG", **BOTH), pains=(pain("leg", 1, before=-_days(n)),)
    ),
    "recent_pain_days: pain down both legs before": lambda n: record(
        one("S-NUMB-LEG", **BOTH), earlier("S-LEGPAIN-BOTH", _days(n))
    ),
    "present_from: the back hurts, and both feet tingle": lambda n: record(
        one("S-TINGLE-LEG", **BOTH), pains=(pain("back", n),)
    ),
    "present_from: the back hurts after a major injury": lambda n: record(
        one("S-TRAUMA", **MAJOR), pains=(pain("back", n),)
    ),
    "present_from: the back hurts, with fever": lambda n: record(
        one("S-FEVER"), pains=(pain("back", n),)
    ),
    "severe_from: a back at 70 after a fall": lambda n: record(
        one("S-TRAUMA", severity="minor"), pains=(pain("back", n),), age=70
    ),
    "severe_from: a knee with fever and redness": lambda n: record(
        one("S-FEVER"), one("S-KNEE-RED", name="c"), pains=(pain("knee", n, kind="worst24"),)
    ),
    "extreme_from: nothing helps": lambda n: record(
        pains=(pain("knee", n, kind="now", rest="no", otc="no"),)
    ),
    "fragility_age": lambda n: record(one("S-TRAUMA"), pains=(pain("back", 8),), age=n),
    "relief_answer_hours: rest did not help, said later": _relief_apart,
    "relief_answer_hours: rest did not help, said before": lambda n: _relief_apart(-n),
    "known_stable_days": _known,
    "late_after_days": _late,
}
