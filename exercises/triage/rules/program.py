"""A rule pack made ready to run: every condition a function, event rules found by symptom (pure)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from exercises.triage.levels import Level
from exercises.triage.rules import shapes
from exercises.triage.rules.compiling import Compiler
from exercises.triage.rules.constants import Constants
from exercises.triage.rules.nodes import YES, Node, about
from exercises.triage.rules.patterns import NO, UNDECIDED, Verdict
from exercises.triage.rules.readings import Reading
from exercises.triage.rules.record import PainFact
from exercises.triage.rules.report_conditions import Passes, compile_tests
from exercises.triage.rules.situation import Match, Situation, pain_match, symptom_match


class PackError(ValueError):
    """The rules, constants or texts are not fit for use; the message says what is wrong."""


@dataclass(frozen=True)
class SymptomTrigger:
    """One clause on symptom reports."""

    rule: shapes.Rule
    codes: frozenset[str]
    passes: Passes
    when: Node

    def check(self, situation: Situation, reading: Reading) -> Verdict:
        """Does the clause hold for this report?"""
        if reading.code not in self.codes or not self.passes(reading.attrs):
            return NO
        truth, found = self.when(situation, reading)
        return (True, (symptom_match(reading), *found)) if truth else (truth, ())


@dataclass(frozen=True)
class PainTrigger:
    """One clause on pain reports."""

    rule: shapes.Rule
    sites: frozenset[str]
    kinds: frozenset[str]
    at_least: int
    passes: Passes

    def check(self, situation: Situation, pain: PainFact) -> tuple[Match, ...]:
        """What matched; nothing if the clause does not hold."""
        if pain.score < self.at_least or pain.site not in self.sites or pain.kind not in self.kinds:
            return ()
        relief = situation.relief(pain)
        return (pain_match(pain, self.at_least, relief),) if self.passes(relief) else ()


class Program:
    """The functions of a pack's rules."""

    def __init__(self, rules: Mapping[str, shapes.Rule], constants: Constants) -> None:
        self._rules = rules
        self._constants = constants
        self._compiler = Compiler(constants, self._node)
        self._nodes: dict[str, Node] = {}
        self._pending: list[str] = []
        self.levels = {rule.id: Level.of(rule.level) for rule in rules.values()}
        self.by_code: dict[str, list[SymptomTrigger]] = defaultdict(list)
        self.on_pain: list[PainTrigger] = []
        self.on_patient: list[tuple[shapes.Rule, Node]] = []
        self.profiles: list[tuple[shapes.Rule, tuple[Node, ...]]] = []
        for rule in rules.values():
            self._add(rule)

    def _add(self, rule: shapes.Rule) -> None:
        if rule.kind == "event":
            self._add_clauses(rule)
        elif rule.kind == "trend":
            self.on_patient.append((rule, self._node(rule.id)))
        elif rule.per_reason and isinstance(rule.when, shapes.AnyOf):
            reasons = tuple(self._compiler.node(part) for part in rule.when.of)
            self.profiles.append((rule, reasons))
        else:
            self.profiles.append((rule, (self._node(rule.id),)))

    def _add_clauses(self, rule: shapes.Rule) -> None:
        for clause in rule.clauses:
            if isinstance(clause, shapes.PainClause):
                self.on_pain.append(self._pain_trigger(rule, clause))
                continue
            trigger = self._trigger(rule, clause)
            for code in clause.codes:
                self.by_code[code].append(trigger)

    def _trigger(self, rule: shapes.Rule, clause: shapes.SymptomClause) -> SymptomTrigger:
        when: Node = _always if clause.when is None else self._compiler.node(clause.when)
        return SymptomTrigger(rule, frozenset(clause.codes), compile_tests(clause.where), when)

    def _pain_trigger(self, rule: shapes.Rule, clause: shapes.PainClause) -> PainTrigger:
        return PainTrigger(
            rule,
            frozenset(clause.sites),
            frozenset(clause.kinds),
            self._constants.number(clause.at_least),
            compile_tests(clause.where),
        )

    def _node(self, rule_id: str) -> Node:
        """The condition of a rule, on a report for an event rule."""
        if rule_id not in self._nodes:
            if rule_id in self._pending or rule_id not in self._rules:
                raise PackError(f"{rule_id}: unknown, or refers to itself")
            self._pending.append(rule_id)
            self._nodes[rule_id] = self._compile(self._rules[rule_id])
            self._pending.remove(rule_id)
        return self._nodes[rule_id]

    def _compile(self, rule: shapes.Rule) -> Node:
        if rule.when is not None:
            return self._compiler.node(rule.when)
        triggers = [
            self._trigger(rule, clause)
            for clause in rule.clauses
            if isinstance(clause, shapes.SymptomClause)
        ]
        return _first_that_holds(triggers)


def _always(_: Situation, __: Reading | None) -> Verdict:
    return YES


def _first_that_holds(triggers: list[SymptomTrigger]) -> Node:
    def check(situation: Situation, this: Reading | None) -> Verdict:
        reading = about(this)
        verdicts = [trigger.check(situation, reading) for trigger in triggers]
        undecided = UNDECIDED if any(truth is None for truth, _ in verdicts) else NO
        return next((verdict for verdict in verdicts if verdict[0]), undecided)

    return check
