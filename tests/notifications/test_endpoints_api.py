from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Patient, User
from notifications.channels.web_push.vapid import public_key
from notifications.models import PushEndpoint
from tests.client import ApiClient
from tests.notifications.conftest import Browser

pytestmark = pytest.mark.django_db
Api = Callable[[User | Patient | None], ApiClient]
LIST = "me/push-endpoints"
ID = "0196a000-0000-7000-8000-00000000000a"
PHONE = {"kind": "fcm", "address": "token-of-the-phone", "label": "Pia's phone"}


def subscription(browser: Browser, **changes: Any) -> dict[str, Any]:
    address = "https://push.example.org/subscription/1"
    return {"kind": "web_push", "address": address, "keys": browser.keys} | changes


def test_a_device_is_registered_and_shown_without_its_address(api: Api, patient: Patient) -> None:
    client = api(patient)
    made = client.put(f"{LIST}/{ID}", PHONE)

    assert made.status_code == 201
    assert made.json() == client.get(f"{LIST}/{ID}").json()
    assert client.get(LIST).json() == {"items": [made.json()], "next_cursor": None}
    assert set(made.json()) == {"id", "kind", "label", "created_at", "updated_at"}
    assert made.json()["id"] == ID


def test_the_address_is_unreadable_in_the_database(
    api: Api, patient: Patient, browser: Browser
) -> None:
    api(patient).put(f"{LIST}/{ID}", PHONE)
    api(patient).put(f"{LIST}/{uuid4()}", subscription(browser))

    for row in PushEndpoint.objects.values():
        for secret in ("token-of-the-phone", "push.example.org", browser.keys["auth"]):
            assert secret not in repr(row)


def test_the_same_again_changes_nothing_and_a_new_token_replaces_the_old(
    api: Api, patient: Patient, now: datetime
) -> None:
    client = api(patient)
    first = client.put(f"{LIST}/{ID}", PHONE)
    again = client.put(f"{LIST}/{ID}", PHONE)
    renewed = client.put(f"{LIST}/{ID}", PHONE | {"address": "a-new-token"})

    assert [one.status_code for one in (first, again, renewed)] == [201, 200, 200]
    assert first.json() == again.json()
    assert PushEndpoint.objects.count() == 1


def test_a_device_that_was_disabled_is_live_again_when_it_comes_back(
    api: Api, patient: Patient, now: datetime
) -> None:
    client = api(patient)
    client.put(f"{LIST}/{ID}", PHONE)
    PushEndpoint.objects.update(disabled_at=now, disabled_reason="gone")
    assert client.get(f"{LIST}/{ID}").json()["disabled_reason"] == "gone"

    assert client.put(f"{LIST}/{ID}", PHONE).status_code == 200

    assert PushEndpoint.objects.get().disabled_at is None


def test_a_device_that_another_person_signs_in_on_is_hers(
    api: Api, patient: Patient, other_patient: Patient
) -> None:
    api(patient).put(f"{LIST}/{ID}", PHONE)
    assert api(other_patient).put(f"{LIST}/{ID}", PHONE).status_code == 201

    assert api(patient).get(LIST).json()["items"] == []
    (live,) = PushEndpoint.objects.filter(disabled_at=None)
    assert live.user == other_patient.user
    assert api(patient).put(f"{LIST}/{ID}", PHONE).status_code == 200
    assert PushEndpoint.objects.filter(disabled_at=None).get().user == patient.user


def test_a_removed_device_is_gone_and_its_address_forgotten(api: Api, patient: Patient) -> None:
    client = api(patient)
    client.put(f"{LIST}/{ID}", PHONE)

    assert client.delete(f"{LIST}/{ID}").status_code == 204
    assert client.delete(f"{LIST}/{ID}").status_code == 404
    assert client.get(f"{LIST}/{ID}").status_code == 404
    assert PushEndpoint.objects.get().sealed == ""


@pytest.mark.parametrize("who", ["other_patient", "therapist"])
def test_another_persons_device_looks_like_a_missing_one(
    api: Api, patient: Patient, who: str, request: pytest.FixtureRequest
) -> None:
    api(patient).put(f"{LIST}/{ID}", PHONE)
    client = api(request.getfixturevalue(who))

    assert client.get(f"{LIST}/{ID}").status_code == 404
    assert client.delete(f"{LIST}/{ID}").status_code == 404
    assert client.get(LIST).json()["items"] == []
    assert PushEndpoint.objects.get().disabled_at is None


@pytest.mark.parametrize("path", [LIST, f"{LIST}/{ID}", f"{LIST}/vapid-key"])
def test_without_a_credential_nothing_is_read(api: Api, path: str) -> None:
    assert api(None).get(path).status_code == 401


def test_a_therapist_has_devices_too(api: Api, therapist: User) -> None:
    assert api(therapist).put(f"{LIST}/{ID}", PHONE).status_code == 201


def test_a_browser_is_told_the_key_to_subscribe_with(
    api: Api, patient: Patient, settings: Any
) -> None:
    assert api(patient).get(f"{LIST}/vapid-key").json() == {"public_key": public_key()}

    settings.PRODUCTION, settings.VAPID_PRIVATE_KEY = True, ""
    assert api(patient).get(f"{LIST}/vapid-key").status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "pager", "address": "x"}, "/kind"),
        ({"kind": "fcm"}, "/address"),
        ({"kind": "fcm", "address": ""}, "/address"),
        ({"kind": "fcm", "address": "a b"}, "/address"),
        ({"kind": "fcm", "address": "x" * 4097}, "/address"),
        ({"kind": "fcm", "address": "x", "more": 1}, "/more"),
        ({"kind": "fcm", "address": "x", "keys": {"p256dh": "A", "auth": "A"}}, "/keys"),
        ({"kind": "web_push", "address": "https://push.example.org/"}, "/keys"),
    ],
)
def test_a_bad_device_is_refused_by_field(
    api: Api, patient: Patient, body: dict[str, Any], pointer: str
) -> None:
    answer = api(patient).put(f"{LIST}/{ID}", body)

    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"keys": {"p256dh": "AAAA", "auth": "MDEyMzQ1Njc4OWFiY2RlZg"}}, "/keys/p256dh"),
        ({"address": "ftp://push.example.org/"}, "/address"),
        ({"address": "https://user:pass@push.example.org/"}, "/address"),
        ({"address": "https://[broken"}, "/address"),
    ],
)
def test_a_bad_subscription_is_refused_by_field(
    api: Api, patient: Patient, browser: Browser, changes: dict[str, Any], pointer: str
) -> None:
    answer = api(patient).put(f"{LIST}/{ID}", subscription(browser, **changes))

    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_nobody_has_more_devices_than_twenty(api: Api, patient: Patient) -> None:
    client = api(patient)
    for number in range(20):
        answer = client.put(f"{LIST}/{uuid4()}", PHONE | {"address": f"token-{number}"})
        assert answer.status_code == 201

    refused = client.put(f"{LIST}/{uuid4()}", PHONE)

    assert refused.status_code == 409
    assert refused.json()["code"] == "too_many_endpoints"


def test_many_devices_cost_no_more_queries_than_one(api: Api, patient: Patient) -> None:
    client = api(patient)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(LIST)
        return len(captured)

    client.put(f"{LIST}/{ID}", PHONE)
    one = queries()
    for number in range(5):
        client.put(f"{LIST}/{uuid4()}", PHONE | {"address": f"token-{number}"})

    assert queries() == one
    assert one <= 8
