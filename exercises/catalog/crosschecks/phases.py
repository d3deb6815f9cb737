"""Phases follow each other without a gap, and serve what exists."""

from collections.abc import Iterator

from exercises.catalog.catalog import Catalog, ContentError
from exercises.catalog.crosschecks.naming import missing, source_problems
from exercises.catalog.shapes import Phase

PHASE_ORDER = ("initial", "rehab", "long_term")


def phase_problems(catalog: Catalog) -> Iterator[ContentError]:
    """Days without gap or overlap, and exercises that are dosed where they are listed."""
    file = "phases.toml"
    yield from source_problems(catalog, file, "gate", catalog.gate.facts, catalog.gate.references)
    if tuple(catalog.phases) != PHASE_ORDER:
        yield ContentError(file, "phase", f"the phases are {', '.join(PHASE_ORDER)}, in this order")
        return
    day: int | None = 0
    for phase in catalog.phases.values():
        if phase.first_day != day:
            yield ContentError(file, f"{phase.id}.first_day", "leaves a gap or an overlap")
        day = phase.end_day
        yield from _one_phase(catalog, file, phase)
    if day is not None:
        yield ContentError(file, "long_term.end_day", "the last phase has no end")


def _one_phase(catalog: Catalog, file: str, phase: Phase) -> Iterator[ContentError]:
    yield from source_problems(catalog, file, phase.id, phase.facts, phase.references)
    listed = [*phase.exercises, *phase.available]
    yield from missing(file, f"{phase.id}.exercises", listed, catalog.exercises)
    dosed = {code for code, item in catalog.exercises.items() if item.dose.in_phase(phase.id)}
    for code in sorted(set(listed) ^ dosed):
        where = "is listed without a dose" if code in listed else "has a dose and is not listed"
        yield ContentError(file, f"{phase.id}.exercises", f"{code} {where}")
    if len(set(listed)) != len(listed):
        yield ContentError(file, f"{phase.id}.exercises", "names an exercise twice")
    yield from missing(file, f"{phase.id}.home_care", phase.home_care, catalog.home_care)
