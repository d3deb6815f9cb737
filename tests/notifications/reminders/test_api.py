from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Patient, User
from notifications.reminders.models import Reminder
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


def body(**changes: Any) -> dict[str, Any]:
    return {
        "enabled": True,
        "times": [{"at": "20:00"}],
        "weekdays": [0, 2, 4],
        "channels": ["push", "in_app"],
    } | changes


def path_of(kind: str) -> str:
    return f"{LIST}/{Reminder.objects.get(kind=kind).pk}"


def test_the_list_says_what_rings_next_and_what_became_of_the_last(
    phone: ApiClient, run: Run
) -> None:
    run.to(run.wall(0, "19:31"))

    items = {item["kind"]: item for item in phone.get(LIST).json()["items"]}

    assert list(items) == [
        "exercise",
        "daily_check_in",
        "weekly_check_in",
        "sitting_break",
        "questionnaire",
        "visit_tomorrow",
        "stalled_prompt",
    ]
    check_in = items["daily_check_in"]
    assert check_in["times"] == [{"at": "19:30", "slot": "19:30"}]
    assert check_in["next"] == {
        "at": "2026-05-05T17:30:00Z",
        "local_date": "2026-05-05",
        "slot": "19:30",
        "zone": "Europe/Berlin",
    }
    assert check_in["last"]["outcome"] == "rang"


def test_without_a_plan_there_are_no_reminders_yet(api: Api, patient: Patient) -> None:
    assert api(patient).get(LIST).json() == {"items": []}


def test_a_reminder_is_set_and_its_next_ring_follows(phone: ApiClient, run: Run) -> None:
    path = path_of("daily_check_in")
    read = phone.get(path)

    answer = phone.put(path, body(), If_Match=read["ETag"])

    assert answer.status_code == 200
    assert answer.json()["version"] == 2
    assert answer.json()["channels"] == ["in_app", "push"]
    assert answer["ETag"] == '"2"'
    row = run.reminder("daily_check_in")
    assert row.next_due_at == run.wall(0, "20:00")
    assert row.next_slot == "20:00"


def test_one_field_is_changed_and_the_rest_stays(phone: ApiClient, run: Run) -> None:
    path = path_of("sitting_break")
    before = phone.get(path)

    answer = phone.patch(path, {"enabled": False}, If_Match=before["ETag"])

    assert answer.json() == before.json() | {"enabled": False, "version": 2}
    assert run.reminder("sitting_break").next_due_at is None


def test_the_same_content_again_changes_nothing(phone: ApiClient, run: Run) -> None:
    path = path_of("daily_check_in")
    first = phone.put(path, body(), If_Match='"1"')
    again = phone.put(path, body(), If_Match=first["ETag"])

    assert first.json() == again.json()
    assert phone.get(path, If_None_Match=first["ETag"]).status_code == 304


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 428), ({"If_Match": '"7"'}, 412), ({"If_Match": '"0"'}, 412)]
)
def test_an_edit_says_on_which_version_it_was_made(
    phone: ApiClient, headers: dict[str, str], status: int
) -> None:
    assert phone.put(path_of("daily_check_in"), body(), **headers).status_code == status
    assert phone.patch(path_of("exercise"), {"enabled": False}, **headers).status_code == status
    assert phone.put(PREFERENCES, preferences(), **headers).status_code == status


@pytest.mark.parametrize("who", ["other_patient", "therapist"])
def test_a_strangers_reminder_looks_like_a_missing_one(
    api: Api, phone: ApiClient, who: str, request: pytest.FixtureRequest
) -> None:
    path = path_of("exercise")
    client = api(request.getfixturevalue(who))
    expected = 403 if who == "therapist" else 404

    for answer in (
        client.get(path),
        client.put(path, body(), If_Match='"1"'),
        client.patch(path, {}, If_Match='"1"'),
        client.post(f"{path}/snooze", {"minutes": 10}),
    ):
        assert answer.status_code == expected
    assert api(None).get(path).status_code == 401
    assert api(None).post(TEST, {}).status_code == 401
    assert Reminder.objects.get(kind="exercise").version == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"times": []}, "/times"),
        ({"times": [{"at": "25:00"}]}, "/times/0/at"),
        ({"times": [{"at": "8:00"}]}, "/times/0/at"),
        ({"times": [{"at": "08:00"}, {"at": "08:00"}]}, "/times/1"),
        ({"times": [{"at": "08:00", "slot": "morning"}]}, "/times/0/slot"),
        ({"weekdays": []}, "/weekdays"),
        ({"weekdays": [7]}, "/weekdays/0"),
        ({"channels": ["pigeon"]}, "/channels/0"),
        ({"enabled": "yes"}, "/enabled"),
        ({"more": 1}, "/more"),
    ],
)
def test_a_bad_reminder_is_refused_by_field(
    phone: ApiClient, change: dict[str, Any], pointer: str
) -> None:
    answer = phone.put(path_of("daily_check_in"), body(**change), If_Match='"1"')

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_exercises_ring_at_the_slots_of_the_plan(phone: ApiClient) -> None:
    path = path_of("exercise")
    unnamed = phone.put(path, body(), If_Match='"1"')
    named = phone.put(path, body(times=[{"at": "07:45", "slot": "morning"}]), If_Match='"1"')

    assert unnamed.json()["errors"][0]["code"] == "unknown_slot"
    assert named.status_code == 200


def test_putting_off_holds_and_says_again(phone: ApiClient, run: Run) -> None:
    run.only("daily_check_in")
    run.to(run.wall(0, "19:31"))
    path = f"{path_of('daily_check_in')}/snooze"

    answers = [phone.post(path, {"minutes": 30}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["snoozed_until"] == "2026-05-04T06:30:00Z"


@pytest.mark.parametrize("minutes", [0, 4, 721, "10", None])
def test_a_bad_snooze_is_refused(phone: ApiClient, minutes: Any) -> None:
    answer = phone.post(f"{path_of('exercise')}/snooze", {"minutes": minutes})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/minutes"


def test_doors_ask_a_bounded_number_of_queries(phone: ApiClient, run: Run) -> None:
    run.to(run.wall(0, "23:00"))
    path = path_of("exercise")
    calls: list[tuple[Callable[[], Any], int]] = [
        (lambda: phone.get(LIST), 4),
        (lambda: phone.get(path), 4),
        (lambda: phone.patch(path, {"enabled": False}, If_Match='"1"'), 14),
        (lambda: phone.get(PREFERENCES), 4),
        (lambda: phone.put(PREFERENCES, preferences(), If_Match='"1"'), 14),
        (lambda: phone.post(f"{path}/snooze", {"minutes": 10}), 12),
        (lambda: phone.post(TEST, {}), 12),
    ]
    for call, most in calls:
        with CaptureQueriesContext(connection) as captured:
            assert call().status_code < 300
        assert len(captured) <= most, [query["sql"][:90] for query in captured]


def test_a_message_says_for_each_channel_why_it_was_said_or_not(phone: ApiClient, run: Run) -> None:
    run.only("daily_check_in")
    run.to(run.wall(0, "19:31"))

    (item,) = phone.get("me/notifications").json()["items"]

    assert (item["kind"], item["about"], item["level"]) == ("daily_check_in", "19:30", "none")
    assert item["title"] == "Your check-in for today"
    assert {one["channel"]: (one["decision"], one["reason"]) for one in item["deliveries"]} == {
        "in_app": ("send", "due"),
        "push": ("suppress", "no_endpoint"),
    }
