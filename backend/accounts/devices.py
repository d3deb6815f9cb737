"""Devices on which somebody has signed in before.

After each sign-in a device gets a signed token: a browser as a cookie, the app as a header. Whoever
shows one for an account has an allowance of attempts of her own, which no stranger can use up. It
opens nothing: the password and the second factor are asked for as before.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

HEADER = "X-Device-Token"
COOKIE = "stepwise_device"
KEPT = timedelta(days=365)
# A browser at the front desk serves several people; each has an address and a second factor.
MOST_ACCOUNTS = 20
_SALT = "backend.accounts.devices"


@dataclass(frozen=True, slots=True)
class Device:
    """`id` is random; `accounts` are digests of those who signed in there, the latest last."""

    id: str
    accounts: tuple[str, ...] = ()

    def knows(self, account: str) -> bool:
        """Whether `account` has signed in on this device."""
        return _digest(account) in self.accounts


def device_of(request: HttpRequest) -> Device | None:
    """The device that `request` proves to come from, None for one that nobody signed in on."""
    token = request.headers.get(HEADER) or request.COOKIES.get(COOKIE)
    if not token:
        return None
    try:
        found = signing.loads(token, salt=_SALT, max_age=KEPT)
        return Device(found["d"], tuple(found["a"]))
    except (signing.BadSignature, KeyError, TypeError):
        return None


def remember(request: HttpRequest, *accounts: str) -> None:
    """Notes that `accounts` signed in on this device; `send_token` tells the device."""
    device = device_of(request) or Device(secrets.token_urlsafe(12))
    digests = tuple(_digest(account) for account in accounts)
    kept = tuple(known for known in device.accounts if known not in digests)
    known = (*kept, *digests)[-MOST_ACCOUNTS:]
    token = signing.dumps({"d": device.id, "a": known}, salt=_SALT, compress=True)
    request.device_token = token  # type: ignore[attr-defined]  # our own: `send_token` reads it


def send_token(request: HttpRequest, response: HttpResponseBase) -> None:
    """Adds the device's new token to the answer, where a sign-in made one."""
    token = getattr(request, "device_token", None)
    if token is None:
        return
    if request.path.startswith("/api/"):
        response[HEADER] = token
        return
    response.set_cookie(
        COOKIE,
        token,
        max_age=KEPT,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _digest(account: str) -> str:
    return salted_hmac(_SALT, account.lower(), algorithm="sha256").hexdigest()[:16]
