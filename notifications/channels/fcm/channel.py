"""FCM HTTP v1: one POST for each device, with a text that says nothing."""

import json
from typing import Any

import requests
from django.conf import settings

from exercises.triage.levels import Level
from notifications.channels import outgoing
from notifications.channels.contract import AddressGone, Envelope, Refused, Unavailable
from notifications.channels.fcm.account import ServiceAccount, Tokens
from notifications.wording import wording


class Fcm:
    """Sends to one device token. The message's id is the collapse id on Android and iOS."""

    def __init__(self) -> None:
        self._tokens = Tokens()

    def send(self, envelope: Envelope) -> None:
        """Raises `AddressGone` for a token that is none any more, `Refused` for what FCM will not
        take, `Unavailable` otherwise."""
        if not settings.FCM_CREDENTIALS:
            raise Refused("FCM is not configured")
        account = ServiceAccount.read(settings.FCM_CREDENTIALS)
        token = self._tokens.token(account, envelope.at)
        response = _post(account, token, envelope)
        if response.status_code == 401:
            token = self._tokens.token(account, envelope.at, but=token)
            response = _post(account, token, envelope)
        failure = _failure(response, envelope)
        if failure is not None:
            raise failure


def message_for(envelope: Envelope) -> dict[str, Any]:
    """What FCM gets: the device, a neutral text, and the message's id."""
    text = wording().push_for(envelope.language)
    message = str(envelope.message)
    seconds = max(int(envelope.keep.total_seconds()), 0)
    at_once = envelope.level >= Level.URGENT_SAME_DAY
    return {
        "token": envelope.address,
        "notification": {"title": text.title, "body": text.body},
        "data": {"message": message},
        "android": {
            "collapse_key": message,
            "priority": "HIGH" if at_once else "NORMAL",
            "ttl": f"{seconds}s",
            "notification": {"tag": message},
        },
        "apns": {
            "headers": {
                "apns-collapse-id": message,
                "apns-priority": "10" if at_once else "5",
                "apns-expiration": str(int(envelope.at.timestamp()) + seconds),
            }
        },
    }


def _post(account: ServiceAccount, token: str, envelope: Envelope) -> requests.Response:
    return outgoing.post(
        f"{settings.FCM_URL}/v1/projects/{account.project}/messages:send",
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        data=json.dumps({"message": message_for(envelope)}).encode(),
    )


def _failure(response: requests.Response, envelope: Envelope) -> Exception | None:
    status = response.status_code
    if status == 404 or (status == 400 and _blames_the_token(response)):
        return AddressGone(f"HTTP {status}")
    # 401 and 403 are about our account, not about the device; the operator mends them.
    if status in (401, 403):
        return Unavailable(f"HTTP {status}")
    return outgoing.failure_of(response, envelope.at)


def _blames_the_token(response: requests.Response) -> bool:
    # INVALID_ARGUMENT is said of a malformed token, but of a malformed message as well.
    error = _error(response)
    details = error.get("details")
    entries = [one for one in details if isinstance(one, dict)] if isinstance(details, list) else []
    codes = {one.get("errorCode") for one in entries}
    violations = [one.get("fieldViolations") for one in entries]
    fields = {
        one.get("field")
        for several in violations
        if isinstance(several, list)
        for one in several
        if isinstance(one, dict)
    }
    if "UNREGISTERED" in codes:
        return True
    about_token = "message.token" in fields or "registration token" in str(error.get("message"))
    return about_token and (
        error.get("status") == "INVALID_ARGUMENT" or "INVALID_ARGUMENT" in codes
    )


def _error(response: requests.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    error = found.get("error") if isinstance(found, dict) else None
    return error if isinstance(error, dict) else {}
