"""What the frame of every page asks for: the links of the bar, and the colours that were chosen."""

from typing import Any

from django import template
from django.http import HttpRequest

from backend.accounts.models import User
from backend.accounts.selectors import workplaces_of
from backend.accounts.session_store import has_second_factor
from backend.core import clock
from backend.dashboard import theme
from backend.dashboard.presenters.navigation import Navigation, navigation

register = template.Library()


@register.simple_tag(takes_context=True)
def frame_navigation(context: dict[str, Any]) -> Navigation | None:
    """The links for whoever is asking; None before she is signed in with a second factor, and on
    the page that says that something broke."""
    request: HttpRequest | None = context.get("request")
    user = getattr(request, "user", None)
    if request is None or not isinstance(user, User) or not has_second_factor(request.session):
        return None
    return navigation(workplaces_of(user, clock.now()), request.path)


@register.simple_tag(takes_context=True)
def frame_theme(context: dict[str, Any]) -> str:
    """The colours to show: "light", "dark", or "system" for what the device is set to."""
    request: HttpRequest | None = context.get("request")
    return theme.chosen(request) if request else theme.SYSTEM
