"""Turns conditions into functions once, when a pack is loaded (pure).

`all`, `any` and `not` carry an undecided part through as Kleene's logic does.
"""

from collections.abc import Callable
from typing import Any

from exercises.triage.rules import patient_conditions as patient
from exercises.triage.rules import report_conditions as report
from exercises.triage.rules import shapes
from exercises.triage.rules.constants import Constants
from exercises.triage.rules.nodes import YES, CompileRule, Node
from exercises.triage.rules.patterns import NO, UNDECIDED, Verdict
from exercises.triage.rules.readings import Reading
from exercises.triage.rules.situation import Match, Situation

MODIFIER_RULE = "RT-MODIFIER"


class Compiler:
    """Compiles the conditions of one pack; `compile_rule` gives another rule's condition."""

    def __init__(self, constants: Constants, compile_rule: CompileRule) -> None:
        self._constants = constants
        self._compile_rule = compile_rule

    def node(self, condition: shapes.Condition) -> Node:
        """The function of a condition."""
        return COMPILERS[type(condition)](self, condition)

    def all_of(self, condition: shapes.All) -> Node:
        """False if one part is; else undecided if one part is; else true."""
        parts = [self.node(part) for part in condition.of]

        def check(situation: Situation, this: Reading | None) -> Verdict:
            matches: tuple[Match, ...] = ()
            is_decided = True
            for part in parts:
                truth, found = part(situation, this)
                if truth is False:
                    return NO
                is_decided = is_decided and truth is True
                matches += found
            return (True, matches) if is_decided else UNDECIDED

        return check

    def any_of(self, condition: shapes.AnyOf) -> Node:
        """True if one part is; else undecided if one part is; else false. Shows all that matched."""
        parts = [self.node(part) for part in condition.of]

        def check(situation: Situation, this: Reading | None) -> Verdict:
            verdicts = [part(situation, this) for part in parts]
            if any(truth for truth, _ in verdicts):
                return True, tuple(item for truth, found in verdicts if truth for item in found)
            return UNDECIDED if any(truth is None for truth, _ in verdicts) else NO

        return check

    def not_(self, condition: shapes.Not) -> Node:
        """The opposite; undecided stays undecided."""
        part = self.node(condition.of)

        def check(situation: Situation, this: Reading | None) -> Verdict:
            truth, _ = part(situation, this)
            if truth is None:
                return UNDECIDED
            return NO if truth else YES

        return check

    def fires(self, condition: shapes.Fires) -> Node:
        """Another rule on the same report, or for the same patient."""
        return self._compile_rule(condition.rule)

    def unless(self, condition: shapes.Unless) -> Node:
        """True as long as the other rule is not known to hold."""
        rule = self._compile_rule(condition.rule)

        def check(situation: Situation, this: Reading | None) -> Verdict:
            return NO if rule(situation, this)[0] else YES

        return check

    def elapsed(self, condition: shapes.Elapsed) -> Node:
        """Time since care began, which the modifier rule shortens."""
        modifier = self._compile_rule(MODIFIER_RULE) if condition.sooner else _never
        return patient.compile_elapsed(condition, self._constants, modifier)


def _never(_: Situation, __: Reading | None) -> Verdict:
    return NO


COMPILERS: dict[type, Callable[[Compiler, Any], Node]] = {
    shapes.All: Compiler.all_of,
    shapes.AnyOf: Compiler.any_of,
    shapes.Not: Compiler.not_,
    shapes.Fires: Compiler.fires,
    shapes.Unless: Compiler.unless,
    shapes.Elapsed: Compiler.elapsed,
    shapes.This: lambda _, condition: report.compile_this(condition),
    shapes.Reported: lambda own, condition: report.compile_reported(condition, own._constants),
    shapes.Pain: lambda own, condition: report.compile_pain(condition, own._constants),
    shapes.History: lambda _, condition: patient.compile_history(condition),
    shapes.Age: lambda own, condition: patient.compile_age(condition, own._constants),
    shapes.Window: lambda own, condition: patient.compile_window(condition, own._constants),
    shapes.Improved: lambda _, condition: patient.compile_improved(condition),
    shapes.Rise: lambda own, condition: patient.compile_rise(condition, own._constants),
    shapes.Groc: lambda own, condition: patient.compile_groc(condition, own._constants),
    shapes.Silent: lambda own, condition: patient.compile_silent(condition, own._constants),
    shapes.Pattern: lambda _, condition: patient.compile_pattern(condition),
}
