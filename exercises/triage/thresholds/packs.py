"""The rules with one patient's numbers (pure): trends are judged by them, single reports never."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import msgspec

from exercises.triage.rules import shapes
from exercises.triage.rules.engine import Evaluation, Finding, evaluate
from exercises.triage.rules.pack import RulePack, default_pack
from exercises.triage.rules.program import Program
from exercises.triage.rules.record import Record
from exercises.triage.rules.situation import Match

# What these find moves the plan, by the rules' own numbers.
KEPT = ("RT-FLARE", "RT-RECUR")
Values = tuple[tuple[str, int], ...]


def judged(record: Record, values: Mapping[str, int]) -> Evaluation:
    """The record judged with these numbers; findings of rules that use one of them say so."""
    if not values:
        return evaluate(record, default_pack())
    key = tuple(sorted(values.items()))
    found = evaluate(record, _stricter(key))
    return replace(found, findings=tuple(_named(finding, key) for finding in found.findings))


@lru_cache(maxsize=64)
def _stricter(values: Values) -> RulePack:
    pack = default_pack()
    constants = msgspec.structs.replace(pack.constants, **dict(values))
    program, own = Program(pack.rules, constants), pack.program
    # Rules on single reports are the pack's own functions: no number of hers ever reaches them.
    program.by_code, program.on_pain, program.profiles = own.by_code, own.on_pain, own.profiles
    kept = {rule.id: node for rule, node in own.on_patient if rule.id in KEPT}
    program.on_patient = [(rule, kept.get(rule.id, node)) for rule, node in program.on_patient]
    return replace(pack, program=program, constants=constants)


def _named(finding: Finding, values: Values) -> Finding:
    if finding.kind != "trend" or finding.rule in KEPT:
        return finding
    used = uses(finding.rule)
    defaults = default_pack().constants
    notes = tuple(
        Match("threshold", {"name": name, "value": value, "default": defaults.number(name)})
        for name, value in values
        if name in used
    )
    return replace(finding, matched=(*finding.matched, *notes))


def uses(rule_id: str) -> frozenset[str]:
    """The names of the constants that a rule reads, by itself or through the rules it asks."""
    return _uses(default_pack().rules, rule_id, frozenset())


def _uses(rules: Mapping[str, shapes.Rule], rule_id: str, seen: frozenset[str]) -> frozenset[str]:
    words = {*_words(msgspec.to_builtins(rules[rule_id].when))}
    asked = {word for word in words if word in rules} - seen - {rule_id}
    deeper = (_uses(rules, other, seen | {rule_id}) for other in asked)
    return frozenset(words).union(*deeper)


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _words(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _words(item)
