"""Which symptoms and attributes exist, read from the catalogue's symptom file (pure)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from backend.core.shaping import convert
from exercises.catalog.shapes import Attribute, SymptomFile
from exercises.triage.rules.literals import date_of, number_of

SYMPTOMS = Path(__file__).parents[2] / "catalog" / "content" / "symptoms.toml"
HISTORY = frozenset(
    {
        "spinal_issues",
        "arthritis",
        "prior_knee_injury",
        "cancer",
        "osteoporosis",
        "long_term_steroids",
        "immunosuppressed",
        "iv_drug_use",
        "recent_spinal_procedure",
        "diabetes",
        "joint_replacement",
        "pregnant",
    }
)
SITES = frozenset({"knee", "leg", "back", "knee_other"})
KINDS = frozenset({"avg24", "now", "worst24"})
RELIEF = ("yes", "no", "cannot_take")
# From the back downwards; a larger index is further down.
BODY = ("back", "buttock", "thigh", "knee", "calf", "foot", "toes")

Value = bool | int | str | Decimal


@dataclass(frozen=True)
class Vocabulary:
    """Symptom codes, and the attributes that any of them may carry."""

    codes: frozenset[str]
    attributes: Mapping[str, Attribute]
    # The words of `severity` for some codes: an injury is minor, a numbness mild. A word of the
    # wrong scale says nothing. The other words mean the same for every symptom.
    severities: Mapping[str, tuple[str, ...]]

    def words(self, code: str, name: str) -> tuple[str, ...]:
        """The words an attribute may hold for a symptom."""
        options = self.attributes[name].options
        return self.severities.get(code, options) if name == "severity" else options

    def known(self, code: str, attrs: Mapping[str, object]) -> dict[str, Value]:
        """The attributes that say something. What is misspelt, mistyped or absurd is unknown."""
        values = {}
        for name, raw in attrs.items():
            attribute = self.attributes.get(name) if isinstance(name, str) else None
            if attribute is None or attribute.kind == "text":
                continue
            value = self._value(code, attribute, raw)
            if value is not None:
                values[name] = value
        return values

    def _value(self, code: str, attribute: Attribute, raw: object) -> Value | None:
        match attribute.kind:
            case "boolean":
                return raw if isinstance(raw, bool) else None
            case "choice":
                words = self.words(code, attribute.name)
                return raw if isinstance(raw, str) and raw in words else None
            case "date":
                return _date(raw)
            case "integer":
                number = number_of(raw)
                return _bounded(attribute, number) if number == _whole(number) else None
            case _:
                return _bounded(attribute, number_of(raw))


def _date(raw: object) -> str | None:
    day = date_of(raw)
    return day.isoformat() if day is not None else None


def _whole(number: Decimal | None) -> Decimal | None:
    return number.to_integral_value() if number is not None else None


def _bounded(attribute: Attribute, number: Decimal | None) -> Decimal | None:
    if number is None:
        return None
    low = Decimal("-Infinity") if attribute.min is None else Decimal(attribute.min)
    high = Decimal("Infinity") if attribute.max is None else Decimal(attribute.max)
    return number if low <= number <= high else None


@cache
def load_vocabulary(path: Path = SYMPTOMS) -> Vocabulary:
    """Reads the catalogue's symptom file; raises `msgspec.ValidationError` on a wrong one."""
    content = tomllib.loads(path.read_text("utf-8"))
    file = convert(content, SymptomFile)
    severities = {
        symptom.code: spec.options
        for symptom in file.symptoms
        for spec in symptom.attrs
        if spec.name == "severity" and spec.options
    }
    return Vocabulary(
        codes=frozenset(symptom.code for symptom in file.symptoms),
        attributes={attribute.name: attribute for attribute in file.attributes},
        severities=severities,
    )
