"""What must be true of rules beyond their shape, so that a typing error never becomes triage (pure)."""

from collections.abc import Iterable, Iterator

from exercises.triage.rules import shapes
from exercises.triage.rules.constants import Constants
from exercises.triage.rules.patterns import FUNCTIONS
from exercises.triage.rules.readings import DERIVED
from exercises.triage.rules.vocabulary import HISTORY, KINDS, RELIEF, SITES, Vocabulary

PREFIXES = {
    "emergency_now": ("RF",),
    "urgent_same_day": ("RF",),
    "prompt_days": ("PR",),
    "see_doctor_soon": ("SD",),
    "routine": ("RT", "EL"),
}
ABOUT_REPORTS = (shapes.This, shapes.Reported, shapes.Pain)
# Fields of conditions that name a number.
NUMBERS = ("at_least", "at_most", "below", "sooner", "within")


def problems_of(
    rules: Iterable[shapes.Rule], constants: Constants, vocabulary: Vocabulary
) -> list[str]:
    """Everything wrong with the rules, each with the rule's id."""
    checker = _Checker(tuple(rules), constants, vocabulary)
    return [f"{rule.id}: {problem}" for rule in checker.rules for problem in checker.check(rule)]


class _Checker:
    def __init__(
        self, rules: tuple[shapes.Rule, ...], constants: Constants, vocabulary: Vocabulary
    ) -> None:
        self.rules = rules
        self.kinds = {rule.id: rule.kind for rule in rules}
        self.constants = constants
        self.vocabulary = vocabulary

    def check(self, rule: shapes.Rule) -> Iterator[str]:
        yield from _form_problems(rule)
        for clause in rule.clauses:
            yield from self._clause(clause)
        for condition in _conditions(rule):
            yield from self._condition(condition, in_event=rule.kind == "event")

    def _clause(self, clause: shapes.SymptomClause | shapes.PainClause) -> Iterator[str]:
        if isinstance(clause, shapes.SymptomClause):
            yield from self._symptoms(clause.codes, clause.where)
            return
        yield from _strangers("site", clause.sites, SITES)
        yield from _strangers("kind", clause.kinds, KINDS)
        yield from self._numbers((clause.at_least,))
        for test in clause.where:
            yield from _strangers("relief answer", test.one_of, frozenset(RELIEF))

    def _condition(self, condition: shapes.Condition, *, in_event: bool) -> Iterator[str]:
        yield from self._numbers(
            name for field in NUMBERS if (name := getattr(condition, field, None)) is not None
        )
        if isinstance(condition, ABOUT_REPORTS) and not in_event:
            yield "a condition on a report in a rule that judges none"
        match condition:
            case shapes.This() | shapes.Reported():
                yield from self._symptoms(condition.codes, condition.where)
            case shapes.Pain():
                yield from _strangers("site", condition.sites, SITES)
            case shapes.History():
                yield from _strangers("history item", condition.any_of, HISTORY)
            case shapes.Fires() | shapes.Unless():
                yield from self._reference(condition.rule, in_event=in_event)
            case shapes.Pattern():
                yield from _strangers("function", (condition.function,), FUNCTIONS.keys())
                yield from self._numbers(condition.uses)

    def _symptoms(
        self, codes: tuple[str, ...], tests: tuple[shapes.AttrTest, ...]
    ) -> Iterator[str]:
        yield from _strangers("symptom", codes, self.vocabulary.codes)
        for test in tests:
            if test.attr in DERIVED:
                yield from _strangers(f"value of {test.attr}", test.one_of, {True, False})
            elif test.attr not in self.vocabulary.attributes:
                yield f"unknown attribute {test.attr}"
            else:
                yield from self._values(codes, test)

    def _values(self, codes: tuple[str, ...], test: shapes.AttrTest) -> Iterator[str]:
        if self.vocabulary.attributes[test.attr].kind == "boolean":
            yield from _strangers(f"value of {test.attr}", test.one_of, {True, False})
            return
        for code in codes:
            words = self.vocabulary.words(code, test.attr)
            yield from _strangers(f"{test.attr} of {code}", test.one_of, words)

    def _numbers(self, names: Iterable[str]) -> Iterator[str]:
        for name in names:
            if name not in self.constants.__struct_fields__:
                yield f"unknown constant {name}"

    def _reference(self, rule_id: str, *, in_event: bool) -> Iterator[str]:
        if rule_id not in self.kinds:
            yield f"refers to unknown rule {rule_id}"
        elif self.kinds[rule_id] == "event" and not in_event:
            yield f"refers to {rule_id}, which judges a report"


def _form_problems(rule: shapes.Rule) -> Iterator[str]:
    if rule.id.partition("-")[0] not in PREFIXES[rule.level]:
        yield f"the name does not fit the level {rule.level}"
    if not rule.facts and not rule.references:
        yield "no source"
    if (rule.kind == "event") != bool(rule.clauses) or (rule.kind == "event") == bool(rule.when):
        yield "an event rule has clauses, any other a `when`"
    if rule.level in ("emergency_now", "urgent_same_day") and rule.clears != "clinician":
        yield "emergency and urgent alerts are closed by a clinician"
    if {example.fires for example in rule.examples} != {True, False}:
        yield "needs an example that fires and one that does not"


def _conditions(rule: shapes.Rule) -> Iterator[shapes.Condition]:
    """Every condition of a rule, the nested ones too."""
    clauses = (clause for clause in rule.clauses if isinstance(clause, shapes.SymptomClause))
    found = [rule.when, *(clause.when for clause in clauses)]
    pending = [condition for condition in found if condition is not None]
    while pending:
        condition = pending.pop()
        yield condition
        match condition:
            case shapes.All() | shapes.AnyOf():
                pending.extend(condition.of)
            case shapes.Not():
                pending.append(condition.of)


def _strangers(what: str, values: Iterable[object], known: Iterable[object]) -> Iterator[str]:
    known = {(type(value), value) for value in known}
    for value in values:
        if (type(value), value) not in known:
            yield f"unknown {what}: {value!r}"
