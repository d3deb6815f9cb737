"""The base of every API view: who may come in, how a body is read, how an answer is written."""

from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from backend.core import clock
from backend.core.problems import Problem
from backend.core.wire import decode, encode, read_json

W = TypeVar("W")


class Door(APIView):
    """An API view that speaks msgspec structs.

    `role` names who may use it: "patient", "therapist", "any" (signed in) or "open". A person
    without a credential gets 401, one in the wrong role 403, as does whoever works at a clinic and
    has not passed a second factor; what is out of reach is 404 and the business of selectors.
    """

    role: str = "any"
    request: Request

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.now = clock.now()
        if self.role == "open":
            return
        if not request.user.is_authenticated:
            self.permission_denied(request)
        if self.role != "any" and not request.user.has_role(self.role):
            raise Problem(403, "forbidden", f"Only a {self.role} may do this.")
        passed: bool = getattr(request.auth, "second_factor", False)
        if self.role not in ("any", "patient") and not passed:
            raise Problem(403, "second_factor_required", "Sign in with your second factor.")

    def body(self, shape: type[W]) -> W:
        """The request's JSON body as `shape`."""
        return decode(self.plain_body(), shape)

    def plain_body(self) -> Any:
        """The request's JSON body as plain values."""
        body = _raw_body(self.request._request)
        if not body:
            raise Problem(400, "malformed", "The body is empty; send a JSON object.")
        media_type = (self.request.content_type or "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise Problem(415, "unsupported_media_type", "Send the body as application/json.")
        if self.request.headers.get("Content-Encoding", "identity") != "identity":
            raise Problem(415, "unsupported_encoding", "Send the body uncompressed.")
        return read_json(body)


def respond(
    value: Any, *, status: int = 200, headers: dict[str, str] | None = None
) -> HttpResponse:
    """`value` as JSON; personal data is never kept by a cache unless `headers` say otherwise."""
    body = b"" if status in (204, 304) else encode(value)
    response = HttpResponse(body, status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    for name, content in (headers or {}).items():
        response[name] = content
    return response


def _raw_body(request: HttpRequest) -> bytes:
    # Django checks the size only against Content-Length; a body that lies about it is cut here.
    body = request.body
    if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise Problem(413, "too_large", "The body is larger than 512 KiB.", retry="after_fix")
    return body
