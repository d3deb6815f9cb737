"""Who may open a page of the dashboard."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url

from backend.accounts.authentication import has_second_factor
from backend.accounts.models import Role

Page = Callable[..., HttpResponseBase]


def therapists_only(page: Page) -> Page:
    """Lets therapists in who passed their second factor.

    Whoever has not signed in goes to the sign-in page, a therapist who has not passed her second
    factor to where she does or sets one up; everybody else, such as a patient, gets 403.
    """

    @wraps(page)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.user
        if not user.is_authenticated:
            return redirect_to_login(request.get_full_path(), resolve_url("account_login"))
        if not user.has_role(Role.THERAPIST):
            raise PermissionDenied
        if not has_second_factor(request.session):
            step = "mfa_reauthenticate" if is_mfa_enabled(user) else "mfa_activate_totp"
            return redirect_to_login(request.get_full_path(), resolve_url(step))
        return page(request, *args, **kwargs)

    return guarded


def only_in_the_app(_request: HttpRequest) -> HttpResponseBase:
    """Stands where allauth would offer a page that people find in the app."""
    raise Http404
