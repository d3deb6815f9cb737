from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from backend.accounts.models import Patient, User
from notifications.reminders.models import Reminder
from tests.client import ApiClient
from tests.notifications.reminders.running import Run

pytestmark = pytest.mark.django_db
Api = Callable[[User | Patient | None], ApiClient]
WANTED = {"enabled": True, "times": [{"at": "20:15"}], "weekdays": [0, 1], "channels": ["push"]}
LATE = {"travel": "follow_me", "channels": ["in_app"]}


def push(phone: ApiClient, **op: Any) -> dict[str, Any]:
    body = {
        "device_id": "phone-1",
        "device_time": "2026-05-04T08:00:00+02:00",
        "ops": [{"op_id": str(uuid4()), **op}],
    }
    answer = phone.post("sync/push", body)
    assert answer.status_code == 200, answer.json()
    (result,) = answer.json()["results"]
    return dict(result)


def pulled(phone: ApiClient, cursor: str = "") -> tuple[dict[str, dict[str, Any]], str]:
    found: dict[str, dict[str, Any]] = {}
    while True:
        page = phone.get(f"sync/pull?limit=200{f'&cursor={cursor}' if cursor else ''}").json()
        found |= {
            change["data"].get("kind", change["entity"]): change
            for change in page["changes"]
            if change["entity"] in ("reminder", "notification_preferences")
        }
        cursor = page["cursor"]
        if not page["more"]:
            return found, cursor


def test_a_pull_brings_every_reminder_and_the_preferences(phone: ApiClient, run: Run) -> None:
    found, _ = pulled(phone)

    assert len(found) == 8
    check_in = found["daily_check_in"]["data"]
    assert (check_in["version"], check_in["enabled"]) == (1, True)
    assert found["notification_preferences"]["id"] == str(run.patient.pk)


def test_an_offline_edit_comes_in_and_is_pulled_back(phone: ApiClient, run: Run) -> None:
    found, cursor = pulled(phone)
    held = found["daily_check_in"]
    op = {"type": "reminder", "id": held["id"], "base_rev": held["rev"], "data": WANTED}

    first, again = push(phone, **op), push(phone, **op)

    assert (first["status"], again["status"]) == ("applied", "duplicate")
    assert first["rev"] == again["rev"]
    later, _ = pulled(phone, cursor)
    assert list(later) == ["daily_check_in"]
    assert later["daily_check_in"]["data"]["times"] == [{"at": "20:15", "slot": "20:15"}]
    assert run.reminder("daily_check_in").next_due_at == run.wall(0, "20:15")


def test_an_edit_of_an_older_revision_loses(phone: ApiClient, run: Run) -> None:
    held = pulled(phone)[0]["daily_check_in"]
    op = {"type": "reminder", "id": held["id"], "base_rev": held["rev"]}
    push(phone, data=WANTED, **op)

    late = push(phone, data=WANTED | {"enabled": False}, **op)

    assert late["status"] == "conflict"
    assert Reminder.objects.get(pk=held["id"]).enabled


def test_preferences_are_edited_offline(phone: ApiClient, run: Run) -> None:
    held = pulled(phone)[0]["notification_preferences"]
    op = {"type": "notification_preferences", "id": held["id"], "data": LATE}

    lost = push(phone, base_rev=held["rev"] - 1, **op)
    kept = push(phone, base_rev=held["rev"], **op)

    assert (lost["status"], kept["status"]) == ("conflict", "applied")
    assert "quiet_hours" not in phone.get("me/notification-preferences").json()


@pytest.mark.parametrize(
    "data", [WANTED | {"times": []}, WANTED | {"times": [{"at": "08:00", "slot": "dawn"}]}]
)
def test_a_bad_edit_is_kept_and_listed(phone: ApiClient, run: Run, data: dict[str, Any]) -> None:
    held = pulled(phone)[0]["daily_check_in"]

    result = push(phone, type="reminder", id=held["id"], base_rev=held["rev"], data=data)

    assert result["status"] == "quarantined"
    assert len(phone.get("sync/rejections").json()["items"]) == 1


def test_a_strangers_reminder_cannot_be_edited(
    api: Api, phone: ApiClient, run: Run, other_patient: Patient
) -> None:
    held = pulled(phone)[0]["daily_check_in"]

    result = push(
        api(other_patient), type="reminder", id=held["id"], base_rev=held["rev"], data=WANTED
    )

    assert result["status"] not in ("applied", "duplicate")
    assert Reminder.objects.get(pk=held["id"]).version == 1


def test_what_the_tick_does_is_no_change_of_the_document(phone: ApiClient, run: Run) -> None:
    _, cursor = pulled(phone)

    run.to(run.wall(0, "20:00") + timedelta(minutes=1))

    assert pulled(phone, cursor)[0] == {}
