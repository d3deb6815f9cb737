"""Symptoms with their attributes, and the intake."""

from collections.abc import Iterator

from exercises.catalog.catalog import Catalog, ContentError
from exercises.catalog.crosschecks.naming import missing, source_problems
from exercises.catalog.shapes import IntakeQuestion, Symptom


def symptom_problems(catalog: Catalog) -> Iterator[ContentError]:
    """Options and labels of attributes, and the attributes that symptoms ask for."""
    file = "symptoms.toml"
    for attribute in catalog.attributes.values():
        if (attribute.kind == "choice") != bool(attribute.options):
            yield ContentError(file, f"attribute.{attribute.name}", "only a choice has options")
        if set(attribute.labels) != set(attribute.options):
            yield ContentError(file, f"attribute.{attribute.name}.labels", "need one per option")
    for symptom in catalog.symptoms.values():
        yield from _one_symptom(catalog, file, symptom)


def _one_symptom(catalog: Catalog, file: str, symptom: Symptom) -> Iterator[ContentError]:
    names = [spec.name for spec in symptom.attrs]
    yield from missing(file, f"{symptom.code}.attrs", names, catalog.attributes)
    for spec in symptom.attrs:
        if spec.name in catalog.attributes:
            known = catalog.attributes[spec.name].options
            yield from missing(file, f"{symptom.code}.attrs.{spec.name}", spec.options, known)


def intake_problems(catalog: Catalog) -> Iterator[ContentError]:
    """Sections, sources and options of the intake questions."""
    file = "intake.toml"
    for question in catalog.intake_questions.values():
        yield from source_problems(catalog, file, question.id, question.facts, ())
        sections = (question.section,)
        yield from missing(file, f"{question.id}.section", sections, catalog.intake_sections)
        if _is_choice(question) != bool(question.options):
            yield ContentError(file, f"{question.id}.options", "only a choice has options")


def _is_choice(question: IntakeQuestion) -> bool:
    return question.kind in {"choice", "multi_choice"}
