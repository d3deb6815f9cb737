"""Web Push: the payload is encrypted for the browser alone; the push service sees ids only."""

import json

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec

from exercises.triage.levels import Level
from notifications.channels import outgoing
from notifications.channels.contract import AddressGone, Envelope, Refused
from notifications.channels.web_push import vapid
from notifications.channels.web_push.keys import decoded
from notifications.wording import wording

# Push services take a signature for at most 24 hours (RFC 8292, section 2).
SIGNED_FOR_S = 12 * 3600


class WebPush:
    """Sends to one subscription: `address` is its URL, `keys` hold p256dh and auth."""

    def send(self, envelope: Envelope) -> None:
        """Raises `AddressGone` for a subscription that has ended, `Refused` or `Unavailable`."""
        expires_at = int(envelope.at.timestamp()) + SIGNED_FOR_S
        try:
            headers = vapid.authorization(envelope.address, expires_at)
        except vapid.NotConfigured:
            raise Refused("Web Push is not configured") from None
        response = outgoing.post(
            envelope.address, headers=headers | _headers(envelope), data=_sealed(envelope)
        )
        failure = outgoing.failure_of(response, envelope.at)
        if failure is not None:
            raise failure


def payload_for(envelope: Envelope) -> dict[str, str]:
    """What the browser's worker shows; `tag` makes a repeat replace the first."""
    text = wording().push_for(envelope.language)
    message = str(envelope.message)
    return {"title": text.title, "body": text.body, "message": message, "tag": message}


def _headers(envelope: Envelope) -> dict[str, str]:
    at_once = envelope.level >= Level.URGENT_SAME_DAY
    return {
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(max(int(envelope.keep.total_seconds()), 0)),
        # A topic has at most 32 characters of base64url, which is a UUID without its dashes.
        "Topic": envelope.message.hex,
        "Urgency": "high" if at_once else "normal",
    }


def _sealed(envelope: Envelope) -> bytes:
    ours = ec.generate_private_key(ec.SECP256R1())
    try:
        sealed: bytes = http_ece.encrypt(
            json.dumps(payload_for(envelope)).encode(),
            private_key=ours,
            dh=decoded(envelope.keys["p256dh"]),
            auth_secret=decoded(envelope.keys["auth"]),
            version="aes128gcm",
        )
    except (http_ece.ECEException, ValueError, KeyError):
        raise AddressGone("unusable keys") from None
    return sealed
