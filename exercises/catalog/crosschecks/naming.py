"""What every check needs: names that lead nowhere, and sources that must not be served."""

from collections.abc import Collection, Iterator

from exercises.catalog.catalog import Catalog, ContentError


def missing(
    file: str, path: str, named: Collection[str], known: Collection[str]
) -> Iterator[ContentError]:
    """A problem for each of `named` that is not among `known`."""
    for name in named:
        if name not in known:
            yield ContentError(file, path, f"{name} does not exist")


def source_problems(
    catalog: Catalog, file: str, path: str, facts: Collection[str], references: Collection[str]
) -> Iterator[ContentError]:
    """Facts and references that do not exist, and facts that are marked `drop`."""
    yield from missing(file, f"{path}.facts", facts, catalog.facts)
    yield from missing(file, f"{path}.references", references, catalog.references)
    for fact in facts:
        if fact in catalog.facts and "drop" in catalog.facts[fact].uses:
            yield ContentError(file, f"{path}.facts", f"{fact} must not be served")


def option_values(catalog: Catalog, question_id: str) -> frozenset[str]:
    """The answers an intake question can have; none where it is not a choice."""
    question = catalog.intake_questions.get(question_id)
    if question is None:
        return frozenset()
    if question.kind == "boolean":
        return frozenset({"true", "false"})
    return frozenset(option.value for option in question.options)
