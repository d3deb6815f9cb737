"""Errors as RFC 9457 problem details: one class to raise, one handler that answers."""

import logging
from http import HTTPStatus
from typing import Any, Literal

import msgspec
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpResponse, UnreadablePostError
from rest_framework import exceptions

Retry = Literal["never", "later", "after_fix", "after_auth"]
logger = logging.getLogger(__name__)


class FieldError(msgspec.Struct, frozen=True):
    """One field that does not fit: where (JSON pointer), a code, and words."""

    pointer: str
    code: str
    message: str

    def under(self, prefix: str) -> "FieldError":
        """The same error seen from further outside."""
        return FieldError(prefix + self.pointer, self.code, self.message)


class ProblemDetails(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every error answer (`application/problem+json`)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    retry: Retry
    errors: tuple[FieldError, ...]
    trace_id: str


class Problem(Exception):
    """An answer that is an error: HTTP status, stable code, words for the developer.

    `extra` holds members beyond the standard ones (such as `advice`); `headers` go with the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: tuple[FieldError, ...] = (),
        retry: Retry | None = None,
        extra: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.retry: Retry = retry or _default_retry(status)
        self.extra = extra or {}
        self.headers = headers or {}


def not_found() -> Problem:
    """Missing and out of reach look exactly alike."""
    return Problem(404, "not_found", "There is nothing here, or it is not yours to see.")


def problem_response(problem: Problem, trace_id: str) -> HttpResponse:
    """The HTTP answer for `problem`."""
    details = ProblemDetails(
        type=f"urn:stepwise:problem:{problem.code}",
        title=HTTPStatus(problem.status).phrase,
        status=problem.status,
        detail=problem.detail,
        code=problem.code,
        retry=problem.retry,
        errors=problem.errors,
        trace_id=trace_id,
    )
    body = msgspec.json.encode(msgspec.to_builtins(details) | problem.extra)
    response = HttpResponse(body, status=problem.status, content_type="application/problem+json")
    response["Cache-Control"] = "no-store"
    for name, value in problem.headers.items():
        response[name] = value
    return response


def handle_exception(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's exception handler: every known error as problem+json; unknown ones go on to the
    middleware, which answers 500 without quoting them."""
    problem = as_problem(error)
    if problem is None:
        return None
    return problem_response(problem, getattr(context["request"], "trace_id", ""))


def as_problem(error: Exception) -> Problem | None:
    """The `Problem` that stands for a known exception, else None."""
    if isinstance(error, Problem):
        return error
    for kinds, status, code, detail in _KNOWN:
        if isinstance(error, kinds):
            return of_status(status, code, detail)
    if isinstance(error, exceptions.APIException):
        return of_status(error.status_code, str(error.default_code), str(error.detail))
    return None


def of_status(status: int, code: str = "", detail: str = "") -> Problem:
    """The problem with nothing to tell but its status."""
    if status == 404:
        return not_found()
    phrase = HTTPStatus(status).phrase
    return Problem(
        status,
        code or phrase.lower().replace(" ", "_"),
        detail or f"{phrase}.",
        headers={"WWW-Authenticate": 'X-Session-Token realm="api"'} if status == 401 else None,
    )


_KNOWN: tuple[tuple[tuple[type[Exception], ...], int, str, str], ...] = (
    ((Http404, exceptions.NotFound), 404, "", ""),
    (
        (PermissionDenied, exceptions.PermissionDenied),
        403,
        "forbidden",
        "Your role may not do this.",
    ),
    (
        (exceptions.NotAuthenticated, exceptions.AuthenticationFailed),
        401,
        "not_authenticated",
        "Sign in and send the session token as X-Session-Token.",
    ),
    # allauth reads its bodies itself, and a deep one exhausts the parser.
    ((RecursionError,), 400, "malformed", "The body is nested too deeply."),
    ((RequestDataTooBig,), 413, "too_large", "The body is larger than 512 KiB."),
    # Django's word for a request that nobody sends by mistake, such as one of 1,001 parameters.
    ((SuspiciousOperation,), 400, "malformed", "The request is malformed."),
    ((UnreadablePostError,), 400, "malformed", "The body ended before it was whole."),
)


def _default_retry(status: int) -> Retry:
    if status in (429, 500, 502, 503):
        return "later"
    if status == 401:
        return "after_auth"
    return "after_fix" if status in (400, 412, 413, 415, 422, 428) else "never"
