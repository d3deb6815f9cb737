"""The trace: statement, places, tests, messages; and everything that is wrong with it (pure)."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from exercises.catalog.catalog import Catalog
from exercises.catalog.shapes.base import Content, FactId, Text
from exercises.triage.hints.shapes import Hint
from exercises.triage.rules import shapes
from exercises.triage.rules.pack import LANGUAGE, RulePack
from exercises.triage.tracing.places import Kind, Places, places_of, symptoms_of, unserved


class Notes(Content, frozen=True, kw_only=True):
    """trace.toml: the tests that hold each kind of place, and why a statement is not used."""

    held_by: dict[Kind, tuple[Text, ...]]
    dropped: dict[FactId, Text]


class FactTrace(Struct, frozen=True, kw_only=True):
    """One statement, where it lives, the tests that hold it there, and the titles it leads to."""

    id: str
    statement: str
    uses: tuple[str, ...]
    places: Places
    tests: tuple[str, ...]
    messages: tuple[str, ...]
    dropped_because: str = ""
    not_yet: tuple[str, ...] = ()


class RuleTrace(Struct, frozen=True, kw_only=True):
    """One rule with its sources, the names of its examples (in which it fires, and in which not),
    the scenarios that play it, and its words."""

    id: str
    level: str
    facts: tuple[str, ...]
    references: tuple[str, ...]
    symptoms: tuple[str, ...]
    fires: tuple[str, ...]
    stays_silent: tuple[str, ...]
    scenarios: tuple[str, ...]
    title: str
    message: str


class Trace(Struct, frozen=True, kw_only=True):
    """The whole trace, as it is written to trace.json."""

    held_by: Mapping[Kind, tuple[str, ...]]
    facts: tuple[FactTrace, ...]
    rules: tuple[RuleTrace, ...]


def read_notes(path: Path) -> Notes:
    """trace.toml; raises `msgspec.ValidationError` on a wrong one."""
    return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Notes)


def trace_of(
    *,
    catalog: Catalog,
    pack: RulePack,
    hints: tuple[Hint, ...],
    notes: Notes,
    scenarios: Mapping[str, tuple[str, ...]],
) -> Trace:
    """Every statement and every rule, in the order of the content."""
    places = places_of(catalog, pack, hints, notes.dropped)
    facts = []
    for fact in catalog.facts.values():
        own = places.get(fact.id, {})
        facts.append(
            FactTrace(
                id=fact.id,
                statement=fact.statement,
                uses=fact.uses,
                places=own,
                tests=tuple(dict.fromkeys(t for k in own for t in notes.held_by.get(k, ()))),
                messages=tuple(_title(pack, rule) for rule in own.get("rule", ())),
                dropped_because=notes.dropped.get(fact.id, ""),
                # What is dropped serves no other use any more.
                not_yet=() if "dropped" in own else tuple(unserved(fact.uses, own)),
            )
        )
    rules = (_rule(pack, rule, scenarios.get(rule.id, ())) for rule in pack.rules.values())
    return Trace(held_by=notes.held_by, facts=tuple(facts), rules=tuple(rules))


def problems_of(
    trace: Trace, *, texts: Mapping[str, Collection[str]], tests: Collection[str]
) -> Iterator[str]:
    """What is wrong: `texts` are the rule ids that each language has words for, `tests` all tests."""
    for fact in trace.facts:
        yield from _fact_problems(fact)
    for rule in trace.rules:
        yield from _rule_problems(rule, texts)
    known = {fact.id for fact in trace.facts}
    named = {fact for rule in trace.rules for fact in rule.facts}
    yield from (f"a rule names {fact}, which is no statement" for fact in sorted(named - known))
    for language, ids in texts.items():
        strangers = {*ids} - {rule.id for rule in trace.rules}
        yield from (f"{name}: a message ({language}) without a rule" for name in sorted(strangers))
    for kind, names in trace.held_by.items():
        yield from (f"{kind}: no test {name}" for name in names if name not in tests)


def _fact_problems(fact: FactTrace) -> Iterator[str]:
    if not fact.places:
        yield f"{fact.id}: lives nowhere"
    elif not fact.tests:
        yield f"{fact.id}: no test holds it"
    is_dropped = "dropped" in fact.places
    if is_dropped and len(fact.places) > 1:
        yield f"{fact.id}: dropped, and used all the same"
    if is_dropped is not ("drop" in fact.uses):
        yield f"{fact.id}: the catalogue and the trace disagree whether it is dropped"


def _rule_problems(rule: RuleTrace, texts: Mapping[str, Collection[str]]) -> Iterator[str]:
    if not rule.facts and not rule.references:
        yield f"{rule.id}: a rule without a source"
    if not rule.fires or not rule.stays_silent:
        yield f"{rule.id}: a rule without a test that it fires and one that it does not"
    for language, ids in texts.items():
        if rule.id not in ids:
            yield f"{rule.id}: a rule without a message ({language})"


def _rule(pack: RulePack, rule: shapes.Rule, scenarios: tuple[str, ...]) -> RuleTrace:
    text = pack.texts[LANGUAGE].rules.get(rule.id)
    return RuleTrace(
        id=rule.id,
        level=rule.level,
        facts=rule.facts,
        references=rule.references,
        symptoms=symptoms_of(rule),
        fires=tuple(example.says for example in rule.examples if example.fires),
        stays_silent=tuple(example.says for example in rule.examples if not example.fires),
        scenarios=scenarios,
        title=text.title if text else "",
        message=text.message if text else "",
    )


def _title(pack: RulePack, rule_id: str) -> str:
    text = pack.texts[LANGUAGE].rules.get(rule_id)
    return text.title if text else ""
