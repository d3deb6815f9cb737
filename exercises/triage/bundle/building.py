"""Builds the bundle from the rule pack and the catalogue, once a process and selection."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Literal

import msgspec
from msgspec import UNSET

from backend.core.conditional import etag
from backend.core.shaping import convert
from backend.core.wire import encode
from exercises.catalog import selectors as catalog
from exercises.catalog.content import catalog as whole_catalog
from exercises.catalog.content import catalog_in
from exercises.catalog.shapes import EmergencyNumbers, Symptom
from exercises.catalog.translation import ENGLISH
from exercises.triage.bundle.instructions import instructions
from exercises.triage.bundle.reading import reading
from exercises.triage.bundle.rule_wire import SafetyClause, SafetyRule
from exercises.triage.bundle.vectors import vectors
from exercises.triage.bundle.wire import (
    SafetyAttribute,
    SafetyAttributeText,
    SafetyBundle,
    SafetyCountry,
    SafetyLevel,
    SafetyMessage,
    SafetyNumbers,
    SafetyQuestion,
    SafetySymptomCode,
    SafetyTexts,
)
from exercises.triage.levels import Level
from exercises.triage.rules import shapes
from exercises.triage.rules.constants import Constants
from exercises.triage.rules.pack import RulePack, default_pack
from exercises.triage.texts import text_of

FORMAT: Literal[1] = 1
# No country has this code: it selects the default number alone.
ANYWHERE = "ZZ"
# A selection that is seldom asked for may be built again.
SELECTIONS = 64


@dataclass(frozen=True, slots=True)
class Built:
    """The JSON of a bundle, and the ETag of these bytes."""

    body: bytes
    tag: str


@lru_cache(maxsize=SELECTIONS)
def built(*, country: str = "", language: str = "") -> Built:
    """The bundle for a country of `selected_country` and a language of `selected_language`."""
    whole = bundle()
    listed = whole.emergency_numbers.countries
    body = encode(
        msgspec.structs.replace(
            whole,
            emergency_numbers=msgspec.structs.replace(
                whole.emergency_numbers,
                countries=[one for one in listed if country in ("", one.code)],
            ),
            texts=_texts_for(whole.texts, country, language),
        )
    )
    return Built(body, etag(hashlib.sha256(body).hexdigest()[:16]))


def selected_country(code: str) -> str:
    """The listed country with this code, ANYWHERE if it is not listed, "" (all) if not named."""
    listed = code.upper() in whole_catalog().emergency_numbers
    return code.upper() if listed or not code else ANYWHERE


def selected_language(tag: str) -> str:
    """The language in which a BCP 47 tag is served, "" (all) if none is named."""
    base = tag.partition("-")[0].lower()
    return base if base in default_pack().texts or not tag else ENGLISH


@cache
def bundle() -> SafetyBundle:
    """The whole bundle of the rules and the content that ship with this code."""
    pack = default_pack()
    rules = [_rule(pack.rules[name]) for name in sorted(pack.event_rules)]
    how_to_read = reading()
    content_version = catalog.content_version()
    return SafetyBundle(
        format=FORMAT,
        version=f"{FORMAT}-{pack.version}-{content_version}",
        rules_version=pack.version,
        content_version=content_version,
        instructions=instructions(),
        levels=_levels(pack),
        constants=_constants(pack.constants, [rules, how_to_read]),
        symptoms=[_symptom(symptom, pack) for symptom in catalog.symptoms()],
        attributes=_attributes(),
        reading=how_to_read,
        rules=rules,
        emergency_numbers=SafetyNumbers(
            default=whole_catalog().default_emergency_number,
            countries=[_country(one) for one in whole_catalog().emergency_numbers.values()],
        ),
        texts={language: _texts(language, pack) for language in pack.texts},
        test_vectors=vectors(pack),
    )


def _levels(pack: RulePack) -> list[SafetyLevel]:
    """What a level asks follows from any rule of that level."""
    rules = {Level.of(rule.level): rule.id for rule in pack.rules.values()}
    return [
        SafetyLevel(
            code=level.code,
            action=text_of(rules[level], country=ANYWHERE, language=ENGLISH).action,
        )
        for level in sorted(rules)
    ]


def _rule(rule: shapes.Rule) -> SafetyRule:
    """Raises `msgspec.ValidationError` for a condition that the bundle has no word for."""
    clauses = tuple(
        convert(_given(msgspec.to_builtins(clause)), SafetyClause) for clause in rule.clauses
    )
    return SafetyRule(id=rule.id, level=rule.level, clears=rule.clears, clauses=clauses)


def _given(value: Any) -> Any:
    """Without the members that say nothing."""
    if isinstance(value, dict):
        return {name: _given(item) for name, item in value.items() if item is not None}
    return [_given(item) for item in value] if isinstance(value, list | tuple) else value


def _constants(constants: Constants, parts: object) -> dict[str, int | float]:
    """The numbers that the parts name."""
    names = sorted(set(_words(msgspec.to_builtins(parts))) & set(constants.__struct_fields__))
    return {name: _number(getattr(constants, name)) for name in names}


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _words(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _words(item)


def _number(value: int | Decimal) -> int | float:
    return float(value) if isinstance(value, Decimal) else value


def _symptom(symptom: Symptom, pack: RulePack) -> SafetySymptomCode:
    accepted = {
        name: words
        for name, attribute in pack.vocabulary.attributes.items()
        if (words := pack.vocabulary.words(symptom.code, name)) != attribute.options
    }
    return SafetySymptomCode(
        code=symptom.code,
        group=symptom.group,
        red_flag=symptom.red_flag,
        ask=[SafetyQuestion(attr=spec.name, options=spec.options) for spec in symptom.attrs],
        accepted=accepted,
    )


def _attributes() -> list[SafetyAttribute]:
    return [
        SafetyAttribute(
            name=one.name,
            kind=one.kind,
            options=one.options,
            min=UNSET if one.min is None else one.min,
            max=UNSET if one.max is None else one.max,
        )
        for one in catalog.attributes()
    ]


def _country(numbers: EmergencyNumbers) -> SafetyCountry:
    return SafetyCountry(
        code=numbers.code,
        emergency=numbers.emergency,
        also=numbers.also,
        urgent_advice=numbers.urgent_advice or UNSET,
    )


def _texts(language: str, pack: RulePack) -> SafetyTexts:
    own, words = pack.texts_in(language), catalog_in(language)
    return SafetyTexts(
        urgent_contact=own.urgent_contact,
        late=SafetyMessage(title=own.late.title, message=own.late.message),
        messages={
            name: SafetyMessage(title=own.rules[name].title, message=own.rules[name].message)
            for name in sorted(pack.event_rules)
        },
        questions={one.code: one.question for one in words.symptoms.values()},
        attributes={
            one.name: SafetyAttributeText(text=one.text, labels=one.labels)
            for one in words.attributes.values()
        },
        countries={one.code: one.name for one in words.emergency_numbers.values()},
        international=words.international,
    )


def _texts_for(
    texts: Mapping[str, SafetyTexts], country: str, language: str
) -> dict[str, SafetyTexts]:
    return {
        name: msgspec.structs.replace(
            one, countries={c: n for c, n in one.countries.items() if country in ("", c)}
        )
        for name, one in texts.items()
        if language in ("", name)
    }
