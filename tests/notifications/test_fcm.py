import time
from datetime import timedelta
from typing import Any

import jwt
import pytest

from exercises.triage.levels import Level
from notifications.channels import AddressGone, Refused, Unavailable, outgoing
from notifications.channels.fcm import Fcm
from tests.notifications.envelopes import MESSAGE, NOW, envelope
from tests.notifications.gateways import Answer

SEND = "/v1/projects/clinic/messages:send"


def error(code: str, status: str = "INVALID_ARGUMENT", **more: Any) -> dict[str, Any]:
    kind = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
    return {
        "error": {"status": status, "details": [{"@type": kind, "errorCode": code}], **more},
    }


def test_a_push_says_only_that_there_is_a_message(google: Any) -> None:
    Fcm().send(envelope())

    (message,) = google.messages()
    assert message == {
        "token": "device-1",
        "notification": {"title": "Stepwise", "body": "You have a new message in Stepwise"},
        "data": {"message": str(MESSAGE)},
        "android": {
            "collapse_key": str(MESSAGE),
            "priority": "HIGH",
            "ttl": "86400s",
            "notification": {"tag": str(MESSAGE)},
        },
        "apns": {
            "headers": {
                "apns-collapse-id": str(MESSAGE),
                "apns-priority": "10",
                "apns-expiration": str(int(NOW.timestamp()) + 86400),
            }
        },
    }


def test_what_can_wait_does_not_wake_the_device(google: Any) -> None:
    Fcm().send(envelope(level=Level.PROMPT_DAYS, language="de-AT"))

    (message,) = google.messages()
    assert message["android"]["priority"] == "NORMAL"
    assert message["apns"]["headers"]["apns-priority"] == "5"
    assert message["notification"]["body"] == "Sie haben eine neue Nachricht in Stepwise"


def test_the_token_is_bought_with_a_signed_assertion_and_used_again(google: Any) -> None:
    fcm = Fcm()
    fcm.send(envelope())
    fcm.send(envelope(at=NOW + timedelta(minutes=54)))

    (asked,) = google.to("/token")
    assertion = asked.body.decode().partition("assertion=")[2].partition("&")[0]
    claims = jwt.decode(
        assertion,
        google.key,
        algorithms=["RS256"],
        audience=f"{google.url}/token",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims["iss"] == "sender@clinic.example"
    assert {call.headers["authorization"] for call in google.to(SEND)} == {"Bearer token-1"}


def test_a_token_that_is_nearly_over_is_not_begun_with(google: Any) -> None:
    fcm = Fcm()
    fcm.send(envelope())
    fcm.send(envelope(at=NOW + timedelta(minutes=56)))

    assert [call.headers["authorization"] for call in google.to(SEND)] == [
        "Bearer token-1",
        "Bearer token-2",
    ]


def test_a_refused_token_is_renewed_once(google: Any) -> None:
    fcm = Fcm()
    fcm.send(envelope())
    google.say(SEND, Answer(401), Answer(200))
    fcm.send(envelope())
    assert google.tokens == 2

    google.say(SEND, Answer(401))
    with pytest.raises(Unavailable):
        fcm.send(envelope())
    assert google.tokens == 3


@pytest.mark.parametrize(
    "answer",
    [
        Answer(404, error("UNREGISTERED", "NOT_FOUND")),
        Answer(404),
        Answer(400, error("UNREGISTERED")),
        Answer(
            400,
            error(
                "INVALID_ARGUMENT",
                message="The registration token is not a valid FCM registration token",
            ),
        ),
        Answer(
            400,
            {
                "error": {
                    "status": "INVALID_ARGUMENT",
                    "details": [{"fieldViolations": [{"field": "message.token"}]}],
                }
            },
        ),
    ],
)
def test_a_device_that_is_no_more_is_told_from_a_failure(google: Any, answer: Answer) -> None:
    google.say(SEND, answer)

    with pytest.raises(AddressGone):
        Fcm().send(envelope())


@pytest.mark.parametrize(
    "answer",
    [
        Answer(400, error("INVALID_ARGUMENT", message="Invalid JSON payload")),
        Answer(400, ["nonsense"]),
        Answer(400),
        Answer(413),
        Answer(302, headers={"Location": "http://127.0.0.1:9/"}),
    ],
)
def test_what_will_never_be_taken_is_not_tried_again(google: Any, answer: Answer) -> None:
    google.say(SEND, answer)

    with pytest.raises(Refused) as caught:
        Fcm().send(envelope())
    assert not isinstance(caught.value, AddressGone)


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ({"Retry-After": "120"}, timedelta(minutes=2)),
        ({"Retry-After": "Mon, 04 May 2026 08:10:00 GMT"}, timedelta(minutes=10)),
        ({"Retry-After": "Mon, 04 May 2026 07:00:00 GMT"}, timedelta(0)),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_a_server_that_asks_for_patience_is_understood(
    google: Any, status: int, header: dict[str, str], wait: timedelta | None
) -> None:
    google.say(SEND, Answer(status, headers=header))

    with pytest.raises(Unavailable) as caught:
        Fcm().send(envelope())
    assert caught.value.retry_after == wait


def test_a_server_that_hangs_is_given_up_in_time(
    google: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "READ_SECONDS", 0.2)
    google.say(SEND, Answer(200, hangs=20))
    began = time.monotonic()

    with pytest.raises(Unavailable):
        Fcm().send(envelope())
    assert time.monotonic() - began < 9


def test_a_channel_has_less_time_than_the_lease_leaves() -> None:
    assert outgoing.CONNECT_SECONDS + outgoing.READ_SECONDS < 10


def test_a_server_that_is_not_there_is_tried_again(settings: Any, google: Any) -> None:
    settings.FCM_URL = "http://127.0.0.1:9"

    with pytest.raises(Unavailable):
        Fcm().send(envelope())


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"project_id": "x"}'])
def test_credentials_that_cannot_be_read_are_no_fault_of_the_device(
    settings: Any, tmp_path: Any, content: str
) -> None:
    file = tmp_path / "credentials.json"
    file.write_text(content, "utf-8")
    settings.FCM_CREDENTIALS = str(file)

    with pytest.raises(Unavailable):
        Fcm().send(envelope())


def test_a_token_that_is_not_sold_is_no_fault_of_the_device(google: Any) -> None:
    google.say("/token", Answer(400, {"error": "invalid_grant"}))

    with pytest.raises(Unavailable):
        Fcm().send(envelope())
