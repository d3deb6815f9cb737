"""GET /safety/bundle: an open door to what a phone keeps."""

from collections.abc import Callable
from typing import Any

import pytest

from backend.accounts.models import Patient, User
from exercises.triage.bundle.building import built
from tests.client import ApiClient

Api = Callable[[User | Patient | None], ApiClient]


def test_anybody_gets_the_bundle_without_a_query(
    api: Api, django_assert_num_queries: Callable[[int], Any]
) -> None:
    client = api(None)
    with django_assert_num_queries(0):
        answer = client.get("safety/bundle")
    assert answer.status_code == 200
    assert answer.content == built().body
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "public, max-age=3600"


def test_a_phone_that_holds_the_bundle_is_told_so(api: Api) -> None:
    tag = api(None).get("safety/bundle")["ETag"]
    answer = api(None).get("safety/bundle", If_None_Match=tag)
    assert answer.status_code == 304
    assert answer.content == b""
    assert (answer["ETag"], answer["Cache-Control"]) == (tag, "public, max-age=3600")


def test_another_selection_has_another_tag(api: Api) -> None:
    paths = ("", "?country=AT", "?language=de", "?country=AT&language=de", "?country=XX")
    tags = {api(None).get(f"safety/bundle{path}")["ETag"] for path in paths}
    assert len(tags) == len(paths)


def test_one_country_and_one_language_can_be_asked_for(api: Api) -> None:
    body = api(None).get("safety/bundle?country=gb&language=de-CH").json()
    assert body["emergency_numbers"]["countries"] == [
        {"code": "GB", "emergency": "999", "also": ["112"], "urgent_advice": "111"}
    ]
    assert [*body["texts"]] == ["de"]


def test_a_country_that_is_not_listed_leaves_the_default(api: Api) -> None:
    body = api(None).get("safety/bundle?country=XX").json()
    assert body["emergency_numbers"] == {"default": "112", "countries": []}


@pytest.mark.parametrize("query", ["country=GBR", "country=%00", "language=d", "language=de_AT"])
def test_what_is_no_code_is_refused(api: Api, query: str) -> None:
    answer = api(None).get(f"safety/bundle?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"


def test_a_signed_in_patient_gets_the_same(api: Api, patient: Patient) -> None:
    assert api(patient).get("safety/bundle").content == built().body
