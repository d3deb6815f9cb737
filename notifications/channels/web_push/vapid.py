"""The key that identifies this server to push services (RFC 8292)."""

import base64
import contextlib
import os
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from py_vapid import Vapid02

FILE = "vapid_private_key.pem"


class NotConfigured(Exception):
    """In production the key comes from STEPWISE_VAPID_PRIVATE_KEY; there is none."""


def public_key() -> str:
    """The key that a browser subscribes with: an uncompressed point in base64url.

    Raises `NotConfigured`.
    """
    key = _vapid(_private_key()).public_key
    point = key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def authorization(endpoint: str, expires_at: int) -> dict[str, str]:
    """The header that says who sends to `endpoint`, until `expires_at` (Unix seconds).

    Raises `NotConfigured`.
    """
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": expires_at,
        "sub": settings.VAPID_CONTACT,
    }
    signed: dict[str, str] = _vapid(_private_key()).sign(claims)
    return signed


def _private_key() -> str:
    if settings.VAPID_PRIVATE_KEY:
        return str(settings.VAPID_PRIVATE_KEY)
    if settings.PRODUCTION:
        raise NotConfigured
    return _kept_key(Path(settings.DATA_DIR) / FILE)


@lru_cache(maxsize=4)
def _vapid(private_key: str) -> Vapid02:
    text = private_key.encode()
    vapid: Vapid02 = Vapid02.from_pem(text) if b"BEGIN" in text else Vapid02.from_raw(text)
    return vapid


def _kept_key(path: Path) -> str:
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(_new_key())
        # A link appears whole or not at all, so two processes starting together agree on one key.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii")


def _new_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
