from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from backend.accounts.models import Patient, User
from notifications.models import Message
from notifications.reminders.models import NotificationPreferences
from tests.client import ApiClient
from tests.notifications.reminders.running import Run

pytestmark = pytest.mark.django_db
Api = Callable[[User | Patient | None], ApiClient]
LIST = "me/reminders"
PREFERENCES = "me/notification-preferences"
TEST = "me/notifications/test"


def preferences(**changes: Any) -> dict[str, Any]:
    return {
        "quiet_hours": {"from": "22:00", "until": "07:00"},
        "travel": "follow_me",
        "channels": ["in_app", "push"],
    } | changes


def test_preferences_are_read_and_set(phone: ApiClient, run: Run) -> None:
    read = phone.get(PREFERENCES)
    assert read.json() == {
        "quiet_hours": {"from": "21:00", "until": "08:00"},
        "travel": "follow_me",
        "channels": ["in_app", "push", "email"],
        "version": 1,
    }

    answer = phone.put(PREFERENCES, preferences(), If_Match=read["ETag"])
    again = phone.put(PREFERENCES, preferences(), If_Match=answer["ETag"])

    assert answer.json() == again.json() == preferences() | {"version": 2}
    assert phone.get(PREFERENCES, If_None_Match=answer["ETag"]).status_code == 304


def test_without_quiet_hours_there_are_none(phone: ApiClient) -> None:
    wanted = {"travel": "follow_me", "channels": ["in_app"]}

    assert phone.put(PREFERENCES, wanted, If_Match='"1"').json() == wanted | {"version": 2}


def test_preferences_can_be_set_before_there_is_a_plan(api: Api, patient: Patient) -> None:
    client = api(patient)
    read = client.get(PREFERENCES)

    answer = client.put(PREFERENCES, preferences(), If_Match=read["ETag"])

    assert (read.json()["version"], answer.json()["version"]) == (0, 1)
    assert NotificationPreferences.objects.get().patient_id == patient.pk


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"travel": "stay_home"}, "/home_zone"),
        ({"home_zone": "Mars/Olympus"}, "/home_zone"),
        ({"quiet_hours": {"from": "22:00", "until": "22:00"}}, "/quiet_hours/until"),
        ({"quiet_hours": {"from": "22:00"}}, "/quiet_hours/until"),
        ({"channels": "push"}, "/channels"),
        ({"more": 1}, "/more"),
    ],
)
def test_bad_preferences_are_refused_by_field(
    phone: ApiClient, change: dict[str, Any], pointer: str
) -> None:
    answer = phone.put(PREFERENCES, preferences(**change), If_Match='"1"')

    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_a_channel_that_she_does_not_want_is_not_used(phone: ApiClient, run: Run) -> None:
    run.only("daily_check_in")
    phone.put(PREFERENCES, preferences(channels=["email"]), If_Match='"1"')

    run.to(run.wall(0, "19:31"))

    assert run.said("in_app") == []


def test_staying_home_in_mind_arms_by_its_clocks(phone: ApiClient, run: Run) -> None:
    wanted = preferences(travel="stay_home", home_zone="Asia/Tokyo")

    assert phone.put(PREFERENCES, wanted, If_Match='"1"').status_code == 200

    assert run.reminder("daily_check_in").next_due_at == datetime.fromisoformat(
        "2026-05-04T19:30:00+09:00"
    )


def test_a_test_message_goes_where_it_was_asked_for(phone: ApiClient, run: Run) -> None:
    answer = phone.post(TEST, {"channels": ["in_app"]})
    run.to(run.now + timedelta(seconds=1))

    assert answer.status_code == 202
    item = phone.get(f"me/notifications/{answer.json()['id']}").json()
    assert item["title"] == "This is a test"
    assert [one["reason"] for one in item["deliveries"]] == ["due"]


def test_a_test_message_comes_in_quiet_hours_too(
    phone: ApiClient, run: Run, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(run.wall(0, "23:30"))
    answer = phone.post(TEST, {"channels": ["in_app"]})
    run.now = run.wall(0, "23:30")
    run.once()

    message = Message.objects.get(pk=answer.json()["id"])
    assert message.deliveries.get().decision == "send"


def test_an_hour_has_room_for_five_tests(
    phone: ApiClient, run: Run, set_clock: Callable[[datetime], None]
) -> None:
    answers = [phone.post(TEST, {}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [202] * 5 + [429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 3600
    assert Message.objects.filter(kind="test").count() == 5
    set_clock(run.now + timedelta(hours=1))
    assert phone.post(TEST, {}).status_code == 202


def test_a_bad_test_is_refused(phone: ApiClient) -> None:
    answer = phone.post(TEST, {"channels": []})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/channels"


def test_a_keyed_test_is_sent_once(phone: ApiClient) -> None:
    key = str(uuid4())
    answers = [phone.post(TEST, {}, Idempotency_Key=key) for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert Message.objects.filter(kind="test").count() == 1
