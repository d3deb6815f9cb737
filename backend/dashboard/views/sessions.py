"""Devices and sessions: where somebody who works at a clinic is signed in, and how it ends."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from backend.accounts import sessions
from backend.accounts.models import User
from backend.accounts.pages import staff_only
from backend.core import clock


@require_GET
@never_cache
@staff_only()
def show(request: HttpRequest) -> HttpResponse:
    """The sessions that hold, one's own first among them named as such."""
    rows = sessions.sessions_of(_user(request).pk, current=request.session.session_key)
    return render(request, "dashboard/sessions.html", {"rows": rows})


@require_POST
@never_cache
@staff_only()
def end(request: HttpRequest, session_id: int) -> HttpResponse:
    """Ends one; somebody else's, or one that is over, is left as it is without a word."""
    return _end(request, session_id)


@require_POST
@never_cache
@staff_only()
def end_others(request: HttpRequest) -> HttpResponse:
    """Ends all but this one."""
    return _end(request, None)


def _end(request: HttpRequest, session_id: int | None) -> HttpResponse:
    ended = sessions.end_others(
        user_id=_user(request).pk,
        current=request.session.session_key,
        only=session_id,
        now=clock.now(),
    )
    if ended:
        messages.success(request, "Signed out there." if session_id else "Signed out elsewhere.")
    return redirect("dashboard:sessions")


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
