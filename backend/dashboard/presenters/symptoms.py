"""Reported symptoms in the words that the patient was asked in."""

from collections.abc import Mapping
from typing import Any

from exercises.catalog import selectors as catalog


def symptom_text(code: str, attrs: Mapping[str, Any]) -> str:
    """The question that was answered with yes, and what was said about it."""
    question, said = symptom_parts(code, attrs)
    return f"{question} ({said})" if said else question


def symptom_parts(code: str, attrs: Mapping[str, Any]) -> tuple[str, str]:
    """The question, and what was said about it."""
    try:
        question = catalog.symptom(code).question
    except KeyError:
        question = code
    return question, "; ".join(f"{_words(name)}: {_value(value)}" for name, value in attrs.items())


def _words(name: str) -> str:
    return str(name).replace("_", " ")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _words(str(value))
