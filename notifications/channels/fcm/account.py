"""The service account that may send: its key signs a short assertion, which buys a token."""

import json
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import jwt
import requests

from notifications.channels import outgoing
from notifications.channels.contract import Unavailable

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LASTS = timedelta(hours=1)
# A token that is about to run out is not begun with.
SPARE = timedelta(minutes=5)


@dataclass(frozen=True)
class ServiceAccount:
    """What the credentials file of a Firebase project says."""

    project: str
    email: str
    key: str
    token_uri: str

    @classmethod
    def read(cls, path: str) -> "ServiceAccount":
        """From the JSON file at `path`; raises `Unavailable` when it is not one."""
        try:
            found = json.loads(Path(path).read_text(encoding="utf-8"))
            return cls(
                project=found["project_id"],
                email=found["client_email"],
                key=found["private_key"],
                token_uri=found["token_uri"],
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Unavailable(f"credentials: {type(error).__name__}") from None


class Tokens:
    """Access tokens, each used by all threads of a process until it is nearly over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[ServiceAccount, tuple[str, datetime]] = {}

    def token(self, account: ServiceAccount, now: datetime, *, but: str = "") -> str:
        """A token that holds at `now`, other than `but`, which was refused."""
        with self._lock:
            held, until = self._held.get(account, ("", now))
            if held and held != but and now < until - SPARE:
                return held
            token, lasts = _bought(account, now)
            self._held[account] = (token, now + lasts)
            return token


def _bought(account: ServiceAccount, now: datetime) -> tuple[str, timedelta]:
    claims = {
        "iss": account.email,
        "scope": SCOPE,
        "aud": account.token_uri,
        "iat": now,
        "exp": now + LASTS,
    }
    try:
        assertion = jwt.encode(claims, account.key, algorithm="RS256")
    except (ValueError, jwt.PyJWTError) as error:
        raise Unavailable(f"credentials: {type(error).__name__}") from None
    form = {"grant_type": GRANT, "assertion": assertion}
    return _read(outgoing.post(account.token_uri, headers={}, form=form), now)


def _read(response: requests.Response, now: datetime) -> tuple[str, timedelta]:
    # Whatever is wrong with our account is no fault of the device: it waits.
    if not response.ok:
        wait = outgoing.retry_after(response, now)
        raise Unavailable(f"token: HTTP {response.status_code}", retry_after=wait)
    try:
        found = response.json()
        return str(found["access_token"]), timedelta(seconds=int(found.get("expires_in", 3600)))
    except (ValueError, KeyError, TypeError) as error:
        raise Unavailable(f"token: {type(error).__name__}") from None
