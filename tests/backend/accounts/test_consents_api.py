"""GET and POST /me/consents."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import AuditEvent, Consent, Patient, User
from tests.client import ApiClient

Api = Callable[[User | Patient | None], ApiClient]
NO = {"scope": "diary", "granted": False, "version": 1}


def test_every_scope_is_asked_until_it_is_answered(api: Api, patient: Patient) -> None:
    items = api(patient).get("me/consents").json()["items"]
    assert [(item["scope"], item["granted"], item["ask"]) for item in items] == [
        ("diary", False, True),
        ("notes", False, True),
        ("reminders", True, True),
    ]
    assert all(item["question"] and item["text"] for item in items)


def test_an_answer_holds_and_is_audited(api: Api, patient: Patient, therapist: User) -> None:
    phone = api(patient)
    answer = phone.post("me/consents", NO)
    assert answer.status_code == 200
    assert (answer.json()["granted"], answer.json()["ask"]) == (False, False)
    assert answer.json()["answered_version"] == 1
    [first, *_] = phone.get("me/consents").json()["items"]
    assert first == answer.json()
    assert AuditEvent.objects.filter(action="consent.withdrawn", patient_id=patient.pk).count() == 1


def test_a_repeated_answer_is_harmless(api: Api, patient: Patient, therapist: User) -> None:
    phone = api(patient)
    answers = [phone.post("me/consents", NO).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert Consent.objects.filter(scope="diary", granted=False).count() == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (NO | {"scope": "everything"}, "/scope"),
        (NO | {"granted": "no"}, "/granted"),
        (NO | {"granted": True, "version": 2}, "/version"),
        (NO | {"version": 0}, "/version"),
        (NO | {"why": "because"}, "/why"),
        ({"scope": "diary"}, "/granted"),
    ],
)
def test_an_answer_that_does_not_fit_is_named(
    api: Api, patient: Patient, body: dict[str, Any], pointer: str
) -> None:
    answer = api(patient).post("me/consents", body)
    assert answer.status_code == 400
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


def test_only_a_patient_answers(api: Api, stranger: User) -> None:
    assert api(stranger).get("me/consents").status_code == 403
    assert api(stranger).post("me/consents", NO).status_code == 403
    assert api(None).get("me/consents").status_code == 401


def test_the_text_comes_in_her_language(api: Api, patient: Patient) -> None:
    items = api(patient).get("me/consents", Accept_Language="de").json()["items"]
    assert items[0]["question"].startswith("Dürfen")


def test_it_takes_few_queries(
    api: Api,
    patient: Patient,
    therapist: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    phone = api(patient)
    with django_assert_max_num_queries(5):
        phone.get("me/consents")
    with django_assert_max_num_queries(14):
        phone.post("me/consents", NO)
