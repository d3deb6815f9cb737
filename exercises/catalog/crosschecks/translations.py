"""Translations name only what exists in the English content."""

from collections.abc import Iterator

from exercises.catalog.catalog import Catalog, ContentError
from exercises.catalog.crosschecks.naming import missing, option_values
from exercises.catalog.shapes import ExerciseWords, PhaseWords, Translation


def translation_problems(catalog: Catalog) -> Iterator[ContentError]:
    """Codes of a translation that the catalogue does not know."""
    for language, words in catalog.translations.items():
        yield from _symptom_problems(catalog, f"{language}/symptoms.toml", words)
        yield from _exercise_problems(catalog, f"{language}/exercises.toml", words.exercises)
        yield from _care_problems(catalog, language, words)
        yield from _intake_problems(catalog, f"{language}/intake.toml", words)
        file = f"{language}/articles.toml"
        yield from missing(file, "articles", words.articles.articles, catalog.articles)
        yield from _phase_problems(catalog, f"{language}/phases.toml", words.phases)


def _symptom_problems(catalog: Catalog, file: str, words: Translation) -> Iterator[ContentError]:
    yield from missing(file, "questions", words.symptoms.questions, catalog.symptoms)
    yield from missing(file, "attributes", words.symptoms.attributes, catalog.attributes)
    for name, attribute in words.symptoms.attributes.items():
        if name in catalog.attributes:
            known = catalog.attributes[name].options
            yield from missing(file, f"attributes.{name}.labels", attribute.labels, known)


def _exercise_problems(catalog: Catalog, file: str, words: ExerciseWords) -> Iterator[ContentError]:
    general = [rule.code for rule in catalog.stop_rules]
    yield from missing(file, "stop_rules", words.stop_rules, general)
    against = [item.code for item in catalog.contraindications]
    yield from missing(file, "contraindications", words.contraindications, against)
    yield from missing(file, "exercises", words.exercises, catalog.exercises)
    for code, own in words.exercises.items():
        if code in catalog.exercises:
            exercise = catalog.exercises[code]
            rules = [rule.code for rule in exercise.stop_rules]
            yield from missing(file, f"{code}.stop_rules", own.stop_rules, rules)
            known = [item.code for item in exercise.contraindications]
            yield from missing(file, f"{code}.contraindications", own.contraindications, known)


def _care_problems(catalog: Catalog, language: str, words: Translation) -> Iterator[ContentError]:
    file = f"{language}/home_care.toml"
    yield from missing(file, "modalities", words.home_care.modalities, catalog.home_care)
    yield from missing(file, "blocks", words.home_care.blocks, catalog.home_care_blocks)
    file = f"{language}/emergency_numbers.toml"
    countries = words.emergency_numbers.countries
    yield from missing(file, "countries", countries, catalog.emergency_numbers)


def _intake_problems(catalog: Catalog, file: str, words: Translation) -> Iterator[ContentError]:
    yield from missing(file, "sections", words.intake.sections, catalog.intake_sections)
    yield from missing(file, "questions", words.intake.questions, catalog.intake_questions)
    for name, question in words.intake.questions.items():
        known = option_values(catalog, name)
        yield from missing(file, f"questions.{name}.labels", question.labels, known)


def _phase_problems(catalog: Catalog, file: str, words: PhaseWords) -> Iterator[ContentError]:
    yield from missing(file, "phases", words.phases, catalog.phases)
    for name, own in words.phases.items():
        if name in catalog.phases and len(own.cards) != len(catalog.phases[name].cards):
            yield ContentError(file, f"phases.{name}.cards", "as many as in English")
