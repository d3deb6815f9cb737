"""A start-up check: the product does not run on rules that do not hold together."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from exercises.triage.rules.pack import default_pack
from exercises.triage.rules.program import PackError


@register
def check_rules(**_: Any) -> list[CheckMessage]:
    """The rule pack loads, and every rule's sources are known to the catalogue."""
    from exercises.triage import sources

    try:
        for rule_id in default_pack().rules:
            sources.of_rule(rule_id)
    except (PackError, KeyError) as error:
        return [Error(f"The rule pack is not sound: {error}", id="triage.E001")]
    return []
