"""The conditions that a table would make obscure: one function each, true, false or undecided (pure).

Their numbers are constants; a rule that names a function lists those it uses.
"""

from collections.abc import Callable, Iterable
from datetime import date

from exercises.tracking.trends import Values, course_of
from exercises.triage.rules.readings import SENSORY, Reading, quantity
from exercises.triage.rules.record import PainFact
from exercises.triage.rules.situation import (
    DAY,
    STEADY_KINDS,
    Match,
    Situation,
    decimal_text,
    pain_match,
    symptom_match,
)
from exercises.triage.rules.vocabulary import BODY

Truth = bool | None
Verdict = tuple[Truth, tuple[Match, ...]]
NO: Verdict = (False, ())
UNDECIDED: Verdict = (None, ())


def severe_unrelieved(situation: Situation) -> Verdict:
    """A severe score in the last four days that rest does not ease and tablets do not help."""
    constants = situation.constants
    recent = list(_recent_pains(situation))
    severe = (pain for pain in reversed(recent) if pain.score >= constants.severe_from)
    for pain in severe:
        relief = situation.relief(pain)
        if relief.get("relief_rest") == "no" and relief.get("relief_otc") != "yes":
            return True, (pain_match(pain, constants.severe_from, relief),)
    # Silence does not end it: without any report in these days nothing is known.
    is_logged = any(day in situation.recent for day in _last_days(situation))
    return NO if recent or is_logged else UNDECIDED


def severe_most_days(situation: Situation) -> Verdict:
    """Severe on three of the last four days, and no relief reported in them."""
    constants = situation.constants
    last, values = _last_days(situation), situation.recent
    severe = [day for day in reversed(last) if values.get(day, 0) >= constants.severe_from]
    unknown = sum(day not in values for day in last)
    # Mostly it ends here, before all reports are asked about relief.
    if len(severe) + unknown < constants.severe_recent_min or _was_relieved(situation, last[-1]):
        return NO
    if len(severe) < constants.severe_recent_min:
        return UNDECIDED
    days = {day.isoformat(): decimal_text(values[day]) for day in severe}
    return True, (Match("severe_days", {"days": days, "at_least": constants.severe_from}),)


def flare(situation: Situation) -> Verdict:
    """Today two points above the mean of the week that ended yesterday, and at least moderate."""
    constants, today = situation.constants, situation.record.today
    value, usual = situation.recent.get(today), situation.window_on(today - DAY)
    if value is None or usual is None:
        is_recent = situation.silent_days < constants.data_gap_days
        return UNDECIDED if is_recent else NO
    if value - usual < constants.flare_points or value < constants.moderate_from:
        return NO
    values = {"today": decimal_text(value), "window_mean_yesterday": decimal_text(usual)}
    return True, (Match("flare", {**values, "rise_at_least": constants.flare_points}),)


def peripheralisation(situation: Situation) -> Verdict:
    """Further down than on the first day, on each of the last three logged days."""
    constants = situation.constants
    reached: dict[date, int] = {}
    for fact in situation.record.locations:
        if fact.most_distal in BODY and fact.local_date <= situation.record.today:
            depth = BODY.index(fact.most_distal)
            reached[fact.local_date] = max(depth, reached.get(fact.local_date, 0))
    days = sorted(reached)
    last = days[-constants.periph_last_days :]
    if len(days) < constants.periph_min_days:
        return NO
    if any(reached[day] <= reached[days[0]] for day in last):
        return NO
    sites = {day.isoformat(): BODY[reached[day]] for day in [days[0], *last]}
    return True, (Match("most_distal", {"days": sites}),)


def numbness_persists(situation: Situation) -> Verdict:
    """Numb or tingling for a week on one side, not gone in between or since, not yet assessed."""
    symptoms = situation.symptoms
    sensory = [
        reading
        for reading in symptoms.present
        if reading.code in SENSORY and not reading.attrs["is_transient"]
    ]
    for reading in reversed(sensory):
        if _is_unresolved(situation, reading):
            first = _since(situation, reading, sensory)
            if first is not None:
                matched = {first.moment: first, reading.moment: reading}
                return True, tuple(symptom_match(item) for item in matched.values())
    return NO


