"""Where each statement of the sources lives in the product (pure)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, cast, get_args

from exercises.catalog.catalog import Catalog
from exercises.triage.hints.matching import SPINAL_SIGNS
from exercises.triage.hints.shapes import Hint
from exercises.triage.rules import shapes
from exercises.triage.rules.pack import RulePack

Kind = Literal[
    "rule", "symptom", "article", "exercise", "question", "home_care", "phase", "hint", "dropped"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
Places = Mapping[Kind, tuple[str, ...]]
Found = tuple[str, Kind, str]

# By which kind of place a use of a statement is served.
SERVED_BY: Mapping[str, frozenset[Kind]] = {
    "plan": frozenset({"phase", "exercise", "article", "home_care", "question", "rule"}),
    "exercise": frozenset({"exercise", "phase", "article"}),
    "timer": frozenset({"home_care", "article"}),
    "triage": frozenset({"rule", "article"}),
    "intake": frozenset({"question", "symptom"}),
    "pattern": frozenset({"hint"}),
    "hint": frozenset({"hint"}),
    "edu": frozenset({"article"}),
    "prev": frozenset({"article"}),
    "treat": frozenset({"article", "phase"}),
    "drop": frozenset({"dropped"}),
}


def places_of(
    catalog: Catalog, pack: RulePack, hints: Sequence[Hint], dropped: Iterable[str]
) -> dict[str, Places]:
    """For each fact id that anything names, the places by kind, in the order of the content."""
    found = [*_in_rules(pack), *_in_catalog(catalog), *_in_hints(hints)]
    found += [(fact, "dropped", "") for fact in dropped]
    gathered: dict[str, dict[Kind, list[str]]] = {}
    for fact, kind, name in found:
        names = gathered.setdefault(fact, {}).setdefault(kind, [])
        if name not in names:
            names.append(name)
    return {
        fact: {kind: tuple(kinds[kind]) for kind in KINDS if kind in kinds}
        for fact, kinds in gathered.items()
    }


def symptoms_of(rule: shapes.Rule) -> tuple[str, ...]:
    """The symptoms on whose report a rule is judged."""
    clauses = [clause for clause in rule.clauses if isinstance(clause, shapes.SymptomClause)]
    return tuple(dict.fromkeys(code for clause in clauses for code in clause.codes))


def unserved(uses: Iterable[str], places: Places) -> list[str]:
    """The uses of a fact that none of its places serves."""
    return [use for use in uses if SERVED_BY[use].isdisjoint(places)]


def _in_rules(pack: RulePack) -> Iterator[Found]:
    for rule in pack.rules.values():
        for fact in rule.facts:
            yield fact, "rule", rule.id
            for code in symptoms_of(rule):
                yield fact, "symptom", code


def _in_catalog(catalog: Catalog) -> Iterator[Found]:
    named: list[tuple[str, str, Iterable[str]]] = [
        *(("article", item.id, item.facts) for item in catalog.articles.values()),
        *(("exercise", item.code, item.facts) for item in catalog.exercises.values()),
        *(("question", item.id, item.facts) for item in catalog.intake_questions.values()),
        ("home_care", "timing", catalog.home_care_timing.facts),
        *(("home_care", item.id, item.facts) for item in catalog.home_care.values()),
        *(("phase", item.id, item.facts) for item in catalog.phases.values()),
        ("phase", "gate", catalog.gate.facts),
    ]
    for kind, name, facts in named:
        for fact in facts:
            yield fact, cast(Kind, kind), name


def _in_hints(hints: Sequence[Hint]) -> Iterator[Found]:
    # The therapist's score counts the signs, each of which is a statement.
    for sign in SPINAL_SIGNS:
        yield sign, "hint", "spinal_score"
    for hint in hints:
        for fact in hint.facts:
            yield fact, "hint", hint.id
