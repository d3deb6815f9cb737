"""Reads of the catalogue. Every lookup raises `KeyError` for a code that does not exist.

`language` is a BCP 47 tag; what is not translated into it comes in English.
"""

from collections.abc import Mapping

from exercises.catalog import answers
from exercises.catalog.answers import AnswerProblem
from exercises.catalog.content import catalog, catalog_in
from exercises.catalog.shapes import (
    Article,
    Attribute,
    Contraindication,
    DoseLimits,
    EmergencyNumbers,
    Exercise,
    Fact,
    Gate,
    HomeCare,
    HomeCareBlock,
    HomeCareTiming,
    IntakeQuestion,
    IntakeSection,
    Monitoring,
    Phase,
    PhaseId,
    Reference,
    RetiredArticle,
    StopRule,
    Symptom,
)
from exercises.catalog.translation import ENGLISH


def content_version() -> str:
    """Changes whenever any content file changes."""
    return catalog().version


def languages() -> tuple[str, ...]:
    """The languages in which there are texts; English, the one without gaps, first."""
    return (ENGLISH, *catalog().translations)


def exercise(code: str, *, language: str = ENGLISH) -> Exercise:
    """The exercise named `code`."""
    return catalog_in(language).exercises[code]


def find_exercise(code: str) -> Exercise | None:
    """The exercise named `code`, None where it is no longer offered."""
    return catalog().exercises.get(code)


def exercises(*, language: str = ENGLISH) -> tuple[Exercise, ...]:
    """All exercises on offer, by code."""
    return tuple(catalog_in(language).exercises.values())


def stop_rules(code: str, *, language: str = ENGLISH) -> tuple[StopRule, ...]:
    """What stops this exercise: its own rules first, then those of every exercise.

    A general rule is left out where the exercise words the same code itself.
    """
    own = exercise(code, language=language).stop_rules
    worded = {rule.code for rule in own}
    general = catalog_in(language).stop_rules
    return own + tuple(rule for rule in general if rule.code not in worded)


def general_contraindications(*, language: str = ENGLISH) -> tuple[Contraindication, ...]:
    """What stands against every exercise."""
    return catalog_in(language).contraindications


def monitoring() -> Monitoring:
    """The numbers by which a dose follows how sessions were borne."""
    return catalog().monitoring


def dose_limits() -> DoseLimits:
    """Between what a therapist may set a dose."""
    return catalog().dose_limits


def phase(phase_id: PhaseId, *, language: str = ENGLISH) -> Phase:
    """The phase named `phase_id`."""
    return catalog_in(language).phases[phase_id]


def phases(*, language: str = ENGLISH) -> tuple[Phase, ...]:
    """The phases in order."""
    return tuple(catalog_in(language).phases.values())


def phase_of_day(day: int) -> Phase:
    """The phase a plan day belongs to by the calendar alone; days before 0 count as day 0."""
    return max(
        (item for item in phases() if item.first_day <= max(day, 0)),
        key=lambda item: item.first_day,
    )


def gate(*, language: str = ENGLISH) -> Gate:
    """The numbers of the phase gates, and what stands at them."""
    return catalog_in(language).gate


def safety_net(number: str, *, language: str = ENGLISH) -> str:
    """What the one screen says whatever else it says, with an emergency number."""
    return catalog_in(language).safety_net.format(number=number)


def symptom(code: str, *, language: str = ENGLISH) -> Symptom:
    """The symptom named `code`."""
    return catalog_in(language).symptoms[code]


def symptoms(*, language: str = ENGLISH) -> tuple[Symptom, ...]:
    """The whole symptom vocabulary."""
    return tuple(catalog_in(language).symptoms.values())


def attributes(*, language: str = ENGLISH) -> tuple[Attribute, ...]:
    """The attributes that any symptom report may carry."""
    return tuple(catalog_in(language).attributes.values())


def symptom_problems(code: str, attrs: Mapping[str, object]) -> list[AnswerProblem]:
    """What is wrong with the attributes of one reported symptom."""
    return answers.validate_attrs(symptom(code), attrs, catalog().attributes)


def intake_sections(*, language: str = ENGLISH) -> tuple[IntakeSection, ...]:
    """The screens of the intake, in order."""
    return tuple(catalog_in(language).intake_sections.values())


def intake_questions(*, language: str = ENGLISH) -> tuple[IntakeQuestion, ...]:
    """The questions of the intake, in order."""
    return tuple(catalog_in(language).intake_questions.values())


def home_care(*, language: str = ENGLISH) -> tuple[HomeCare, ...]:
    """The kinds of home care."""
    return tuple(catalog_in(language).home_care.values())


def home_care_timing(*, language: str = ENGLISH) -> HomeCareTiming:
    """When cold or warmth is the default."""
    return catalog_in(language).home_care_timing


def home_care_blocks(*, language: str = ENGLISH) -> tuple[HomeCareBlock, ...]:
    """The reasons not to use cold or heat."""
    return tuple(catalog_in(language).home_care_blocks.values())


def articles(*, language: str = ENGLISH) -> tuple[Article, ...]:
    """All articles on offer, by topic."""
    return tuple(catalog_in(language).articles.values())


def article(article_id: str, *, language: str = ENGLISH) -> Article:
    """The article named `article_id`."""
    return catalog_in(language).articles[article_id]


def articles_for(
    phase: PhaseId, *, red_flag_open: bool, language: str = ENGLISH
) -> tuple[Article, ...]:
    """The articles of a phase; beside an open red flag none that reassures or urges movement."""
    return tuple(
        item
        for item in articles(language=language)
        if phase in item.phases and not (red_flag_open and item.reassuring)
    )


def retired_articles() -> tuple[RetiredArticle, ...]:
    """The articles that are no longer offered."""
    return catalog().retired_articles


def emergency_numbers(country: str, *, language: str = ENGLISH) -> EmergencyNumbers:
    """The numbers of an ISO 3166-1 alpha-2 country; the international default if not listed."""
    words = catalog_in(language)
    default = EmergencyNumbers(
        code="ZZ", name=words.international, emergency=words.default_emergency_number
    )
    return words.emergency_numbers.get(country.upper(), default)


def reference(reference_id: str) -> Reference:
    """The guideline or study named `reference_id`."""
    return catalog().references[reference_id]


def fact(fact_id: str) -> Fact:
    """The statement named `fact_id`."""
    return catalog().facts[fact_id]
