"""Channels that remember, servers of push services, and a browser with its keys."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from notifications.channels import outgoing
from tests.notifications.gateways import FcmGateway, Gateway, credentials, serving
from tests.notifications.rows import Recorder


@pytest.fixture
def channels() -> dict[str, Recorder]:
    """Both channels that everybody has, remembering instead of sending."""
    return {"in_app": Recorder(), "email": Recorder()}


@pytest.fixture(autouse=True)
def _fresh_connections() -> Iterator[None]:
    """No connection outlives the server of its test."""
    yield
    session = getattr(outgoing._local, "session", None)
    if session is not None:
        session.close()
        del outgoing._local.session


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A server that takes whatever is posted."""
    with serving() as found:
        yield found


class Google(FcmGateway):
    """FCM with the key that checks who asks for tokens."""

    key: rsa.RSAPublicKey


@pytest.fixture(scope="session")
def _account(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, rsa.RSAPublicKey]:
    return credentials(tmp_path_factory.mktemp("fcm"), "http://127.0.0.1:9")


@pytest.fixture
def google(settings: Any, tmp_path: Path, _account: tuple[Path, rsa.RSAPublicKey]) -> Iterator[Any]:
    """A running FCM, and the settings that point at it."""
    file, key = _account
    with serving(Google) as found:
        mine = tmp_path / "credentials.json"
        mine.write_text(file.read_text("utf-8").replace("http://127.0.0.1:9", found.url), "utf-8")
        settings.FCM_CREDENTIALS, settings.FCM_URL = str(mine), found.url
        found.key = key
        yield found


class Browser:
    """A subscription: its keys, and how it reads what it was sent."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.secret = b"0123456789abcdef"

    @property
    def keys(self) -> dict[str, str]:
        """What it hands out."""
        point = self.private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        encoded = (base64.urlsafe_b64encode(part).rstrip(b"=") for part in (point, self.secret))
        return dict(zip(("p256dh", "auth"), (text.decode() for text in encoded), strict=True))


@pytest.fixture
def browser() -> Browser:
    return Browser()
