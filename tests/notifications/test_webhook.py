import base64
import hashlib
import hmac
import json
import socket
from typing import Any

import pytest

from notifications.channels import AddressGone, Refused, Unavailable, outgoing
from notifications.channels.webhook import ClinicWebhook, new_secret
from tests.notifications.envelopes import DELIVERY, MESSAGE, NOW, envelope
from tests.notifications.gateways import Answer, Gateway

SECRET = new_secret()
IDS = {"alert": "a-1", "patient": "p-1", "clinic": "c-1"}


def to(url: str, **fields: Any) -> Any:
    return envelope(
        audience="clinic", kind="alert_raised", address=url, keys={"secret": SECRET}, about=IDS
    )


def test_a_webhook_says_ids_and_is_signed(gateway: Gateway) -> None:
    ClinicWebhook().send(to(f"{gateway.url}/hook"))

    (call,) = gateway.calls
    assert call.json == {
        "type": "alert.raised",
        "timestamp": NOW.isoformat(),
        "data": {"message": str(MESSAGE), **IDS},
    }
    stamp = str(int(NOW.timestamp()))
    assert call.headers["webhook-id"] == str(DELIVERY)
    assert call.headers["webhook-timestamp"] == stamp
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = hmac.new(key, f"{DELIVERY}.{stamp}.".encode() + call.body, hashlib.sha256)
    expected = "v1," + base64.b64encode(signed.digest()).decode()
    assert call.headers["webhook-signature"] == expected


@pytest.mark.parametrize(
    ("status", "failure"),
    [(410, AddressGone), (400, Refused), (301, Refused), (429, Unavailable), (500, Unavailable)],
)
def test_a_refusal_is_told_from_a_delay(gateway: Gateway, status: int, failure: type) -> None:
    gateway.say("/hook", Answer(status, headers={"Location": f"{gateway.url}/other"}))

    with pytest.raises(failure):
        ClinicWebhook().send(to(f"{gateway.url}/hook"))
    assert len(gateway.calls) == 1


def test_a_webhook_without_a_secret_is_not_sent(gateway: Gateway) -> None:
    with pytest.raises(Refused):
        ClinicWebhook().send(envelope(address=gateway.url))
    assert gateway.calls == []


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/",
        "https://user:password@hooks.example.org/",
        "ftp://hooks.example.org/",
        "https:///nowhere",
        "file:///etc/passwd",
    ],
)
def test_in_production_only_plain_https_addresses_are_used(settings: Any, url: str) -> None:
    settings.PRODUCTION = True

    with pytest.raises(outgoing.ForbiddenAddress):
        outgoing.post(url, headers={}, data=b"{}")


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.1.2.3", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::a00:1", False),
        ("93.184.216.34", True),
        ("2606:4700::1111", True),
        ("64:ff9b::5db8:d822", True),
    ],
)
def test_private_addresses_are_known_in_every_spelling(address: str, is_public: bool) -> None:
    assert outgoing.is_public(address) is is_public


@pytest.mark.parametrize("answers", [["10.0.0.1"], ["93.184.216.34", "127.0.0.1"]])
def test_a_name_that_leads_into_our_own_network_is_refused(
    settings: Any, monkeypatch: pytest.MonkeyPatch, answers: list[str]
) -> None:
    settings.PRODUCTION = True
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in answers]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: entries)

    with pytest.raises(outgoing.ForbiddenAddress):
        outgoing.post("https://hooks.example.org/", headers={}, data=b"{}")


def test_the_connection_goes_to_the_address_that_was_checked(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(gateway.url.rpartition(":")[2])
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: str, *rest: Any, **more: Any) -> Any:
        asked.append(host)
        return real("127.0.0.1" if host == "hooks.example.org" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    outgoing.post(f"http://hooks.example.org:{port}/hook", headers={}, data=b"{}")

    # The name is looked up once; what is connected to is the address that this gave.
    assert asked.count("hooks.example.org") == 1
    (call,) = gateway.calls
    assert call.headers["host"] == f"hooks.example.org:{port}"
    assert json.loads(call.body) == {}
