"""The signed link that switches ordinary mails off (RFC 8058); it needs no sign-in."""

from uuid import UUID

from django.conf import settings
from django.core import signing

SALT = "notifications.unsubscribe"


def unsubscribe_url(recipient: UUID) -> str:
    """The link in a mail to `recipient`; it works for as long as the key does."""
    token = signing.dumps(str(recipient), salt=SALT)
    return f"{settings.PUBLIC_URL}/mail/unsubscribe/{token}"


def recipient_of(token: str) -> UUID | None:
    """Whose link that is; None for one that we did not make."""
    try:
        return UUID(signing.loads(token, salt=SALT))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