def first_recurrence(situation: Situation) -> Verdict:
    """Recovered, then moderate again: once in a year."""
    return _recurrence(situation, lambda count: count == 1)


def second_recurrence(situation: Situation) -> Verdict:
    """Recovered, then moderate again: at least twice in a year."""
    return _recurrence(situation, lambda count: count > 1)


FUNCTIONS: dict[str, Callable[[Situation], Verdict]] = {
    function.__name__: function
    for function in (
        severe_unrelieved,
        severe_most_days,
        flare,
        peripheralisation,
        numbness_persists,
        first_recurrence,
        second_recurrence,
    )
}


def _last_days(situation: Situation) -> list[date]:
    """Today and the days before it that severe pain is counted on, latest first."""
    today = situation.record.today
    return [today - back * DAY for back in range(situation.constants.severe_recent_days)]


def _recent_pains(situation: Situation) -> Iterable[PainFact]:
    days = frozenset(_last_days(situation))
    for pain in situation.pains:
        if pain.kind in STEADY_KINDS and pain.local_date in days:
            yield pain


def _was_relieved(situation: Situation, first: date) -> bool:
    record = situation.record
    own = [
        pain.local_date
        for pain in situation.pains
        if pain.relief_rest == "yes" or pain.relief_otc == "yes"
    ]
    apart = [answer.local_date for answer in record.answers if answer.value == "yes"]
    return any(first <= day <= record.today for day in (*own, *apart))


def _is_unresolved(situation: Situation, reading: Reading) -> bool:
    symptoms = situation.symptoms
    return not (
        reading.attrs.get("assessed_by_clinician") is True
        or reading.attrs.get("resolved") is True
        or symptoms.is_gone(reading)
        or symptoms.is_covered(reading, situation.record.known_stable)
    )


def _since(situation: Situation, reading: Reading, sensory: list[Reading]) -> Reading | None:
    """The report that shows a week of it: this one by its duration, or an earlier one."""
    enough = situation.constants.numbness_persist_days
    duration = quantity(reading.attrs, "duration_days")
    if duration is not None and duration >= enough:
        return reading
    for earlier in sensory:
        if (reading.fact.local_date - earlier.fact.local_date).days < enough:
            continue
        if _is_same_side(earlier, reading) and not situation.symptoms.is_gone(earlier, reading):
            return earlier
    return None


def _is_same_side(one: Reading, other: Reading) -> bool:
    return one.side == other.side or not {"left", "right"} <= {one.side, other.side}


def _recurrence(situation: Situation, counts: Callable[[int], bool]) -> Verdict:
    """Reads a year only if the last weeks show a fresh rise; what stood before stands meanwhile."""
    constants, today = situation.constants, situation.record.today
    if situation.recent_course.is_recovered:
        return NO
    if not _has_fresh_rise(situation, situation.recent):
        return UNDECIDED
    year = situation.values(today - (constants.recurrence_lookback_days - 1) * DAY)
    course = course_of(year, constants)
    if course.is_recovered or not counts(len(course.recurrences)):
        return NO
    dates = [day.isoformat() for day in course.recurrences]
    return True, (Match("recurrences", {"dates": dates, "from": constants.recurrence_from}),)


def _has_fresh_rise(situation: Situation, weeks: Values) -> bool:
    """The last spell of high days has a second day, not longer ago than a recovery takes."""
    constants = situation.constants
    spell: list[date] = []
    for day, value in weeks.items():
        if value < constants.recurrence_from:
            continue
        is_near = spell and (day - spell[-1]).days < constants.recurrence_within_days
        spell = [*spell, day] if is_near else [day]
    return len(spell) > 1 and (situation.record.today - spell[1]).days < constants.recovered_days
