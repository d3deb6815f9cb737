"""What the pure rules say over the whole range of what they are asked, without their words."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import product
from typing import Any

from exercises.catalog.shapes import DoseLimits, Monitoring, PhaseFile
from exercises.plans.phases import Evidence, extension, gate
from exercises.plans.prescribable import limit_errors
from exercises.plans.progression import Borne, adjusted
from exercises.tracking.instruments.change import change
from exercises.tracking.instruments.due import due
from exercises.tracking.instruments.shapes import Instrument
from exercises.triage.home_care import Guide, Situation, Use, advise, warnings

START = date(2026, 5, 4)
NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def gate_sweep(content: PhaseFile) -> list[object]:
    """What the gates and the extension say, without their words."""
    found: list[object] = []
    calm: dict[str, Any] = {
        "day": 90, "days_in_phase": 90, "highest_open_level": 0, "window_mean": Fraction(1),
        "improved": False, "worst_pain_during_last_days": None, "worst_next_morning_rise": None,
        "held": False,
    }  # fmt: skip
    sweeps: dict[str, list[Any]] = {
        "day": [*range(60)],
        "days_in_phase": [*range(30)],
        "window_mean": [Fraction(n, 2) for n in range(21)],
        "worst_pain_during_last_days": [*range(11)],
        "worst_next_morning_rise": [*range(6)],
    }
    for name, values in sweeps.items():
        for value, phase in product(values, ("initial", "rehab")):
            opened = gate(phase, Evidence(**(calm | {name: value})), content)  # type: ignore[arg-type]
            found.append(opened is not None and opened.passed)
    for phase, day in product(("initial", "rehab"), range(80)):
        longer = extension(phase, day, content)  # type: ignore[arg-type]
        found.append(longer and (longer.days, longer.task_due, longer.review_due))
    return found


def progression_sweep(limits: Monitoring) -> list[object]:
    doses = [
        {name: {"min": n, "max": n} for name, n in amounts.items()}
        for amounts in ({"sets": 1, "reps": 8, "hold_s": 5}, {"sets": 2, "reps": 20}, {"sets": 3})
    ]

    def after(*history: Borne) -> object:
        return [
            adjusted(dose, history, phase="rehab", since=START, limits=limits) for dose in doses
        ]

    found: list[object] = [after(Borne(START, 2, rise)) for rise in range(5)]
    bad = [Borne(START + n * DAY, 2, 9) for n in range(10)]
    found += [after(bad[0], bad[apart]) for apart in range(1, 10)]
    found += [after(*bad[:count]) for count in range(4)]
    for pain, count in product(range(6), range(13)):
        found.append(after(*(Borne(START + n * DAY, pain) for n in range(count))))
    found += [after(*(Borne(START + n * DAY, 0) for n in range(count))) for count in range(30)]
    return found


def care_sweep(content: Guide) -> list[object]:
    found: list[object] = []
    for hours in range(60):
        advice = advise(content, Situation(onset=NOW - timedelta(hours=hours)), NOW)
        found.append([(offer.modality.id, offer.status) for offer in advice.offers])
    for ago, kind in product(range(200), ("ice", "heat", "contrast")):
        use = Use(kind, NOW - (ago + 5) * MINUTE, NOW - ago * MINUTE)
        advice = advise(content, Situation(onset=NOW - 30 * DAY, uses=(use,)), NOW)
        found.append([(offer.modality.id, offer.status) for offer in advice.offers])
    for lasted, kind in product(range(1, 40), ("ice", "heat", "contrast")):
        use = Use(kind, NOW - lasted * MINUTE, NOW)
        said = warnings(content, Situation(onset=NOW - 30 * DAY), use, wrapped=True)
        found.append([reason.code for reason in said])
    return found


def limits_sweep(limits: DoseLimits) -> list[object]:
    return [
        [*limit_errors({name: {"min": value, "max": value}}, limits)] != []
        for name, value in product(
            ("sets", "reps", "hold_s", "minutes", "knee_angle_deg"), range(100)
        )
    ]


def instrument_sweep(instrument: Instrument) -> list[object]:
    pairs = [*product(_forms(instrument), repeat=2)]
    found: list[object] = []
    for first, later in pairs:
        told = change(instrument, first, later)
        found.append(told and (told.size, told.recovered, told.floor, told.ceiling))
    days = [START + day * DAY for day in range(120)]
    return found + [due(instrument.schedule, start=START, today=d, answered=()) for d in days]


def _forms(instrument: Instrument) -> Iterator[dict[str, Any]]:
    if instrument.code == "RMDQ":
        for count in range(25):
            yield {"ticked": [f"rmdq_{n:02}" for n in range(1, count + 1)], "submitted": True}
    elif instrument.code == "GROC":
        for score in range(-5, 6):
            yield {"change": score}
    else:
        # Ten activities rated 0 and 1 step by tenths of a point.
        for tenths in range(41):
            whole, part = divmod(tenths, 10)
            rated = [whole + 1] * part + [whole] * (10 - part)
            yield {"activities": [{"text": f"a{n}", "score": s} for n, s in enumerate(rated)]}
