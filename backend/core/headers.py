"""Headers that every answer carries, beside those that Django and django-csp send."""

from collections.abc import Callable

from csp.utils import build_policy
from django.http import HttpRequest, HttpResponseBase

from backend.core.pages_only import is_api

# The pages show text and pictures of their own; passkeys are made and used by them alone.
PERMISSIONS_POLICY = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), usb=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)"
)


class HeadersMiddleware:
    """What a page may use of the browser: next to nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        # Pages may hold a nonce, and get theirs from django-csp; an answer of the API never does.
        self._policy = build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if is_api(request.path_info):
            response.setdefault("Content-Security-Policy", self._policy)
        return response
