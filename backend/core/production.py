"""What production refuses to start with, each line naming the variable to set."""

import re
from typing import Any

ENVIRONMENTS = ("development", "production")
SHORTEST_SECRET = 50
SHORTEST_TOKEN = 20
UNSENT = ("console", "locmem", "dummy", "filebased")
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})


def refuse_unsafe(settings: Any) -> None:
    """Ends the process with exit code 1 and the list of what is wrong, where anything is."""
    if problems := unsafe(settings):
        lines = "\n".join(f"  - {problem}" for problem in problems)
        raise SystemExit(f"Stepwise does not start, these settings are unsafe:\n{lines}")


def unsafe(settings: Any) -> list[str]:
    """What is wrong with `settings`; nothing is, outside of production, but an unknown name."""
    if settings.STEPWISE_ENV not in ENVIRONMENTS:
        return [f"STEPWISE_ENV must be one of {', '.join(ENVIRONMENTS)}"]
    if settings.STEPWISE_ENV != "production":
        return []
    return [text for is_wrong, text in _judged(settings) if is_wrong]


def _judged(settings: Any) -> list[tuple[bool, str]]:
    hosts = settings.ALLOWED_HOSTS
    database = settings.DATABASES["default"]["ENGINE"]
    origins = settings.CSRF_TRUSTED_ORIGINS
    return [
        (settings.DEBUG, "DEBUG must be off"),
        (
            not _is_secret(settings.STEPWISE_SECRET),
            f"STEPWISE_SECRET_KEY must be random, at least {SHORTEST_SECRET} characters long",
        ),
        ("*" in hosts or set(hosts) <= LOCAL_HOSTS, "STEPWISE_HOSTS must name the public hosts"),
        (
            not settings.PUBLIC_URL.startswith("https://"),
            "STEPWISE_PUBLIC_URL must be an https address",
        ),
        (
            any(not origin.startswith("https://") for origin in origins),
            "STEPWISE_ORIGINS must be https addresses",
        ),
        (
            settings.ALLAUTH_TRUSTED_PROXY_COUNT < 1,
            (
                "STEPWISE_PROXIES must say how many proxies stand in front; without one there is no"
                " https, and all clients look like one address"
            ),
        ),
        (
            any(kind in settings.EMAIL_BACKEND for kind in UNSENT),
            "EMAIL_URL must name a mail server",
        ),
        ("localhost" in settings.DEFAULT_FROM_EMAIL, "STEPWISE_MAIL_FROM must be an address"),
        (
            "sqlite" in database and not settings.ALLOW_SQLITE,
            (
                "DATABASE_URL must name a PostgreSQL server; STEPWISE_SQLITE=yes says that one machine"
                " with SQLite is meant"
            ),
        ),
        (
            len(settings.OPS_TOKEN) < SHORTEST_TOKEN,
            f"STEPWISE_OPS_TOKEN must be at least {SHORTEST_TOKEN} characters long",
        ),
    ]


def _is_secret(secret: str) -> bool:
    known = re.search(r"django-insecure|for tests only|changeme|secret_key", secret, re.IGNORECASE)
    return len(secret) >= SHORTEST_SECRET and len(set(secret)) > 9 and not known
