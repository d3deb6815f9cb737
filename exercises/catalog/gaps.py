"""Safety texts that a translation leaves in English. Pure.

A recipe for a stretch may come in English; a question about a warning sign, a reason to stop, a
refusal or the checklist of a gate may not: who does not understand it is not protected by it.
"""

from collections.abc import Iterator

from msgspec import structs

from exercises.catalog.catalog import Catalog
from exercises.catalog.texts import PatientText
from exercises.catalog.translation import localized

# When to get help, and what the signs are.
SAFETY_TOPICS = frozenset({"see_a_doctor"})
# Words that are the same in the other language.
_SAME = {"de": frozenset({"Asthma", "International"})}

_Text = tuple[str, str, str]


def untranslated(catalog: Catalog) -> Iterator[PatientText]:
    """Each safety text that comes in English where another language is asked for, with where it
    would have to stand."""
    english = [*_safety_texts(catalog)]
    for language in catalog.translations:
        same = _SAME.get(language, frozenset())
        spoken = _safety_texts(localized(catalog, language))
        for (file, name, text), (_, _, said) in zip(english, spoken, strict=True):
            if text and said == text and text not in same and not text.isdecimal():
                yield PatientText(f"{language}/{file}", name, text, language)


def _safety_texts(catalog: Catalog) -> Iterator[_Text]:
    yield from _questions(catalog)
    yield from _rules(catalog)
    yield from _care(catalog)
    yield from _gates(catalog)
    yield "emergency_numbers.toml", "international", catalog.international
    yield "emergency_numbers.toml", "safety_net", catalog.safety_net
    for article in catalog.articles.values():
        if article.topic in SAFETY_TOPICS:
            yield "articles.toml", article.id, article.title
            yield "articles.toml", article.id, article.summary


def _questions(catalog: Catalog) -> Iterator[_Text]:
    for symptom in catalog.symptoms.values():
        yield "symptoms.toml", symptom.code, symptom.question
    for attribute in catalog.attributes.values():
        yield "symptoms.toml", attribute.name, attribute.text
        for option in attribute.options:
            yield "symptoms.toml", f"{attribute.name}.{option}", attribute.labels.get(option, "")
    for section in catalog.intake_sections.values():
        yield "intake.toml", section.id, section.title
    for question in catalog.intake_questions.values():
        yield "intake.toml", question.id, question.text
        yield "intake.toml", f"{question.id}.help", question.help
        for choice in question.options:
            yield "intake.toml", f"{question.id}.{choice.value}", choice.label


def _rules(catalog: Catalog) -> Iterator[_Text]:
    for rule in catalog.stop_rules:
        yield "exercises.toml", rule.code, rule.text
    for item in catalog.contraindications:
        yield "exercises.toml", item.code, item.text
    for exercise in catalog.exercises.values():
        for rule in exercise.stop_rules:
            yield "exercises.toml", f"{exercise.code}.{rule.code}", rule.text
        for item in exercise.contraindications:
            yield "exercises.toml", f"{exercise.code}.{item.code}", item.text


def _care(catalog: Catalog) -> Iterator[_Text]:
    for name, text in structs.asdict(catalog.home_care_timing).items():
        if name.endswith("_text"):
            yield "home_care.toml", f"timing.{name}", text
    for modality in catalog.home_care.values():
        for text in (modality.title, modality.confirm, *modality.steps):
            yield "home_care.toml", modality.id, text
    for block in catalog.home_care_blocks.values():
        yield "home_care.toml", block.code, block.text


def _gates(catalog: Catalog) -> Iterator[_Text]:
    yield "phases.toml", "gate", catalog.gate.extended_text
    for name, text in structs.asdict(catalog.gate.lines).items():
        yield "phases.toml", f"gate.{name}", text
    for phase in catalog.phases.values():
        for text in (phase.title, phase.summary, phase.volume.text, phase.check_in.text):
            yield "phases.toml", phase.id, text
