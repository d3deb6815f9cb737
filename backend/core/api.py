"""The base of every API view: who may come in, how a body is read, how an answer is written."""

import hashlib
from collections.abc import Callable
from functools import cache, partial
from typing import Any, ClassVar, TypeVar, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.views import APIView

from backend.core import clock, idempotency
from backend.core.pointers import pointer_to
from backend.core.problems import FieldError, Problem
from backend.core.wire import decode, encode, invalid, read_json

W = TypeVar("W")


class Door(APIView):
    """An API view that speaks msgspec structs.

    `role` names who may use it: "patient", "therapist", "any" (signed in) or "open". A person
    without a credential gets 401, one in the wrong role 403, as does whoever works at a clinic and
    has not passed a second factor; what is out of reach is 404 and the business of selectors.

    A query parameter that the operation does not state (`describe`) is an error. With
    `kept_answers`, every POST, PATCH and DELETE accepts an `Idempotency-Key`.
    """

    role: str = "any"
    kept_answers: ClassVar[idempotency.Store | None] = None
    request: Request

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who may come in, and with what. There is nothing to negotiate: the API speaks JSON whatever
        `Accept` says (RFC 9110, 12.4.1 allows it), its version is in the path, and what is too much
        is refused before."""
        self.perform_authentication(request)
        self.check_permissions(request)
        self.now = clock.now()
        self._admit(request)
        method = str(request._request.method).lower()
        handler = getattr(self, method, None)
        if handler is None or method == "options":
            return
        if request._request.META.get("QUERY_STRING"):
            refuse_unknown_query(request._request, getattr(handler, "query_names", ()))
        if method != "get" and not getattr(handler, "takes_body", True):
            self._refuse_body()
        if (store := self._store_for(request._request)) is not None:
            setattr(self, method, partial(self._once, store, handler))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Every answer says which methods there are; one to a GET can be asked for by its ETag."""
        door: Any = type(self)
        response["Allow"] = _methods_of(door)
        if request._request.method in ("GET", "HEAD") and response.status_code == 200:
            return _unless_known(request._request, response)
        return response

    @property
    def default_response_headers(self) -> dict[str, str]:
        """None before there is an answer."""
        return {}

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """The methods, as `Allow`, which every answer carries."""
        return respond(None, status=204)

    def before_replay(self, **kwargs: Any) -> None:
        """Raises where the person may no longer see the answer that was kept for her."""

    def _refuse_body(self) -> None:
        # A call without a body may come with an empty object, as some clients send it.
        if _raw_body(self.request._request) and self.plain_body() != {}:
            raise Problem(400, "unexpected_body", "This call takes no body.")

    def _store_for(self, request: HttpRequest) -> idempotency.Store | None:
        asked = request.method in idempotency.METHODS and idempotency.HEADER in request.headers
        return self.kept_answers if asked and self.role != "open" else None

    def _once(
        self,
        store: idempotency.Store,
        handler: Callable[..., HttpResponse],
        *args: Any,
        **path: Any,
    ) -> HttpResponse:
        def run() -> HttpResponse:
            try:
                return handler(*args, **path)
            except Exception as error:
                # What is no known problem is raised again, and takes everything back.
                answer: HttpResponse = self.handle_exception(error)
                return answer

        request = self.request._request
        about = f"{request.method} {request.get_full_path()}\n".encode()
        call = idempotency.Call(
            user_id=cast(UUID, self.request.user.pk),
            key=request.headers[idempotency.HEADER],
            content=about + _raw_body(request),
            now=self.now,
        )
        return idempotency.once(
            store, call, run=run, before_replay=partial(self.before_replay, **path)
        )

    def _admit(self, request: Request) -> None:
        if self.role == "open":
            return
        if not request.user.is_authenticated:
            self.permission_denied(request)
        if self.role != "any" and not request.user.has_role(self.role):
            raise Problem(403, "forbidden", f"Only a {self.role} may do this.")
        passed: bool = getattr(request.auth, "second_factor", False)
        if self.role not in ("any", "patient") and not passed:
            raise Problem(403, "second_factor_required", "Sign in with your second factor.")

    def body(self, shape: type[W], *, may_be_left_out: bool = False) -> W:
        """The request's JSON body as `shape`; of one that `may_be_left_out`, an empty object."""
        if may_be_left_out and not _raw_body(self.request._request):
            return decode({}, shape)
        return decode(self.plain_body(), shape)

    def plain_body(self) -> Any:
        """The request's JSON body as plain values."""
        body = _raw_body(self.request._request)
        if not body:
            raise Problem(400, "malformed", "The body is empty; send a JSON object.")
        if not _is_json(self.request.content_type or ""):
            raise Problem(415, "unsupported_media_type", "Send the body as application/json.")
        if self.request._request.META.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
            raise Problem(415, "unsupported_encoding", "Send the body uncompressed.")
        return read_json(body)


@cache
def _methods_of(door: type[Door]) -> str:
    there = {name for name in door.http_method_names if hasattr(door, name)}
    # Django answers HEAD where there is GET.
    known = there | {"head"} if "get" in there else there
    return ", ".join(name.upper() for name in door.http_method_names if name in known)


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


def respond_as_is(body: bytes, tag: str) -> HttpResponse:
    """JSON that is ready to be sent, with its ETag; personal data."""
    response = HttpResponse(body, content_type="application/json")
    response["Cache-Control"] = "no-store"
    response["ETag"] = tag
    return response


def _unless_known(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """304 in the place of an answer that the client has; one without an ETag gets that of its
    bytes."""
    if "ETag" not in answer:
        answer["ETag"] = f'"{hashlib.sha256(answer.content).hexdigest()[:32]}"'
    asked = request.META.get("HTTP_IF_NONE_MATCH")
    if not asked:
        return answer
    known = parse_etags(asked)
    if not {"*", answer["ETag"]} & {tag.removeprefix("W/") for tag in known}:
        return answer
    unchanged = HttpResponse(status=304)
    for name in set(answer.headers) - {"Content-Type", "Content-Length"}:
        unchanged[name] = answer[name]
    return unchanged


def refuse_unknown_query(request: HttpRequest, known: tuple[str, ...]) -> None:
    """400 for each query parameter that is not `known`, or that is given twice."""
    errors = []
    for name, values in request.GET.lists():
        if name not in known:
            errors.append(
                FieldError(pointer_to(name), "unknown_parameter", "This parameter is not known.")
            )
        elif len(values) > 1:
            errors.append(FieldError(pointer_to(name), "repeated", "Give it once."))
    if errors:
        raise invalid(errors)


def _is_json(content_type: str) -> bool:
    # JSON has no charset (RFC 8259, 8.1); one that is named must at least be the right one.
    media_type, _, parameters = content_type.lower().partition(";")
    names = (part.strip().replace('"', "") for part in parameters.split(";"))
    charsets = {name for name in names if name.startswith("charset=")}
    return media_type.strip() == "application/json" and charsets <= {"charset=utf-8"}


def _raw_body(request: HttpRequest) -> bytes:
    # Django checks the size only against Content-Length; a body that lies about it is cut here.
    body = request.body
    if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise Problem(413, "too_large", "The body is larger than 512 KiB.", retry="after_fix")
    return body
