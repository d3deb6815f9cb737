"""GET /content/…: the catalogue for phones to keep."""

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Patient, User
from exercises.catalog import selectors
from tests.client import ApiClient

Api = Callable[[User | Patient | None], ApiClient]

LISTS = ["content/exercises", "content/articles", "content/home-care"]
SINGLE = ["content/exercises/EX-01", "content/articles/warning-signs"]
EVERYTHING = [*LISTS, *SINGLE]


@pytest.mark.parametrize("path", EVERYTHING)
def test_patients_and_therapists_read_content(
    api: Api, patient: Patient, therapist: User, path: str
) -> None:
    assert api(patient).get(path).status_code == 200
    assert api(therapist).get(path).status_code == 200


@pytest.mark.parametrize("path", EVERYTHING)
def test_nobody_reads_content_without_signing_in(api: Api, path: str) -> None:
    assert api(None).get(path).status_code == 401


@pytest.mark.parametrize("path", EVERYTHING)
def test_content_that_did_not_change_is_not_sent_again(
    api: Api, patient: Patient, path: str
) -> None:
    client = api(patient)
    first = client.get(path)

    again = client.get(path, If_None_Match=first["ETag"])

    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert "private" in first["Cache-Control"]


@pytest.mark.parametrize("path", EVERYTHING)
def test_content_costs_no_query_beyond_the_sign_in(
    api: Api, patient: Patient, path: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = api(patient)

    with django_assert_max_num_queries(5):
        client.get(path)


@pytest.mark.parametrize(
    "path", ["content/exercises/EX-99", "content/articles/none", "content/articles/%00"]
)
def test_what_does_not_exist_is_404(api: Api, patient: Patient, path: str) -> None:
    assert api(patient).get(path).status_code == 404


def test_all_articles_come_with_licence_and_sources(api: Api, patient: Patient) -> None:
    body = api(patient).get("content/articles").json()

    assert [item["id"] for item in body["items"]] == [item.id for item in selectors.articles()]
    assert body["version"] == selectors.content_version()
    assert body["replaced"] == []
    assert all(item["licence"] and item["sources"] for item in body["items"])


def test_an_article_has_sections_with_points(api: Api, patient: Patient) -> None:
    body = api(patient).get("content/articles/warning-signs").json()

    assert (body["topic"], body["reassuring"]) == ("see_a_doctor", False)
    assert body["sections"][0]["heading"] == "Call the emergency number now"
    assert len(body["sections"][0]["points"]) > 5


def test_articles_are_filtered_by_topic_and_phase(api: Api, patient: Patient) -> None:
    path = "content/articles?topic=treatments&phase=initial"
    items = api(patient).get(path).json()["items"]

    assert items
    assert {item["topic"] for item in items} == {"treatments"}
    assert all("initial" in item["phases"] for item in items)
    assert "operations" not in {item["id"] for item in items}


@pytest.mark.parametrize("query", ["topic=magic", "phase=middle", "topic=treatments&phase=x"])
def test_an_unknown_filter_value_is_explained(api: Api, patient: Patient, query: str) -> None:
    answer = api(patient).get(f"content/articles?{query}")

    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["code"] == "unknown_option"


def test_home_care_has_timers_steps_and_reasons_not_to(api: Api, patient: Patient) -> None:
    body = api(patient).get("content/home-care").json()
    ice, heat, contrast = body["items"]

    assert (ice["default_minutes"], ice["max_minutes"]) == (15, 20)
    assert (ice["gap_minutes"], ice["skin_check_minutes"]) == (120, 5)
    assert (ice["must_be_wrapped"], ice["after_exercise"]) == (True, True)
    assert ice["confirm"].endswith("?")
    assert "confirm" not in heat
    assert contrast["from_hours"] == body["timing"]["ice_default_hours"] == 48
    assert all(item["licence"] and item["sources"] for item in body["items"])
    blocks = {block["code"]: block for block in body["blocks"]}
    assert "S-NUMB-LEG" in blocks["numb_area"]["symptoms"]
    assert "RF-ALI" in blocks["poor_circulation"]["rules"]


def test_texts_follow_the_language_asked_for(api: Api, patient: Patient) -> None:
    client = api(patient)
    path = "content/articles/warning-signs"

    german = client.get(path, Accept_Language="fr;q=0.9, de-AT;q=0.8")
    english = client.get(path, Accept_Language="en-US,en;q=0.9,de;q=0.1")

    assert (german.json()["title"], german.json()["language"]) == ("Warnzeichen", "de")
    assert (german["Content-Language"], german["Vary"]) == ("de", "Accept-Language")
    assert english.json()["title"] == "Warning signs"
    assert german["ETag"] != english["ETag"]


def test_without_a_wish_the_profile_decides_the_language(api: Api, patient: Patient) -> None:
    patient.user.language = "de-CH"
    patient.user.save(update_fields=["language"])
    client = api(patient)

    assert client.get("content/home-care").json()["items"][0]["title"] == "Kältepackung"
    rules = client.get("content/exercises/EX-18").json()["stop_rules"]
    assert rules[0]["text"].startswith("Dehnen Sie keine")
    assert client.get("content/articles/posture").json()["language"] == "en"


def test_an_etag_of_another_language_does_not_match(api: Api, patient: Patient) -> None:
    client = api(patient)
    english = client.get("content/home-care")

    answer = client.get("content/home-care", Accept_Language="de", If_None_Match=english["ETag"])

    assert answer.status_code == 200
