"""Sign-in around each request: known devices, sessions whose time is over, too many attempts."""

from collections.abc import Callable

from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from backend.accounts import devices, sessions
from backend.accounts.throttling import TooManyAttempts
from backend.core import clock

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class SignInMiddleware:
    """Gives a device its token after a sign-in, and pages a plain answer to too many attempts."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        devices.send_token(request, response)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The API has its own last word."""
        if not isinstance(error, TooManyAttempts) or request.path.startswith("/api/"):
            return None
        minutes = -(-error.seconds // 60)
        page = render(request, "429.html", {"minutes": minutes}, status=error.status)
        page["Retry-After"] = str(error.seconds)
        return page


class PageSessionMiddleware:
    """Signs out whoever was idle for too long or came at the start of the day before, and whoever
    shows the app's token as a cookie."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith("/api/") and SESSION_KEY in request.session:
            self._keep_or_end(request)
        return self.get_response(request)

    def _keep_or_end(self, request: HttpRequest) -> None:
        now = clock.now()
        if not sessions.opens(request.session, sessions.PAGES):
            request.session = type(request.session)()
            logout(request)
        elif sessions.is_over(request.session, sessions.PAGES, now):
            logout(request)
        elif not _is_by_itself(request):
            sessions.note_use(request.session, now)


def _is_by_itself(request: HttpRequest) -> bool:
    """Whether the page refreshed itself; nobody needs to sit in front of it for that."""
    return "HX-Request" in request.headers and "seen" in request.GET
