"""Compiles the conditions that speak of the patient and of her trends (pure)."""

from exercises.triage.rules import shapes
from exercises.triage.rules.constants import Constants
from exercises.triage.rules.nodes import Node
from exercises.triage.rules.patterns import FUNCTIONS, NO, UNDECIDED, Verdict
from exercises.triage.rules.readings import Reading
from exercises.triage.rules.situation import DAY, Match, Situation, decimal_text

# Above any elapsed time, age and mean.
UNBOUNDED = 10**6


def compile_history(condition: shapes.History) -> Node:
    """What the patient's history names."""
    wanted = sorted(condition.any_of)

    def check(situation: Situation, _: Reading | None) -> Verdict:
        found = [item for item in wanted if item in situation.record.profile.history]
        return (True, tuple(Match("history", {"item": item}) for item in found)) if found else NO

    return check


def compile_age(condition: shapes.Age, constants: Constants) -> Node:
    """Age, and whether this is known to be the first episode."""
    low, high = _bounds(condition.at_least, condition.below, constants)

    def check(situation: Situation, _: Reading | None) -> Verdict:
        profile = situation.record.profile
        if profile.age is None or not low <= profile.age < high:
            return NO
        if condition.first_episode not in (None, profile.first_episode):
            return NO
        return True, (Match("age", {"years": profile.age}),)

    return check


def compile_elapsed(condition: shapes.Elapsed, constants: Constants, has_modifier: Node) -> Node:
    """Local days since care began; sooner for those with a modifier."""
    usual, high = _bounds(condition.at_least, condition.below, constants)
    sooner = constants.number(condition.sooner) if condition.sooner else usual

    def check(situation: Situation, this: Reading | None) -> Verdict:
        elapsed = situation.elapsed
        if not sooner <= elapsed < high:
            return NO
        is_modified = sooner < usual and has_modifier(situation, this)[0] is True
        low = sooner if is_modified else usual
        if elapsed < low:
            return NO
        values = {"days": elapsed, "at_least": low, "modified": is_modified}
        return True, (Match("elapsed", values),)

    return check


def compile_window(condition: shapes.Window, constants: Constants) -> Node:
    """The mean of the last seven days."""
    low, high = _bounds(condition.at_least, condition.below, constants)

    def check(situation: Situation, _: Reading | None) -> Verdict:
        mean = situation.window
        if mean is None:
            return UNDECIDED
        if not low <= mean < high:
            return NO
        return True, (Match("window_mean", {"mean": decimal_text(mean), "at_least": low}),)

    return check


def compile_improved(condition: shapes.Improved) -> Node:
    """Better than the baseline by two points or 30 %, or not."""

    def check(situation: Situation, _: Reading | None) -> Verdict:
        if situation.window is None:
            return UNDECIDED
        before = situation.baseline
        if situation.has_improved is not condition.so:
            return NO
        shown = None if before is None else decimal_text(before)
        return True, (Match("improved", {"baseline": shown, "improved": condition.so}),)

    return check


def compile_rise(condition: shapes.Rise, constants: Constants) -> Node:
    """The mean of the last seven days against that of the seven before."""
    points = constants.number(condition.at_least)
    week = constants.window_days * DAY

    def check(situation: Situation, _: Reading | None) -> Verdict:
        now, before = situation.window, situation.window_on(situation.record.today - week)
        if now is None or before is None:
            return UNDECIDED
        if now - before < points:
            return NO
        values = {"before": decimal_text(before), "now": decimal_text(now), "at_least": points}
        return True, (Match("rise", values),)

    return check


def compile_groc(condition: shapes.Groc, constants: Constants) -> Node:
    """The latest global rating of change."""
    limit = constants.number(condition.at_most)

    def check(situation: Situation, _: Reading | None) -> Verdict:
        if situation.groc is None or situation.groc[2] > limit:
            return NO
        _at, source, score = situation.groc
        return True, (Match("groc", {"source": source, "score": score, "at_most": limit}),)

    return check


def compile_silent(condition: shapes.Silent, constants: Constants) -> Node:
    """Local days without a pain report."""
    days = constants.number(condition.at_least)

    def check(situation: Situation, _: Reading | None) -> Verdict:
        silent = situation.silent_days
        if silent < days:
            return NO
        return True, (Match("silent", {"days": silent, "at_least": days}),)

    return check


def compile_pattern(condition: shapes.Pattern) -> Node:
    """A function by its name."""
    function = FUNCTIONS[condition.function]

    def check(situation: Situation, _: Reading | None) -> Verdict:
        return function(situation)

    return check


def _bounds(at_least: str | None, below: str | None, constants: Constants) -> tuple[int, int]:
    low = constants.number(at_least) if at_least else 0
    return low, constants.number(below) if below else UNBOUNDED
