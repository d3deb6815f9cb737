"""What an alert keeps of why it was raised: the inputs that matched, and where the rule is from."""

from functools import cache
from typing import Any

from exercises.catalog import selectors as catalog
from exercises.triage.rules.engine import Finding
from exercises.triage.rules.pack import default_pack


def matched(finding: Finding) -> list[dict[str, Any]]:
    """The inputs that matched, as JSON values."""
    return [match.as_json() for match in finding.matched]


@cache
def of_rule(rule_id: str) -> list[dict[str, str]]:
    """The facts and references behind a rule, each with its title and, if public, its address."""
    rule = default_pack().rules[rule_id]
    facts = [{"id": name, "title": catalog.fact(name).statement} for name in rule.facts]
    references = [catalog.reference(name) for name in rule.references]
    return [
        *facts,
        *({"id": ref.id, "title": ref.title} | _address(ref.urls) for ref in references),
    ]


def _address(urls: tuple[str, ...]) -> dict[str, str]:
    return {"url": urls[0]} if urls else {}
