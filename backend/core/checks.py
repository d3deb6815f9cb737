"""Start-up checks: production refuses settings that would be unsafe."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def refuse_unsafe_production(**_: Any) -> list[CheckMessage]:
    """In production the secret, hosts, mail and database come from the environment."""
    if not settings.PRODUCTION:
        return []
    wrong = []
    if len(settings.SECRET_KEY) < 50:
        wrong.append("STEPWISE_SECRET_KEY must be set, at least 50 characters long")
    if "*" in settings.ALLOWED_HOSTS:
        wrong.append("STEPWISE_HOSTS must name the hosts, not *")
    if "console" in settings.EMAIL_BACKEND:
        wrong.append("EMAIL_URL must name a mail server")
    if not settings.PUBLIC_URL.startswith("https://"):
        wrong.append("STEPWISE_PUBLIC_URL must be an https address")
    return [
        Error(f"Unsafe in production: {text}.", id=f"stepwise.E{i:03}")
        for i, text in enumerate(wrong, 1)
    ]
