"""Home care with cold and warmth."""

from collections.abc import Iterator

from exercises.catalog.catalog import Catalog, ContentError
from exercises.catalog.crosschecks.naming import missing, source_problems


def home_care_problems(catalog: Catalog) -> Iterator[ContentError]:
    """Sources, timers, and the question that goes with a wrapped pack."""
    file = "home_care.toml"
    timing = catalog.home_care_timing
    yield from source_problems(catalog, file, "timing", timing.facts, timing.references)
    for item in catalog.home_care.values():
        yield from source_problems(catalog, file, item.id, item.facts, item.references)
        if item.default_minutes > item.max_minutes:
            yield ContentError(file, f"{item.id}.default_minutes", "is above max_minutes")
        if item.must_be_wrapped != bool(item.confirm):
            yield ContentError(file, f"{item.id}.confirm", "only what must be wrapped is confirmed")
    for block in catalog.home_care_blocks.values():
        yield from missing(file, f"{block.code}.symptoms", block.symptoms, catalog.symptoms)
