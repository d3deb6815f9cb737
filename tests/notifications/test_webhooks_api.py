from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts import services
from backend.accounts.models import AuditEvent, Clinic, Patient, Role, User
from notifications.models import Webhook
from tests.client import ApiClient
from tests.factories import make_clinic, make_user

pytestmark = pytest.mark.django_db
Api = Callable[[User | Patient | None], ApiClient]
LIST = "clinic/webhooks"
ID = "0196a000-0000-7000-8000-00000000000b"
HOOK = {"url": "https://hooks.clinic.example/stepwise"}


@pytest.fixture
def manager(clinic: Clinic, now: datetime) -> User:
    """Manages the clinic."""
    user = make_user(now=now, name="Mona Manager")
    services.employ(user=user, clinic=clinic, role=Role.MANAGER, now=now)
    return user


def test_a_manager_registers_a_webhook_and_sees_the_secret_once(
    api: Api, manager: User, clinic: Clinic
) -> None:
    client = api(manager)
    made = client.put(f"{LIST}/{ID}", HOOK)

    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    shown = client.get(f"{LIST}/{ID}").json()
    assert "secret" not in shown
    assert (shown["url"], shown["clinic"]) == (HOOK["url"], str(clinic.pk))
    assert client.get(LIST).json() == {"items": [shown], "next_cursor": None}
    assert secret not in repr(Webhook.objects.values().get())
    assert AuditEvent.objects.filter(action="webhook.registered").count() == 1


def test_the_same_again_changes_nothing_and_another_url_gets_another_secret(
    api: Api, manager: User
) -> None:
    client = api(manager)
    first = client.put(f"{LIST}/{ID}", HOOK).json()["secret"]
    again = client.put(f"{LIST}/{ID}", HOOK)
    other = client.put(f"{LIST}/{ID}", {"url": "https://other.clinic.example/"})

    assert again.status_code == 200
    assert "secret" not in again.json()
    assert other.json()["secret"] != first
    assert Webhook.objects.count() == 1


def test_a_webhook_is_removed(api: Api, manager: User) -> None:
    client = api(manager)
    client.put(f"{LIST}/{ID}", HOOK)

    assert client.delete(f"{LIST}/{ID}").status_code == 204
    assert client.delete(f"{LIST}/{ID}").status_code == 404
    assert not Webhook.objects.exists()


def test_another_clinics_webhook_looks_like_a_missing_one(
    api: Api, manager: User, now: datetime
) -> None:
    api(manager).put(f"{LIST}/{ID}", HOOK)
    foreign = make_user(now=now)
    services.employ(user=foreign, clinic=make_clinic(now=now), role=Role.MANAGER, now=now)
    client = api(foreign)

    assert client.get(f"{LIST}/{ID}").status_code == 404
    assert client.delete(f"{LIST}/{ID}").status_code == 404
    assert client.get(LIST).json()["items"] == []
    assert client.put(f"{LIST}/{ID}", HOOK | {"clinic": str(uuid4())}).status_code == 400


def test_only_managers_come_in(api: Api, therapist: User, patient: Patient) -> None:
    assert api(therapist).get(LIST).status_code == 403
    assert api(patient).put(f"{LIST}/{ID}", HOOK).status_code == 403
    assert api(None).get(LIST).status_code == 401


def test_a_manager_of_two_clinics_says_which(
    api: Api, manager: User, clinic: Clinic, now: datetime
) -> None:
    services.employ(user=manager, clinic=make_clinic(now=now), role=Role.MANAGER, now=now)
    client = api(manager)

    assert client.put(f"{LIST}/{ID}", HOOK).status_code == 400
    named = client.put(f"{LIST}/{ID}", HOOK | {"clinic": str(clinic.pk)})
    assert named.status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": "hooks.clinic.example"},
        {"url": "https://user:pass@hooks.clinic.example/"},
        {"url": "https://" + "x" * 500},
        {"url": "https://[broken"},
        HOOK | {"more": 1},
    ],
)
def test_a_bad_webhook_is_refused(api: Api, manager: User, body: dict[str, Any]) -> None:
    answer = api(manager).put(f"{LIST}/{ID}", body)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_in_production_only_https_is_taken(api: Api, manager: User, settings: Any) -> None:
    settings.PRODUCTION = True

    answer = api(manager).put(f"{LIST}/{ID}", {"url": "http://hooks.clinic.example/"})

    assert answer.status_code == 400


def test_no_clinic_has_more_webhooks_than_ten(api: Api, manager: User) -> None:
    client = api(manager)
    for number in range(10):
        url = f"https://hooks.clinic.example/{number}"
        assert client.put(f"{LIST}/{uuid4()}", {"url": url}).status_code == 201

    assert client.put(f"{LIST}/{uuid4()}", HOOK).status_code == 409


def test_many_webhooks_cost_no_more_queries_than_one(api: Api, manager: User) -> None:
    client = api(manager)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(LIST)
        return len(captured)

    client.put(f"{LIST}/{ID}", HOOK)
    one = queries()
    for number in range(5):
        client.put(f"{LIST}/{uuid4()}", {"url": f"https://hooks.clinic.example/{number}"})

    assert queries() == one
