"""One's own profile: GET and PATCH /me."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import CareRelationship, Clinic, Patient, User
from backend.accounts.places import countries, time_zones
from backend.accounts.services import ProfileStale, end_care, update_profile
from tests.client import ApiClient

Api = Callable[[Any], ApiClient]


def test_a_patient_reads_who_she_is_and_who_looks_after_her(
    api: Api, patient: Patient, therapist: User, clinic: Clinic
) -> None:
    answer = api(patient).get("me")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert answer.json() == {
        "id": str(patient.pk),
        "email": patient.user.email,
        "name": "Pia Patient",
        "time_zone": "Europe/Berlin",
        "language": "en",
        "country": "DE",
        "roles": ["patient"],
        "care": [
            {
                "id": str(CareRelationship.objects.get().pk),
                "clinic": {"id": str(clinic.pk), "name": clinic.name},
                "therapist": "Theo Therapist",
                "since": "2026-05-04T08:00:00Z",
            }
        ],
        "clinics": [],
    }


def test_a_therapist_reads_her_role_and_clinic(api: Api, therapist: User, clinic: Clinic) -> None:
    me = api(therapist).get("me").json()
    assert me["roles"] == ["therapist"]
    assert me["clinics"] == [{"id": str(clinic.pk), "name": clinic.name}]
    assert me["care"] == []


def test_a_country_not_yet_named_is_left_out(api: Api, patient: Patient) -> None:
    User.objects.update(country="")
    assert "country" not in api(patient).get("me").json()


def test_an_unchanged_profile_is_not_sent_again(
    api: Api, patient: Patient, therapist: User, now: datetime
) -> None:
    phone = api(patient)
    tag = phone.get("me")["ETag"]
    assert phone.get("me", If_None_Match=tag).status_code == 304
    end_care(care=CareRelationship.objects.get(), by=None, now=now)
    assert phone.get("me", If_None_Match=tag).status_code == 200


def test_a_patient_changes_her_profile(api: Api, patient: Patient) -> None:
    phone = api(patient)
    before = phone.get("me")
    changes = {
        "name": "Pia P.",
        "time_zone": "America/New_York",
        "language": "pt-BR",
        "country": "US",
    }

    answer = phone.patch("me", changes, If_Match=before["ETag"])

    assert answer.status_code == 200
    assert answer.json() == before.json() | changes
    assert answer["ETag"] == phone.get("me")["ETag"] != before["ETag"]


def test_sending_the_same_again_changes_nothing(api: Api, patient: Patient) -> None:
    phone = api(patient)
    tag = phone.get("me")["ETag"]
    assert phone.patch("me", {"name": "Pia Patient"}, If_Match=tag)["ETag"] == tag
    assert phone.patch("me", {}, If_Match=tag)["ETag"] == tag


def test_a_change_says_which_profile_it_was_made_on(api: Api, patient: Patient) -> None:
    phone = api(patient)
    tag = phone.get("me")["ETag"]
    assert phone.patch("me", {"name": "A"}).status_code == 428
    assert phone.patch("me", {"name": "B"}, If_Match=tag).status_code == 200
    stale = phone.patch("me", {"name": "C"}, If_Match=tag)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert phone.get("me").json()["name"] == "B"


def test_of_two_changes_to_one_version_the_second_is_refused(
    patient: Patient, now: datetime
) -> None:
    as_read = User.objects.get(pk=patient.user_id)
    update_profile(user=patient.user, changes={"name": "First"}, now=now)
    with pytest.raises(ProfileStale):
        update_profile(user=as_read, changes={"name": "Second"}, now=now)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Europe/Nowhere"),
        ("time_zone", "localtime"),
        ("time_zone", "../etc/passwd"),
        ("time_zone", None),
        ("country", "XX"),
        ("country", "de"),
        ("country", ""),
        ("language", "english"),
        ("language", "e\x00"),
        ("name", "a\x00b"),
        ("name", "\ud800"),
        ("name", "x" * 201),
        ("name", 7),
        ("email", "new@example.org"),
        ("roles", ["therapist"]),
    ],
)
def test_a_value_that_does_not_fit_is_named(
    api: Api, patient: Patient, field: str, value: Any
) -> None:
    phone = api(patient)
    before = phone.get("me")
    answer = phone.patch("me", {field: value}, If_Match=before["ETag"])
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{field}"]
    assert phone.get("me").json() == before.json()


def test_all_wrong_fields_are_named_at_once(api: Api, patient: Patient) -> None:
    phone = api(patient)
    wrong = {"time_zone": "Nowhere", "country": "XX"}
    answer = phone.patch("me", wrong, If_Match=phone.get("me")["ETag"])
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/time_zone", "/country"}


def test_reading_the_profile_takes_a_bounded_number_of_queries(
    api: Api,
    patient: Patient,
    therapist: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    phone = api(patient)
    with django_assert_max_num_queries(6):
        phone.get("me")


def test_places_come_from_the_published_lists() -> None:
    assert {"UTC", "Europe/Berlin", "Pacific/Auckland"} <= time_zones()
    assert {"DE", "US", "GB", "NZ"} <= countries()
    assert len(countries()) > 240
