from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import CareRelationship, Patient, User
from exercises.triage.levels import Level
from notifications.models import Message
from notifications.services import drain
from tests.client import ApiClient
from tests.notifications.rows import Recorder, make_alert

pytestmark = pytest.mark.django_db
Api = Callable[[User | Patient | None], ApiClient]
Channels = dict[str, Recorder]
LIST = "me/notifications"


@pytest.fixture
def message(patient: Patient, therapist: User, now: datetime, channels: Channels) -> Message:
    """The patient's message of an emergency; her therapist has one as well."""
    make_alert(patient=patient, level=Level.EMERGENCY_NOW, at=now)
    drain(now=now, channels=channels)
    return Message.objects.get(audience="patient", step=0)


def test_a_patient_reads_what_she_was_told_and_why(
    api: Api, patient: Patient, message: Message, now: datetime
) -> None:
    answer = api(patient).get(LIST)

    assert answer.status_code == 200
    (item,) = answer.json()["items"]
    assert item["id"] == str(message.pk)
    assert (item["kind"], item["level"], item["rule"]) == (
        "alert",
        "emergency_now",
        "RF-CES-BLADDER",
    )
    assert item["title"]
    assert item["body"]
    assert "patient" not in item
    assert "read_at" not in item
    assert {d["channel"] for d in item["deliveries"]} == {"in_app", "push", "email"}
    assert {(d["channel"], d["decision"], d["reason"]) for d in item["deliveries"]} == {
        ("in_app", "send", "at_any_hour"),
        ("push", "suppress", "no_endpoint"),
        ("email", "send", "at_any_hour"),
    }
    assert all(len(d["log"]) == 1 for d in item["deliveries"])
    assert answer.json()["next_cursor"] is None


def test_a_therapist_reads_whom_it_is_about(
    api: Api, patient: Patient, therapist: User, message: Message
) -> None:
    (item,) = api(therapist).get(LIST).json()["items"]

    assert item["patient"] == str(patient.pk)
    assert item["id"] != str(message.pk)


def test_a_therapist_reads_nothing_more_once_her_care_has_ended(
    api: Api, therapist: User, message: Message, now: datetime
) -> None:
    CareRelationship.objects.update(ended_at=now)

    assert api(therapist).get(LIST).json()["items"] == []


def test_a_message_that_waits_undecided_is_not_listed(
    api: Api, patient: Patient, message: Message
) -> None:
    assert Message.objects.filter(audience="patient").count() == 2

    assert len(api(patient).get(LIST).json()["items"]) == 1


def test_a_held_message_is_listed_with_the_reason(
    api: Api, patient: Patient, now: datetime, channels: Channels
) -> None:
    make_alert(patient=patient, level=Level.PROMPT_DAYS, at=now + timedelta(hours=14))
    drain(now=now + timedelta(hours=14), channels=channels)

    (item,) = api(patient).get(LIST).json()["items"]

    reasons = {d["channel"]: (d["decision"], d["reason"]) for d in item["deliveries"]}
    assert reasons["in_app"] == reasons["email"] == ("hold", "quiet_hours")


def test_pages_follow_each_other_newest_first(
    api: Api, patient: Patient, now: datetime, channels: Channels
) -> None:
    for minutes in range(5):
        at = now + timedelta(minutes=minutes)
        make_alert(patient=patient, level=Level.ROUTINE, at=at)
        drain(now=at, channels=channels)
    client, seen, cursor = api(patient), [], ""

    while cursor is not None:
        page = client.get(f"{LIST}?limit=2&cursor={cursor}").json()
        seen += [item["created_at"] for item in page["items"]]
        cursor = page["next_cursor"]

    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=forged"])
def test_a_bad_page_is_refused(api: Api, patient: Patient, query: str) -> None:
    answer = api(patient).get(f"{LIST}?{query}")

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_one_message_can_be_read(api: Api, patient: Patient, message: Message) -> None:
    answer = api(patient).get(f"{LIST}/{message.pk}")

    assert answer.status_code == 200
    assert answer.json() == api(patient).get(LIST).json()["items"][0]


@pytest.mark.parametrize("who", ["other_patient", "stranger", "therapist"])
def test_another_persons_message_looks_like_a_missing_one(
    api: Api, message: Message, who: str, request: pytest.FixtureRequest
) -> None:
    client = api(request.getfixturevalue(who))

    found, missing = client.get(f"{LIST}/{message.pk}"), client.get(f"{LIST}/{uuid4()}")
    told = client.post(f"{LIST}/{message.pk}/events", {"event": "opened"})

    assert found.status_code == missing.status_code == told.status_code == 404
    assert found.json()["detail"] == missing.json()["detail"]
    message.refresh_from_db()
    assert message.read_at is None


@pytest.mark.parametrize("path", [LIST, f"{LIST}/0192d3a4-0000-7000-8000-000000000001"])
def test_without_a_credential_nothing_is_read(api: Api, path: str) -> None:
    assert api(None).get(path).status_code == 401


@pytest.mark.parametrize("event", ["opened", "dismissed"])
def test_opening_marks_a_message_read_once(
    api: Api,
    patient: Patient,
    message: Message,
    now: datetime,
    set_clock: Callable[[datetime], None],
    event: str,
) -> None:
    client = api(patient)
    first = client.post(f"{LIST}/{message.pk}/events", {"event": event})
    set_clock(now + timedelta(minutes=5))
    again = client.post(f"{LIST}/{message.pk}/events", {"event": event})

    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    message.refresh_from_db()
    assert message.read_at == message.received_at == now


def test_a_receipt_is_not_a_reading(
    api: Api, patient: Patient, message: Message, now: datetime
) -> None:
    at = now - timedelta(seconds=5)
    body = {"event": "delivered", "occurred_at": at.isoformat()}

    assert api(patient).post(f"{LIST}/{message.pk}/events", body).status_code == 200

    message.refresh_from_db()
    assert (message.received_at, message.read_at) == (at, None)


def test_an_instant_in_the_future_counts_as_now(
    api: Api, patient: Patient, message: Message, now: datetime
) -> None:
    body = {"event": "opened", "occurred_at": (now + timedelta(days=1)).isoformat()}

    api(patient).post(f"{LIST}/{message.pk}/events", body)

    message.refresh_from_db()
    assert message.read_at == now


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/event"),
        ({"event": "burnt"}, "/event"),
        ({"event": "opened", "more": 1}, "/more"),
        ({"event": "opened", "occurred_at": "2026-05-04T08:00:00"}, "/occurred_at"),
    ],
)
def test_a_bad_receipt_is_refused_by_field(
    api: Api, patient: Patient, message: Message, body: dict[str, Any], pointer: str
) -> None:
    answer = api(patient).post(f"{LIST}/{message.pk}/events", body)

    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_a_long_inbox_costs_no_more_queries_than_a_short_one(
    api: Api, patient: Patient, message: Message, now: datetime, channels: Channels
) -> None:
    client = api(patient)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(LIST)
        return len(captured)

    few = queries()
    for _ in range(10):
        make_alert(patient=patient, level=Level.ROUTINE, at=now)
    drain(now=now, channels=channels)

    assert queries() == few
    assert few <= 8
