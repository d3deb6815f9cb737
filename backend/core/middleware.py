"""A trace id for every request, and problem+json for whatever an API view did not answer itself."""

import logging
import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from backend.core.problems import Problem, as_problem, of_status, problem_response
from backend.core.tracing import trace_id

logger = logging.getLogger(__name__)
_UUID = re.compile(r"(?<=/)[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?=/|$)")
GetResponse = Callable[[HttpRequest], HttpResponseBase]


class RequestIdMiddleware:
    """Gives each request a `trace_id`, sent back as `X-Request-ID` and written with each error."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.trace_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        # One thread answers many requests, one after the other.
        trace_id.set(request.trace_id)  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-ID"] = request.trace_id  # type: ignore[attr-defined]
        return response


class ApiErrorMiddleware:
    """Keeps HTML error pages and quoted values out of the API.

    An exception's message may quote a whole row (PostgreSQL's IntegrityError does), so the log
    gets its class and place alone.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.path.startswith("/api/v1/"):
            return response
        return as_api_answer(response, request.trace_id)  # type: ignore[attr-defined]

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The API's last word on an exception that nobody expected."""
        if not request.path.startswith("/api/"):
            return None
        problem = as_problem(error)
        trace_id: str = request.trace_id  # type: ignore[attr-defined]
        if problem is None:
            logger.error(
                "unexpected %s at %s, trace %s", type(error).__name__, _place(error), trace_id
            )
            problem = Problem(500, "internal", "Something broke on our side; nothing was stored.")
        return problem_response(problem, trace_id)


class CanonicalIdMiddleware:
    """A UUID is the same in either case (RFC 9562, 4), and iOS writes upper case: paths are looked
    up in lower case."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith("/api/v1/"):
            request.path_info = with_canonical_ids(request.path_info)
        return self.get_response(request)


def with_canonical_ids(path: str) -> str:
    """`path` with each UUID in lower case."""
    return path if path.islower() else _UUID.sub(lambda found: found[0].lower(), path)


def as_api_answer(response: HttpResponseBase, trace_id: str) -> HttpResponseBase:
    """`response`, or a problem in the place of Django's own page for an unknown path or host."""
    if response.status_code < 400 or _is_problem(response):
        return response
    return problem_response(of_status(response.status_code), trace_id)


def _is_problem(response: HttpResponseBase) -> bool:
    return response.headers.get("Content-Type") == "application/problem+json"


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "unknown"
