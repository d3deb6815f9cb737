"""Whoever is written to is told: once, neutrally, by day, and not of what was read meanwhile."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from backend.accounts.models import Patient, User
from backend.accounts.services import end_care
from exercises.conversation.models import CareMessage
from notifications.models import Delivery, Message
from notifications.services import drain, relay_messages
from tests.client import ApiClient
from tests.notifications.rows import Recorder

Api = Callable[[User | Patient | None], ApiClient]
SECRET = "my knee is blue"


def write(client: ApiClient, base: str = "me/messages") -> str:
    message_id = str(uuid4())
    assert client.put(f"{base}/{message_id}", {"text": SECRET}).status_code == 201
    return message_id


def judged(now: datetime) -> dict[str, tuple[str, str]]:
    drain(now=now, channels={name: Recorder() for name in ("in_app", "email", "push")})
    rows = Delivery.objects.filter(message__kind="care_message")
    return {row.channel: (row.decision, row.reason) for row in rows}


def test_a_therapist_is_told_of_what_a_patient_wrote_and_not_what(
    api: Api, patient: Patient, therapist: User, now: datetime
) -> None:
    write(api(patient))
    assert judged(now)["in_app"] == ("send", "due")
    [item] = api(therapist).get("me/notifications").json()["items"]
    assert (item["kind"], item["title"]) == ("care_message", "A message from a patient")
    assert SECRET not in str(item)
    assert relay_messages(now=now) == 0
    assert Message.objects.filter(kind="care_message").count() == 1


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "A message from your care team"), ("de", "Eine Nachricht von Ihrem Behandlungsteam")],
)
def test_a_patient_is_told_in_her_language(
    api: Api, patient: Patient, therapist: User, now: datetime, language: str, title: str
) -> None:
    write(api(therapist), f"patients/{patient.pk}/messages")
    said = judged(now)
    assert said["in_app"] == ("send", "due")
    assert said["push"] == ("suppress", "no_endpoint")
    assert said["email"] == ("send", "due")
    [item] = api(patient).get("me/notifications", Accept_Language=language).json()["items"]
    assert item["title"] == title
    assert SECRET not in str(item)


def test_at_night_it_waits_for_the_morning(
    api: Api, patient: Patient, therapist: User, set_clock: Callable[[datetime], None]
) -> None:
    night = datetime(2026, 5, 4, 21, 30, tzinfo=UTC)
    set_clock(night)
    write(api(patient))
    assert judged(night)["in_app"] == ("hold", "quiet_hours")
    assert judged(datetime(2026, 5, 5, 6, 0, tzinfo=UTC))["in_app"] == ("send", "due")


def test_what_was_read_meanwhile_is_not_told(
    api: Api, patient: Patient, therapist: User, now: datetime
) -> None:
    written = write(api(patient))
    path = f"patients/{patient.pk}/messages/read"
    assert api(therapist).post(path, {"up_to": written}).json() == {"read": 1}
    assert judged(now)["in_app"] == ("suppress", "already_read")


def test_whoever_no_longer_cares_for_the_patient_is_not_told(
    api: Api, patient: Patient, therapist: User, now: datetime
) -> None:
    write(api(patient))
    relay_messages(now=now)
    care: Any = patient.care.get()
    end_care(care=care, by=None, now=now)
    assert judged(now)["in_app"] == ("suppress", "care_ended")
    assert CareMessage.objects.get().relayed_at == now
