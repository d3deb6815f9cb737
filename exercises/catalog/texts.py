"""Every text of the catalogue that a patient reads, with where it stands. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import structs

from exercises.catalog.catalog import Catalog
from exercises.catalog.shapes import Article, Exercise
from exercises.catalog.translation import ENGLISH, localized

# Stands where a text names a number.
NUMBER = 7


@dataclass(frozen=True)
class PatientText:
    """`text` of the item `id` in `file`. `is_alarm`: it stands at an open red flag."""

    file: str
    id: str
    text: str
    language: str = ENGLISH
    is_alarm: bool = False


def patient_texts(catalog: Catalog) -> Iterator[PatientText]:
    """The English texts, then those of each translation that differ from them."""
    english = [PatientText(file, name, text) for file, name, text in _texts(catalog) if text]
    yield from english
    known = {text.text for text in english}
    for language in catalog.translations:
        for file, name, text in _texts(localized(catalog, language)):
            if text and text not in known:
                yield PatientText(f"{language}/{file}", name, text, language)


_Place = tuple[str, str, str]


def _texts(catalog: Catalog) -> Iterator[_Place]:
    for exercise in catalog.exercises.values():
        yield from (("exercises.toml", exercise.code, text) for text in _exercise_texts(exercise))
    yield from (("exercises.toml", rule.code, rule.text) for rule in catalog.stop_rules)
    yield from (("exercises.toml", item.code, item.text) for item in catalog.contraindications)
    for article in catalog.articles.values():
        yield from (("articles", article.id, text) for text in _article_texts(article))
    yield from _question_texts(catalog)
    yield from _phase_texts(catalog)
    yield from _home_care_texts(catalog)
    yield "emergency_numbers.toml", "international", catalog.international
    yield "emergency_numbers.toml", "safety_net", catalog.safety_net.format(number=NUMBER)
    for country in catalog.emergency_numbers.values():
        yield "emergency_numbers.toml", country.code, country.name


def _exercise_texts(exercise: Exercise) -> Iterator[str]:
    yield from (exercise.name, exercise.summary, exercise.target, *exercise.steps)
    yield from (*exercise.equipment, exercise.easier, exercise.no_equipment)
    yield from (exercise.no_kneeling, exercise.no_lying)
    yield from (rule.text for rule in exercise.stop_rules)
    yield from (item.text for item in exercise.contraindications)
    doses = (exercise.dose.initial, exercise.dose.rehab, exercise.dose.long_term)
    yield from (dose.note for dose in doses if dose is not None)


def _article_texts(article: Article) -> Iterator[str]:
    yield from (article.title, article.summary)
    for section in article.sections:
        yield from (section.heading, section.text, *section.points)


def _question_texts(catalog: Catalog) -> Iterator[_Place]:
    for symptom in catalog.symptoms.values():
        yield "symptoms.toml", symptom.code, symptom.question
    for attribute in catalog.attributes.values():
        for text in (attribute.text, *attribute.labels.values()):
            yield "symptoms.toml", attribute.name, text
    for section in catalog.intake_sections.values():
        yield "intake.toml", section.id, section.title
    for question in catalog.intake_questions.values():
        labels = () if question.options_from else (option.label for option in question.options)
        for text in (question.text, question.help, *labels):
            yield "intake.toml", question.id, text


def _phase_texts(catalog: Catalog) -> Iterator[_Place]:
    yield "phases.toml", "gate", catalog.gate.extended_text
    for line in structs.asdict(catalog.gate.lines).values():
        yield "phases.toml", "gate", line.format(days=NUMBER, most=NUMBER)
    for phase in catalog.phases.values():
        texts = (phase.title, phase.summary, phase.volume.text, phase.check_in.text, *phase.cards)
        yield from (("phases.toml", phase.id, text) for text in texts)


def _home_care_texts(catalog: Catalog) -> Iterator[_Place]:
    timing = catalog.home_care_timing
    for text in (timing.ice_text, timing.heat_text, timing.ask_onset_text, timing.not_wrapped_text):
        yield "home_care.toml", "timing", text
    yield "home_care.toml", "timing", timing.too_soon_text.format(hours=NUMBER)
    yield "home_care.toml", "timing", timing.too_long_text.format(minutes=NUMBER)
    for item in catalog.home_care.values():
        for text in (item.title, item.confirm, *item.steps):
            yield "home_care.toml", item.id, text
    for block in catalog.home_care_blocks.values():
        yield "home_care.toml", block.code, block.text
