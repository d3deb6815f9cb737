import json
from datetime import timedelta
from typing import Any

import http_ece
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from exercises.triage.levels import Level
from notifications.channels import AddressGone, Envelope, Refused, Unavailable
from notifications.channels.web_push import WebPush, vapid
from notifications.channels.web_push.keys import decoded
from tests.notifications.conftest import Browser
from tests.notifications.envelopes import MESSAGE, NOW, envelope
from tests.notifications.gateways import Answer, Gateway

PATH = "/subscription/1"


def to(gateway: Gateway, browser: Browser, **fields: Any) -> Envelope:
    return envelope(address=gateway.url + PATH, keys=browser.keys, **fields)


def test_only_the_browser_can_read_it(gateway: Gateway, browser: Browser) -> None:
    WebPush().send(to(gateway, browser))

    (call,) = gateway.calls
    assert b"Stepwise" not in call.body
    assert call.headers["content-encoding"] == "aes128gcm"
    opened = http_ece.decrypt(
        call.body, private_key=browser.private, auth_secret=browser.secret, version="aes128gcm"
    )
    assert json.loads(opened) == {
        "title": "Stepwise",
        "body": "You have a new message in Stepwise",
        "message": str(MESSAGE),
        "tag": str(MESSAGE),
    }


def test_the_push_service_is_told_who_sends_and_what_to_replace(
    gateway: Gateway, browser: Browser, settings: Any
) -> None:
    settings.VAPID_CONTACT = "mailto:ops@clinic.example"
    WebPush().send(to(gateway, browser, keep=timedelta(minutes=5)))
    WebPush().send(to(gateway, browser, level=Level.ROUTINE))

    first, second = gateway.calls
    token, _, key = first.headers["authorization"].removeprefix("vapid t=").partition(",k=")
    assert key == vapid.public_key()
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(key))
    claims = jwt.decode(
        token, public, algorithms=["ES256"], audience=gateway.url, options={"verify_exp": False}
    )
    assert claims["sub"] == "mailto:ops@clinic.example"
    assert NOW.timestamp() < claims["exp"] <= NOW.timestamp() + 24 * 3600
    assert first.headers["topic"] == MESSAGE.hex
    assert len(first.headers["topic"]) <= 32
    assert (first.headers["ttl"], first.headers["urgency"]) == ("300", "high")
    assert (second.headers["ttl"], second.headers["urgency"]) == ("86400", "normal")


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (404, AddressGone),
        (410, AddressGone),
        (400, Refused),
        (413, Refused),
        (429, Unavailable),
        (503, Unavailable),
    ],
)
def test_a_refusal_is_told_from_a_delay(
    gateway: Gateway, browser: Browser, status: int, failure: type
) -> None:
    gateway.say(PATH, Answer(status, headers={"Retry-After": "7"}))

    with pytest.raises(failure) as caught:
        WebPush().send(to(gateway, browser))
    assert isinstance(caught.value, AddressGone) == (status in (404, 410))
    if failure is Unavailable:
        assert caught.value.retry_after == timedelta(seconds=7)


def test_keys_that_are_none_end_the_subscription(gateway: Gateway, browser: Browser) -> None:
    broken = envelope(address=gateway.url + PATH, keys={"p256dh": "AAAA", "auth": "AAAA"})

    with pytest.raises(AddressGone):
        WebPush().send(broken)
    assert gateway.calls == []


def test_the_key_is_made_once_and_kept(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR, settings.VAPID_PRIVATE_KEY = tmp_path, ""

    first = vapid.public_key()

    assert vapid.public_key() == first
    assert (tmp_path / vapid.FILE).stat().st_mode & 0o777 == 0o600
    settings.VAPID_PRIVATE_KEY = (tmp_path / vapid.FILE).read_text("ascii")
    assert vapid.public_key() == first


def test_in_production_the_key_comes_from_the_environment(
    settings: Any, gateway: Gateway, browser: Browser
) -> None:
    settings.PRODUCTION, settings.VAPID_PRIVATE_KEY = True, ""

    with pytest.raises(Refused):
        WebPush().send(to(gateway, browser))
    assert gateway.calls == []
