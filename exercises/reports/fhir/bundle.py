"""The bundle: every resource under the URN of its id."""

from itertools import chain
from typing import Any

from exercises.reports.fhir.care import care
from exercises.reports.fhir.diary import diary
from exercises.reports.fhir.elements import Resource
from exercises.reports.fhir.people import people


def bundle(document: dict[str, Any]) -> Resource:
    """The FHIR R4 bundle (a collection) of a record as `reports.record.rows` reads it."""
    resources = chain(people(document), care(document), diary(document))
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": document["made_at"],
        "entry": [
            {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}
            for resource in resources
        ],
    }
