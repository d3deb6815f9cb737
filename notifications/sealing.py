"""Addresses and secrets of endpoints at rest: encrypted, and compared by a keyed hash."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes


def seal(content: Mapping[str, str]) -> str:
    """`content` encrypted with a key that follows from SECRET_KEY."""
    return _box().encrypt(json.dumps(dict(content)).encode()).decode()


def unseal(sealed: str) -> dict[str, str]:
    """What `seal` was given, under the present key or one of SECRET_KEY_FALLBACKS.

    Raises `cryptography.fernet.InvalidToken` when none of them fits.
    """
    content: dict[str, str] = json.loads(_box().decrypt(sealed.encode()))
    return content


def fingerprint(kind: str, address: str) -> str:
    """The same for the same address, and of no use to whoever reads it in the database."""
    key = _derived(settings.SECRET_KEY, b"stepwise endpoint fingerprint")
    return hmac.new(key, f"{kind}:{address}".encode(), hashlib.sha256).hexdigest()


def _box() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(secret, b"stepwise endpoints")) for secret in secrets])


@lru_cache(maxsize=16)
def _derived(secret: str | bytes, purpose: bytes) -> bytes:
    kdf = HKDF(SHA256(), length=32, salt=None, info=purpose)
    return base64.urlsafe_b64encode(kdf.derive(force_bytes(secret)))
