"""The API's routes and methods, read from the URL map: what a test must cover, and nobody lists."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.urls import URLPattern, URLResolver

from backend.core.api import Door

METHODS = ("GET", "PUT", "POST", "PATCH", "DELETE")


@dataclass(frozen=True, order=True)
class Route:
    """One method of one path below /api/v1/, such as "PUT me/visits/<uuid:visit_id>"."""

    path: str
    method: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@cache
def api_doors() -> dict[str, type[Door]]:
    """Every path of the API with the view behind it; the schema and its guide are no doors."""
    from backend.urls import api_v1

    found = {path: getattr(pattern.callback, "view_class", None) for path, pattern in _flat(api_v1)}
    return {path: view for path, view in found.items() if view and issubclass(view, Door)}


def api_routes(*methods: str) -> list[Route]:
    """Every route with one of `methods` (all by default)."""
    return sorted(
        Route(path, method)
        for path, view in api_doors().items()
        for method in methods or METHODS
        if hasattr(view, method.lower())
    )


def _flat(
    patterns: list[URLPattern | URLResolver], before: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _flat(pattern.url_patterns, path)
        else:
            yield path, pattern
