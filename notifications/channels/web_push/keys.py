"""The keys of a browser's subscription, as browsers write them: base64url without padding."""

import base64
import binascii

from cryptography.hazmat.primitives.asymmetric import ec

AUTH_BYTES = 16


def decoded(text: str) -> bytes:
    """The bytes; raises `ValueError`."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def is_public_key(text: str) -> bool:
    """Whether `text` is a point of P-256, which is what p256dh must be."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(text))
    except ValueError:
        return False
    return True


def is_auth_secret(text: str) -> bool:
    """Whether `text` is 16 bytes, which is what auth must be."""
    try:
        return len(decoded(text)) == AUTH_BYTES
    except ValueError:
        return False
