"""The rules' examples changed in one thing each (pure).

A change is kept if it changes what is found, or if the rule still fires although the change is to
something that the rule looks at: both sides of every test are then among the vectors.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from exercises.triage.bundle.judging import vector
from exercises.triage.bundle.record_wire import SafetyRecord, SafetySymptom, SafetyVector
from exercises.triage.bundle.vectors.cases import Case
from exercises.triage.bundle.vectors.from_examples import local_record
from exercises.triage.rules import shapes
from exercises.triage.rules.pack import RulePack
from exercises.triage.rules.vocabulary import SITES, Vocabulary

Change = Callable[[SafetySymptom], SafetySymptom | None]

# What makes a derived attribute true, and what nearly does.
DERIVED: dict[str, dict[str, dict[str, Any]]] = {
    "is_transient": {
        "asleep for a while": {
            "transient_positional": True,
            "resolved": True,
            "duration_minutes": 10,
        },
        "asleep, and not gone": {"transient_positional": True, "duration_minutes": 10},
        "gone after ten minutes": {"resolved": True, "duration_minutes": 10},
    },
    "is_settled": {
        "checked, moderate and easing": {
            "assessed_by_clinician": True,
            "course": "improving",
            "severity": "moderate",
        },
        "checked and mild": {"assessed_by_clinician": True, "severity": "mild"},
        "checked and stable": {"assessed_by_clinician": True, "course": "stable"},
    },
    "is_fever": {"at 37.0": {"temp_c": 37.0}},
    "in_both_legs": {
        "in both legs": {"laterality": "both"},
        "in the left leg": {"laterality": "left"},
        "in the right leg": {"laterality": "right"},
    },
}


def changes(pack: RulePack) -> list[SafetyVector]:
    """At most one vector a rule and change."""
    found: dict[str, SafetyVector] = {}
    for rule_id, original, name, changed in _all_changed(pack):
        result = vector(name, changed, pack)
        fires = any(finding.rule == rule_id for finding in result.findings)
        if fires or result.findings != original.findings:
            # Where the rule fires all the same, one symptom that shows it is enough.
            says = f"{name.partition(':')[0]}, fires" if fires else f"{name}, does not fire"
            found.setdefault(says, result)
    return [replace(one, name=name) for name, one in found.items()]


def _all_changed(pack: RulePack) -> Iterator[tuple[str, SafetyVector, str, SafetyRecord]]:
    """The rule, the example, the change and its result. What an example says is changed before
    anything is added, since there the rule is likely to turn on it."""
    for rule_id in sorted(pack.event_rules):
        examples = [one for one in pack.rules[rule_id].examples if one.fires]
        originals = [vector("", local_record(example), pack) for example in examples]
        for is_given in (True, False):
            for original in originals:
                rule = pack.rules[rule_id]
                for name, changed in _changed(pack, rule, original.record, is_given=is_given):
                    yield rule_id, original, name, changed


def _changed(
    pack: RulePack, rule: shapes.Rule, record: SafetyRecord, *, is_given: bool
) -> Iterator[Case]:
    for says, change in _symptom_changes(pack.vocabulary, rule, is_given=is_given):
        for code, changed in _each_symptom(record, change):
            yield f"{rule.id}, {says}: {code}", changed
    for item in sorted(_histories(rule)):
        yield f"{rule.id}, with {item}", replace(record, history=[item])
    if record.history:
        yield f"{rule.id}, nothing in the history", replace(record, history=[])
    if record.pain_reports:
        yield from _pain_changes(rule, record)


def _pain_changes(rule: shapes.Rule, record: SafetyRecord) -> Iterator[Case]:
    yield f"{rule.id}, age unknown", replace(record, age=UNSET)
    yield f"{rule.id}, no pain reported", replace(record, pain_reports=[])
    for site in sorted(SITES):
        moved = [replace(pain, site=site) for pain in record.pain_reports]
        yield f"{rule.id}, the pain is in {site}", replace(record, pain_reports=moved)


def _symptom_changes(
    vocabulary: Vocabulary, rule: shapes.Rule, *, is_given: bool
) -> Iterator[tuple[str, Change]]:
    for name in dict.fromkeys(_tested(rule)):
        if name in DERIVED:
            for says, attrs in DERIVED[name].items():
                yield says, partial(_set, attrs, is_given=is_given)
            continue
        yield f"{name} unknown", partial(_unset, name)
        attribute = vocabulary.attributes[name]
        for value in attribute.options or (True, False):
            yield f"{name} is {value}", partial(_set, {name: value}, is_given=is_given)
    for code in dict.fromkeys(code for codes in _clauses(rule) for code in codes):
        yield f"as {code}", partial(_as, rule, code)


def _tested(rule: shapes.Rule) -> Iterator[str]:
    """The attributes that the rule's conditions name."""
    for clause in rule.clauses:
        if isinstance(clause, shapes.SymptomClause):
            yield from (test.attr for test in clause.where)
            for condition in _conditions(clause.when):
                if isinstance(condition, shapes.This | shapes.Reported):
                    yield from (test.attr for test in condition.where)


def _histories(rule: shapes.Rule) -> set[str]:
    return {
        item
        for clause in rule.clauses
        if isinstance(clause, shapes.SymptomClause)
        for condition in _conditions(clause.when)
        if isinstance(condition, shapes.History)
        for item in condition.any_of
    }


def _conditions(condition: shapes.Condition | None) -> Iterator[shapes.Condition]:
    if condition is None:
        return
    yield condition
    parts: Iterable[shapes.Condition] = ()
    match condition:
        case shapes.All() | shapes.AnyOf():
            parts = condition.of
        case shapes.Not():
            parts = (condition.of,)
    for part in parts:
        yield from _conditions(part)


def _clauses(rule: shapes.Rule) -> list[tuple[str, ...]]:
    return [clause.codes for clause in rule.clauses if isinstance(clause, shapes.SymptomClause)]


def _as(rule: shapes.Rule, code: str, item: SafetySymptom) -> SafetySymptom | None:
    """The same with another symptom of the same clause."""
    if any({item.code, code} <= set(codes) for codes in _clauses(rule)) and item.code != code:
        return replace(item, code=code)
    return None


def _set(attrs: dict[str, Any], item: SafetySymptom, *, is_given: bool) -> SafetySymptom | None:
    if is_given is not (attrs.keys() <= item.attrs.keys()):
        return None
    return replace(item, attrs=item.attrs | attrs)


def _unset(name: str, item: SafetySymptom) -> SafetySymptom | None:
    if name not in item.attrs:
        return None
    return replace(item, attrs={key: item.attrs[key] for key in item.attrs if key != name})


def _each_symptom(record: SafetyRecord, change: Change) -> Iterator[Case]:
    """By the symptom that is changed."""
    for at, report in enumerate(record.symptom_reports):
        for place, item in enumerate(report.symptoms):
            changed = change(item)
            if changed is not None:
                items, reports = [*report.symptoms], [*record.symptom_reports]
                items[place] = changed
                reports[at] = replace(report, symptoms=items)
                yield item.code, replace(record, symptom_reports=reports)
