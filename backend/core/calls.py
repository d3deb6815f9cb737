"""The short way of a call of the API through what is around every view.

A page passes by a dozen middlewares. Of those that matter to a call, most do the same to each answer;
here that is worked out once. Whatever is unusual about a call (its host, its scheme) takes the long
way, as pages do, and a test compares both.
"""

import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware

from backend.core.headers import HeadersMiddleware
from backend.core.middleware import as_api_answer, with_canonical_ids
from backend.core.pages_only import API, Handler, PagesOnlyMiddleware, is_api
from backend.core.tracing import trace_id

# Hosts that were found to be allowed; a pattern may allow any number of them.
MOST_HOSTS = 100
# Those that say the same of every call.
_SAYING = (HeadersMiddleware, SecurityMiddleware, XFrameOptionsMiddleware)
Said = dict[str, tuple[str, str]]


class CallsMiddleware:
    """Stands before all others and lets them see pages, and unusual calls."""

    def __init__(self, get_response: Handler) -> None:
        self._long = get_response
        self._short = _behind_all(get_response)
        self._hosts: set[str] = set()
        self._asks_scheme = bool(settings.SECURE_SSL_REDIRECT or settings.SECURE_HSTS_SECONDS)
        self._said = _said_of_every_call()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_api(request.path_info) or not self._is_usual(request):
            return self._long(request)
        request.trace_id = trace = uuid.uuid4().hex  # type: ignore[attr-defined]
        trace_id.set(trace)
        request.path_info = with_canonical_ids(request.path_info)
        response = as_api_answer(self._short(request), trace)
        self._complete(response, trace)
        return response

    def _is_usual(self, request: HttpRequest) -> bool:
        if self._asks_scheme and not request.is_secure():
            return False
        host = request.META.get("HTTP_HOST", "")
        return host in self._hosts or self._is_allowed(request, host)

    def _is_allowed(self, request: HttpRequest, host: str) -> bool:
        try:
            request.get_host()
        except DisallowedHost:
            return False
        if len(self._hosts) < MOST_HOSTS:
            self._hosts.add(host)
        return True

    def _complete(self, response: HttpResponseBase, trace: str) -> None:
        # Each of these by itself would be encoded and looked through anew.
        headers: Any = response.headers
        own: Said = headers._store
        if "content-length" not in own and isinstance(response, HttpResponse):
            own["content-length"] = ("Content-Length", str(len(response.content)))
        headers._store = self._said | own | {"x-request-id": ("X-Request-ID", trace)}


def _behind_all(handler: Any) -> Handler:
    """The handler that the innermost of our middlewares stands before."""
    while not isinstance(handler, PagesOnlyMiddleware):
        # Django wraps each middleware in a function that answers for what it raises.
        handler = handler.__wrapped__ if hasattr(handler, "__wrapped__") else handler.get_response
    return handler.bare


def _said_of_every_call() -> Said:
    handler: Any = lambda _: HttpResponse()  # noqa: E731
    for middleware in _SAYING:
        handler = middleware(handler)
    call = _Call()
    call.path = call.path_info = API
    said: Said = dict(handler(call).headers._store)
    del said["content-type"]
    return said


class _Call(HttpRequest):
    """A call as it arrives where the scheme matters."""

    @property
    def scheme(self) -> str:
        return "https"
