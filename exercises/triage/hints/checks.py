"""A start-up check: every hint speaks of questions, answers, symptoms and sources that exist."""

from collections.abc import Iterator
from typing import Any

import msgspec
from django.core.checks import CheckMessage, Error, register

from exercises.catalog import selectors as catalog
from exercises.catalog.content import catalog as content
from exercises.triage.hints.shapes import Feature, Hint, hints


@register
def check_hints(**_: Any) -> list[CheckMessage]:
    """The hints load, and everything that they name is in the catalogue."""
    try:
        found = [*hints()]
    except (OSError, ValueError, msgspec.ValidationError) as error:
        return [Error(f"The hints cannot be read: {error}", id="triage.E002")]
    return [
        Error(f"Hint {hint.id}: {problem}", id="triage.E003")
        for hint in found
        for problem in problems(hint)
    ]


def problems(hint: Hint) -> Iterator[str]:
    """What the hint names that does not exist."""
    yield from (f"no fact {name}" for name in hint.facts if name not in content().facts)
    known = content().references
    yield from (f"no reference {name}" for name in hint.references if name not in known)
    for feature in hint.features:
        yield from _feature_problems(feature)


def _feature_problems(feature: Feature) -> Iterator[str]:
    questions = {question.id: question for question in catalog.intake_questions()}
    codes = {symptom.code for symptom in catalog.symptoms()}
    yield from (f"no symptom {code}" for code in feature.symptoms if code not in codes)
    for asked in (feature.answers, feature.not_answers):
        for name, values in asked.items():
            if name not in questions:
                yield f"no question {name}"
                continue
            offered = {option.value for option in questions[name].options} or {
                "yes",
                "no",
                "unknown",
            }
            yield from (f"{name} has no answer {value}" for value in values if value not in offered)
