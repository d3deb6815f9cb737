"""The default doses, written out a second time: phase by phase, `-` where nothing is offered."""

import msgspec
import pytest

from exercises.catalog.content import catalog
from exercises.catalog.shapes import Dose, PhaseId, Range

PHASES: tuple[PhaseId, ...] = ("initial", "rehab", "long_term")

# sets, reps, s = hold in seconds, br = hold in breaths, min = minutes, /side, x = a day, d = days a
# week, @ = from this plan day, every = minutes between, deg = knee angle.
DOSES = {
    "EX-01": ("reps3 s20 /side x2", "reps3 s30 /side x1-2", "reps2-3 s30 /side d4-5"),
    "EX-02": ("reps2 s20 /side x1 no_tingling", "reps3 s30 /side x1", "reps2-3 s30-60 /side d4-5"),
    "EX-03": ("reps2 s20 /side x1", "reps3 s30 /side x1", "reps2 s30 /side d3-5"),
    "EX-04": ("reps8 br1 alternating x1-2", "reps10 alternating x1-2", "reps10 alternating d3-5"),
    "EX-05": ("reps8 br1 x1", "reps8-10 x1", "reps8-10 d3-5"),
    "EX-06": ("reps10 x1", "reps15 x1", "reps15 warm_up"),
    "EX-07": ("reps5 s5 x1", "reps10 s5-10 x1", "reps10 s10 d3"),
    "EX-08": ("reps5 x1 @4", "reps10 x2", "reps10 d3 on_flare"),
    "EX-09": (
        "reps5 s5-10 centralises optional",
        "reps8-10 s5-10 centralises optional",
        "reps8 s5-10 centralises optional",
    ),
    "EX-10": ("-", "sets2 reps8-10 br3 d3-4", "sets3 reps10-12 d3"),
    "EX-11": ("-", "sets2 reps6 s5 /side d3-4", "sets3 reps10 s5-10 /side d3"),
    "EX-12": ("-", "reps3 s10 /side d3 @28", "reps3 s20-30 /side d3"),
    "EX-13": ("-", "sets2 reps8 s3-5 d3-4", "sets3 reps10 d3"),
    "EX-14": ("reps10 s5 x2", "sets2 reps15 s5 x1", "optional"),
    "EX-15": ("-", "sets2 reps8 d3 deg0-45 @21", "sets3 reps10 d3-4 deg0-60"),
    "EX-16": ("-", "sets2 reps10 s5 d3-4", "sets3 reps10 s5 d4-5 by_therapist"),
    "EX-17": ("-", "sets2 reps6-8 /side d3", "sets2-3 reps12 /side d3"),
    "EX-18": ("-", "reps2 s30 /side x1", "reps4 s30 /side d4-7"),
    "EX-19": ("-", "reps2 s30 /side d4", "reps2-3 s30-60 /side d4-5"),
    "EX-20": ("min5-10 x2-4", "min10-20 x1-2", "min30 d5 build_up"),
    "EX-21": ("-", "min10-20 d2", "min20-30 d2-3"),
    "EX-22": ("-", "min15-20 d2 @28", "min30-45 d1-3"),
    "EX-23": ("-", "sets1 reps8 d3 none", "sets2 reps10 by_therapist"),
    "EX-24": ("min1-2 every30", "min1-2 every30", "min1-2 every30-45"),
    "EX-25": ("-", "reps3 s10-20 /side d3 @28", "reps3 s30 /side d3"),
}
NAMES = {
    "hold_s": "s",
    "hold_breaths": "br",
    "minutes": "min",
    "per_side": "/side",
    "times_per_day": "x",
    "days_per_week": "d",
    "every_minutes": "every",
    "knee_angle_deg": "deg",
    "from_day": "@",
    "load": "",
    "condition": "",
}


def in_short(dose: Dose | None) -> str:
    if dose is None:
        return "-"
    words = []
    for field in msgspec.structs.fields(dose):
        value = getattr(dose, field.name)
        if field.name == "note" or value is None or value is False:
            continue
        name = NAMES.get(field.name, field.name)
        words.append(name + amount(value))
    return " ".join(words)


def amount(value: object) -> str:
    if isinstance(value, Range):
        return str(value.min) if value.min == value.max else f"{value.min}-{value.max}"
    return "" if value is True else str(value)


@pytest.mark.parametrize("code", DOSES)
def test_doses_are_those_of_the_table(code: str) -> None:
    exercise = catalog().exercises[code]

    assert tuple(in_short(exercise.dose.in_phase(phase)) for phase in PHASES) == DOSES[code]


def test_the_catalogue_holds_exactly_the_exercises_of_the_table() -> None:
    assert list(catalog().exercises) == list(DOSES)
