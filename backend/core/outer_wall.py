"""The first thing that a request meets: its size, and whether there is a place for it."""

import io
import random
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any

from django.conf import settings

from backend.core.admission import FREE, Doorkeeper, class_of
from backend.core.problems import Problem, problem_response

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]
RETRY_AFTER_S = (3, 7)
_NO_TRACE = b"0" * 32
_PAGE = """<!DOCTYPE html>
<html lang="en"><title>{title}</title><h1>{title}</h1><p>{detail}</p></html>
"""


class OuterWall:
    """WSGI middleware around the whole site."""

    def __init__(self, app: App, doorkeeper: Doorkeeper | None = None) -> None:
        self._app = app
        self._doorkeeper = doorkeeper or Doorkeeper()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        has_token = "HTTP_X_SESSION_TOKEN" in environ
        kind = class_of(environ["REQUEST_METHOD"], path, has_token=has_token)
        if kind == FREE:
            return self._app(environ, start_response)
        if not _take_in_body(environ):
            return TOO_LARGE.send(path, start_response)
        if not self._doorkeeper.admit(kind):
            # Spread, so that those who were refused together do not come back together.
            seconds = str(random.randint(*RETRY_AFTER_S))  # noqa: S311
            return OVERLOADED.send(path, start_response, Retry_After=seconds)
        return self._inside(kind, environ, start_response)

    def _inside(
        self, kind: str, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        try:
            response = self._app(environ, start_response)
        except BaseException:
            self._doorkeeper.leave(kind)
            raise
        if getattr(response, "streaming", False):
            return _Leaving(response, lambda: self._doorkeeper.leave(kind))
        # The answer is complete: whoever reads it slowly keeps nobody out.
        self._doorkeeper.leave(kind)
        return response


class _Leaving:
    """An answer that is still being made while it is sent."""

    def __init__(self, response: Any, leave: Callable[[], None]) -> None:
        self._response, self._leave = response, leave

    def __iter__(self) -> Any:
        return iter(self._response)

    def close(self) -> None:
        """The server calls this when it is done, or when the reader is gone."""
        try:
            self._response.close()
        finally:
            self._leave()


def _take_in_body(environ: Environ) -> bool:
    """Reads the body before a place is taken, since a slow sender should hold none; False when it
    says that it is too large."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return True  # Django takes it for empty
    if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return False
    if length > 0:
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(length))
    return True


@dataclass(kw_only=True)
class _Refusal:
    """An answer made once: under fifty times the load, most of the work is to refuse."""

    problem: Problem

    def send(self, path: str, start_response: StartResponse, **more: str) -> Iterable[bytes]:
        headers, body = self._api if path.startswith("/api/") else self._page
        if path.startswith("/api/"):
            body = body.replace(_NO_TRACE, uuid.uuid4().hex.encode())
        own = [(name.replace("_", "-"), value) for name, value in more.items()]
        start_response(self._status, [*headers, *own])
        return [body]

    @cached_property
    def _status(self) -> str:
        return f"{self.problem.status} {HTTPStatus(self.problem.status).phrase}"

    @cached_property
    def _api(self) -> tuple[Headers, bytes]:
        response = problem_response(self.problem, _NO_TRACE.decode())
        return self._with_common(response.items(), response.content), response.content

    @cached_property
    def _page(self) -> tuple[Headers, bytes]:
        title = HTTPStatus(self.problem.status).phrase
        body = _PAGE.format(title=title, detail=self.problem.detail).encode()
        own = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
        own["Content-Security-Policy"] = "default-src 'none'"
        return self._with_common(own.items(), body), body

    def _with_common(self, own: Iterable[tuple[str, str]], body: bytes) -> Headers:
        common = {"X-Content-Type-Options": "nosniff", "Content-Length": str(len(body))}
        return [*own, *common.items()]


TOO_LARGE = _Refusal(
    problem=Problem(413, "too_large", "The body is larger than 512 KiB.", retry="after_fix")
)
OVERLOADED = _Refusal(
    problem=Problem(
        503,
        "overloaded",
        "Too much at once; nothing was done. Wait as long as Retry-After says and send it again.",
    )
)
