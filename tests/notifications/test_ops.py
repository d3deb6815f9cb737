import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from backend.accounts.models import Patient
from exercises.triage.levels import Level
from notifications import ops
from notifications.channels import Refused
from notifications.models import Delivery
from notifications.services import deliver, record_tick, relay
from tests.notifications.rows import Breaking, add_event, delivery_of, make_alert

pytestmark = pytest.mark.django_db
View = Callable[[Any], HttpResponse]


@pytest.fixture(autouse=True)
def _clock(now: datetime, set_clock: Callable[[datetime], None]) -> None:
    set_clock(now)


def get(view: View, address: str = "127.0.0.1", **headers: str) -> HttpResponse:
    return view(RequestFactory(REMOTE_ADDR=address).get("/ops", headers=headers))


def test_an_idle_system_is_healthy(now: datetime) -> None:
    record_tick(now=now)
    record_tick(now=now)

    assert json.loads(get(ops.delivery).content) == {
        "oldest_due_age_s": 0.0,
        "oldest_unrelayed_age_s": 0.0,
        "waiting": 0,
        "dead": 0,
        "unrelayed": 0,
        "given_up": 0,
        "reminders_given_up": 0,
        "last_tick_at": "2026-05-04T08:00:00Z",
        "problems": [],
    }


def test_what_waits_is_overdue_dead_or_unrelayed_is_counted(
    patient: Patient, now: datetime
) -> None:
    before = now - timedelta(minutes=2)
    alert = make_alert(patient=patient, level=Level.PROMPT_DAYS, at=before)
    relay(now=before)
    add_event(alert, "resolved", now)
    mail = delivery_of(alert, audience="patient", channel="email")
    Delivery.objects.filter(pk=mail.pk).update(state="waiting")
    deliver(delivery_id=mail.pk, now=before, channels={"email": Breaking(Refused())})
    card = delivery_of(alert, audience="patient", channel="in_app")

    found = json.loads(get(ops.delivery).content)

    assert Delivery.objects.get(pk=card.pk).state == "waiting"
    assert found["oldest_due_age_s"] == 120
    assert found["dead"] == 1
    assert found["unrelayed"] == 1
    assert found["problems"] == ["scheduler_silent"]
    assert found["last_tick_at"] is None
    text = get(ops.metrics).content.decode()
    assert "stepwise_delivery_dead 1.0" in text
    assert "stepwise_delivery_oldest_due_age_seconds 120.0" in text


@pytest.mark.parametrize("view", [ops.delivery, ops.metrics])
@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("192.0.2.7", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 403),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}, 403),
        ("192.0.2.7", {"Authorization": "Bearer right"}, 200),
        ("192.0.2.7", {"Authorization": "Bearer wrong"}, 403),
    ],
)
def test_only_operators_come_in(
    now: datetime,
    settings: Any,
    view: View,
    address: str,
    headers: dict[str, str],
    status: int,
) -> None:
    record_tick(now=now)
    settings.OPS_TOKEN = "right"

    assert get(view, address, **headers).status_code == status


def test_without_a_token_set_no_token_is_right(settings: Any) -> None:
    settings.OPS_TOKEN = ""

    assert get(ops.delivery, "192.0.2.7", Authorization="Bearer ").status_code == 403
