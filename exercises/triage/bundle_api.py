"""The open door to the safety bundle: what a phone keeps to judge a red flag with no network."""

import re

from django.http import HttpResponse
from msgspec import Raw
from rest_framework.request import Request

from backend.core.api import Door, respond
from backend.core.conditional import unchanged
from backend.core.problems import FieldError
from backend.core.schema import describe
from backend.core.wire import invalid
from exercises.triage.bundle.building import Built, built, selected_country, selected_language
from exercises.triage.bundle.wire import SafetyBundle

# The same for everybody, and never more than an hour behind a correction.
CACHE = "public, max-age=3600"
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


class Bundle(Door):
    role = "open"

    @describe(
        "The safety bundle",
        response=SafetyBundle,
        status=(200, 304),
        query={
            "country": (str, "Numbers of this ISO 3166-1 alpha-2 country alone, with the default."),
            "language": (str, "Texts in this language alone (BCP 47); English if there are none."),
        },
        headers={"If-None-Match": "The ETag of the bundle that the phone holds."},
        tags=("safety",),
    )
    def get(self, request: Request) -> HttpResponse:
        """All that a phone needs to judge a report with no network, and to prove that it can."""
        found = _asked_for(request)
        response = unchanged(request._request, found.tag) or respond(Raw(found.body))
        response["ETag"] = found.tag
        response["Cache-Control"] = CACHE
        return response


def _asked_for(request: Request) -> Built:
    country = _parameter(request, "country", _COUNTRY)
    language = _parameter(request, "language", _LANGUAGE)
    return built(country=selected_country(country), language=selected_language(language))


def _parameter(request: Request, name: str, form: re.Pattern[str]) -> str:
    value: str = request.query_params.get(name, "")
    if value and not form.fullmatch(value):
        raise invalid([FieldError(f"/{name}", "invalid", f"Not a {name} code.")])
    return value
