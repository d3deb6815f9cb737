"""Tells a clinic's own system that something needs a look; it asks the API what."""

import json

from notifications.channels import outgoing
from notifications.channels.contract import Envelope, Refused
from notifications.channels.webhook.signing import signature


class ClinicWebhook:
    """Posts ids to one URL, at least once; `webhook-id` is the same each time. `keys` hold the
    secret."""

    def send(self, envelope: Envelope) -> None:
        """Raises `AddressGone` when the other side says 404 or 410, `Refused` or `Unavailable`."""
        secret = envelope.keys.get("secret", "")
        if not secret:
            raise Refused("no secret")
        body = body_of(envelope)
        message_id, timestamp = str(envelope.delivery), int(envelope.at.timestamp())
        response = outgoing.post(
            envelope.address,
            headers={
                "Content-Type": "application/json",
                "User-Agent": "Stepwise",
                "webhook-id": message_id,
                "webhook-timestamp": str(timestamp),
                "webhook-signature": signature(secret, message_id, timestamp, body),
            },
            data=body,
        )
        failure = outgoing.failure_of(response, envelope.at)
        if failure is not None:
            raise failure


def body_of(envelope: Envelope) -> bytes:
    """The body: what happened, when it was told, and the ids to ask for."""
    content = {
        "type": envelope.kind.replace("_", ".", 1),
        "timestamp": envelope.at.isoformat(),
        "data": {"message": str(envelope.message), **envelope.about},
    }
    return json.dumps(content).encode()
