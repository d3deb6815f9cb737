"""The small parts of which resources are made (FHIR 4.0.1)."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

Resource = dict[str, Any]

VERSION = "4.0.1"
_OWN = "urn:x-stepwise"
_IDS = uuid5(NAMESPACE_URL, "urn:x-stepwise:fhir")


def made(kind: str, key: object, **elements: Any) -> Resource:
    """A resource whose id is `key`; what is empty is left out, as FHIR wants it."""
    return {"resourceType": kind, "id": str(key), **_filled(elements)}


def id_of(*parts: object) -> str:
    """The id of a resource whose row has none: the same for the same parts."""
    return str(uuid5(_IDS, ":".join(map(str, parts))))


def reference(key: object) -> Resource | None:
    """A reference to a resource of the same bundle; None where there is nothing to refer to."""
    return {"reference": f"urn:uuid:{key}"} if key else None


def own(system: str, code: str, text: str = "") -> Resource:
    """A concept of this product's own vocabulary."""
    coding = {"system": f"{_OWN}:{system}", "code": code}
    return {"coding": [coding], "text": text or code}


def coded(system: str, code: str, text: str) -> Resource:
    """A concept of a public vocabulary."""
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


def period(start: str | None, end: str | None) -> Resource | None:
    """From `start` until `end`, dates or instants."""
    return _filled({"start": start, "end": end}) or None


def notes(*texts: str | None) -> list[Resource]:
    """Annotations, of those texts that say something."""
    return [{"text": text} for text in texts if text]


def _filled(elements: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in elements.items() if value not in (None, "", [], {})}
