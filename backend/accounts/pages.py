"""Who may open a page of the dashboard."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url

from backend.accounts.models import Role, User
from backend.accounts.session_store import has_second_factor

Page = Callable[..., HttpResponseBase]


def staff_only(*roles: Role) -> Callable[[Page], Page]:
    """Lets those in who work at a clinic in one of `roles` (any, when none is named) and passed
    their second factor.

    Whoever has not signed in goes to the sign-in page, and who has not passed her second factor to
    where she does or sets one up; everybody else, such as a patient, gets 403.
    """

    def guard(page: Page) -> Page:
        @wraps(page)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = request.user
            if not user.is_authenticated:
                return redirect_to_login(request.get_full_path(), resolve_url("account_login"))
            if not any(user.has_role(role) for role in roles or Role):
                raise PermissionDenied
            if not has_second_factor(request.session):
                return redirect_to_login(request.get_full_path(), resolve_url(_next_step(user)))
            return page(request, *args, **kwargs)

        return guarded

    return guard


def therapists_only(page: Page) -> Page:
    """Lets therapists in who passed their second factor; see `staff_only`."""
    return staff_only(Role.THERAPIST)(page)


def _next_step(user: User) -> str:
    if is_mfa_enabled(user, [Authenticator.Type.TOTP]):
        return "mfa_reauthenticate"
    return "mfa_reauthenticate_webauthn" if is_mfa_enabled(user) else "mfa_activate_totp"


def only_in_the_app(_request: HttpRequest) -> HttpResponseBase:
    """Stands where allauth would offer something that people find in the app, or not at all."""
    raise Http404
