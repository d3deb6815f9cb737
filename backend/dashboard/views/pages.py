"""What every page of the dashboard does first: who is asking, and what may she see?"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache
from django_htmx.http import HttpResponseClientRefresh

from backend.accounts import access
from backend.accounts.models import Patient, Role, User
from backend.accounts.pages import staff_only
from backend.core.problems import Problem

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
Shown = Callable[..., HttpResponseBase]


def page_for(*roles: Role) -> "Callable[[Page[P]], Shown]":
    """A page for those who hold one of `roles` at a clinic (any, when none is named), kept by no
    cache. Where a refresh in the background finds that its reader has been signed out, the whole
    page is loaded anew instead of a part of it."""

    def guard(view: "Page[P]") -> Shown:
        guarded = never_cache(staff_only(*roles)(view))

        @wraps(view)
        def shown(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            response = guarded(request, *args, **kwargs)
            if is_part(request) and response.status_code == 302:
                return HttpResponseClientRefresh()
            return response

        return shown

    return guard


therapist_page = page_for(Role.THERAPIST)


def patient_of(request: HttpRequest, patient_id: UUID, now: datetime) -> Patient:
    """The patient, where the reader may see her; else a page that looks like one that never was."""
    try:
        return access.patient_for(request.user, patient_id, now)
    except Problem:
        raise Http404 from None


def is_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page."""
    return bool(request.htmx)  # type: ignore[attr-defined]


def reader(request: HttpRequest) -> User:
    """Who is signed in."""
    return cast(User, request.user)


def trace(request: HttpRequest) -> str:
    """The id that the log and the audit know this request by."""
    found: str = getattr(request, "trace_id", "")
    return found
