"""Compiles the conditions that speak of one report and of what was reported around it (pure)."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from exercises.triage.rules import shapes
from exercises.triage.rules.constants import Constants
from exercises.triage.rules.nodes import YES, Node, about
from exercises.triage.rules.patterns import NO, UNDECIDED, Verdict
from exercises.triage.rules.readings import Reading
from exercises.triage.rules.record import PainFact
from exercises.triage.rules.situation import Situation, pain_match, symptom_match
from exercises.triage.rules.vocabulary import Value

Passes = Callable[[Mapping[str, Value]], bool]


def compile_tests(tests: Iterable[shapes.AttrTest]) -> Passes:
    """All tests on one report's attributes. The type is part of a value: 1 is not true."""
    prepared = [
        (test.attr, frozenset((type(value), value) for value in test.one_of), test.unknown)
        for test in tests
    ]

    def passes(attrs: Mapping[str, Value]) -> bool:
        for name, accepted, unknown in prepared:
            value = attrs.get(name)
            if not (unknown if value is None else (type(value), value) in accepted):
                return False
        return True

    return passes


def compile_this(condition: shapes.This) -> Node:
    """The report itself."""
    codes, passes = frozenset(condition.codes), compile_tests(condition.where)

    def check(_: Situation, this: Reading | None) -> Verdict:
        reading = about(this)
        has_code = not codes or reading.code in codes
        return YES if has_code and passes(reading.attrs) else NO

    return check


def compile_reported(condition: shapes.Reported, constants: Constants) -> Node:
    """Another symptom nearby in time."""
    passes = compile_tests(condition.where)
    is_near = _symptoms_are_near(condition.within, constants)
    is_known = _is_known(condition.within, constants)

    def accepts(this: Reading, other: Reading) -> bool:
        if condition.other_code and other.code == this.code:
            return False
        if condition.earlier and other.moment > this.moment:
            return False
        return is_near(this, other) and passes(other.attrs)

    def check(situation: Situation, this: Reading | None) -> Verdict:
        reading, by_code = about(this), situation.symptoms.by_code
        found = tuple(
            symptom_match(other)
            for code in condition.codes
            for other in by_code.get(code, ())
            if accepts(reading, other)
        )
        if found:
            return True, found
        return NO if is_known(reading, situation.record.symptoms_since) else UNDECIDED

    return check


def compile_pain(condition: shapes.Pain, constants: Constants) -> Node:
    """A pain score nearby in time; the latest one is shown."""
    sites, at_least = frozenset(condition.sites), constants.number(condition.at_least)
    is_near = _pain_is_near(condition.within, constants)
    is_known = _is_known(condition.within, constants)

    def check(situation: Situation, this: Reading | None) -> Verdict:
        reading = about(this)
        for pain in reversed(situation.pains):
            if pain.site in sites and pain.score >= at_least and is_near(reading, pain):
                return True, (pain_match(pain, at_least),)
        return NO if is_known(reading, situation.record.pains_since) else UNDECIDED

    return check


def _symptoms_are_near(within: str, constants: Constants) -> Callable[[Reading, Reading], bool]:
    number = constants.number(within)
    if within.endswith("_days"):
        return lambda one, other: abs((one.day - other.day).days) <= number
    reach = timedelta(hours=number)
    return lambda one, other: abs(one.fact.occurred_at - other.fact.occurred_at) <= reach


def _pain_is_near(within: str, constants: Constants) -> Callable[[Reading, PainFact], bool]:
    number = constants.number(within)
    if within.endswith("_days"):
        return lambda one, pain: abs((one.day - pain.local_date).days) <= number
    reach = timedelta(hours=number)
    return lambda one, pain: abs(one.fact.occurred_at - pain.occurred_at) <= reach


def _is_known(within: str, constants: Constants) -> Callable[[Reading, datetime | None], bool]:
    """Whether everything that was reported near a report is in the record."""
    number = constants.number(within)
    # A day more, because a local date may differ from the instant's date in any other zone.
    reach = timedelta(days=number + 1) if within.endswith("_days") else timedelta(hours=number)

    def check(this: Reading, since: datetime | None) -> bool:
        if since is None:
            return True
        happened = this.fact.occurred_at - (this.fact.local_date - this.day)
        return happened - since >= reach

    return check
