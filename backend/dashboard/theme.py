"""Light, dark, or as the device is set: a choice that is kept in this browser."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

SYSTEM = "system"
THEMES = (SYSTEM, "light", "dark")
_COOKIE = "stepwise_theme"
_LASTS = timedelta(days=365)


def chosen(request: HttpRequest) -> str:
    """One of `THEMES`."""
    kept = request.COOKIES.get(_COOKIE, SYSTEM)
    return kept if kept in THEMES else SYSTEM


def keep(response: HttpResponse, asked: str) -> None:
    """Keeps the choice; what is no theme is left aside, and the system's needs no cookie."""
    if asked == SYSTEM:
        response.delete_cookie(_COOKIE, samesite="Lax")
    elif asked in THEMES:
        response.set_cookie(
            _COOKIE,
            asked,
            max_age=_LASTS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
