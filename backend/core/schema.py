"""OpenAPI from the structs: drf-spectacular asks msgspec for their JSON Schema."""

import re
from collections.abc import Callable
from typing import Any, TypeVar, get_args

import msgspec
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from backend.core.api import Door
from backend.core.idempotency import FORM, HEADER, METHODS
from backend.core.problems import ProblemDetails

F = TypeVar("F", bound=Callable[..., Any])
_REF = "#/components/schemas/{name}"
_PROBLEM = {
    "content": {
        "application/problem+json": {"schema": {"$ref": _REF.format(name="ProblemDetails")}}
    },
    "description": "RFC 9457 problem details",
}
_PARAMETER = re.compile(r"^\{(\w+)\}$")


class OperationSchema(AutoSchema):
    """Names each operation by its method and path, and describes it by its own words alone."""

    def get_operation_id(self) -> str:
        """Such as "put_me_pain_reports_by_fact_id"."""
        path = self.path.removeprefix("/api/v1/")
        words = [_PARAMETER.sub(r"by_\1", step).replace("-", "_") for step in path.split("/")]
        return "_".join([self.method.lower(), *words])

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """The operation, with the refusals that every door has."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is not None and isinstance(self.view, Door):
            responses = operation["responses"]
            for status in self._refusals():
                responses.setdefault(str(status), _PROBLEM)
            operation["responses"] = dict(sorted(responses.items()))
        return operation

    def get_override_parameters(self) -> list[Any]:
        """The header that every door of a signed-in person takes."""
        if self.method not in METHODS or getattr(self.view, "kept_answers", None) is None:
            return []
        text = "Names this call: sent again under the same key it is done once (kept for 48 hours)."
        shape = {"type": "string", "pattern": f"^{FORM}$"}
        return [OpenApiParameter(HEADER, shape, OpenApiParameter.HEADER, description=text)]

    def _refusals(self) -> set[int]:
        role = getattr(self.view, "role", "open")
        found = {400, 429, 503}
        found |= {404} if "{" in self.path else set()
        if role != "open":
            found |= {401, 403} if role != "any" else {401}
            found |= {409, 422} if self.method in METHODS else set()
        return found

    def get_description(self) -> str:  # type: ignore[override]  # DRF's base takes path and method
        """The docstring of the operation, never that of a base class."""
        method = getattr(self.view, self.method.lower())
        return (method.__doc__ or type(self.view).__dict__.get("__doc__") or "").strip()


class StructExtension(OpenApiSerializerExtension):
    """Lets `extend_schema` take a `msgspec.Struct` wherever it takes a serializer."""

    target_class = "msgspec.Struct"
    match_subclasses = True

    def get_name(self, auto_schema: AutoSchema, direction: str) -> str:
        name: str = self.target.__name__
        return name

    def map_serializer(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        _, components = msgspec.json.schema_components([self.target], ref_template=_REF)
        components = {name: _for_ecma(schema) for name, schema in components.items()}
        own: dict[str, Any] = components.pop(self.target.__name__)
        structs = _structs_in(self.target, {})
        for name, schema in components.items():
            auto_schema.registry.register_on_missing(
                ResolvedComponent(
                    name=name,
                    type=ResolvedComponent.SCHEMA,
                    object=structs.get(name, name),
                    schema=schema,
                )
            )
        return own


def _for_ecma(schema: Any) -> Any:
    # Halves of surrogate pairs cannot be named in the regular expressions of JSON Schema.
    if isinstance(schema, dict):
        return {key: _for_ecma(value) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_for_ecma(value) for value in schema]
    return schema.replace(r"\ud800-\udfff", "") if isinstance(schema, str) else schema


def _structs_in(shape: Any, found: dict[str, type]) -> dict[str, type]:
    # The registry wants the class itself, to tell one struct met twice from two of one name.
    if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
        if shape.__name__ in found:
            return found
        found[shape.__name__] = shape
        for field in msgspec.structs.fields(shape):
            _structs_in(field.type, found)
    for part in get_args(shape):
        _structs_in(part, found)
    return found


def describe(
    summary: str,
    *,
    request: Any = None,
    response: Any = None,
    media: str = "",
    status: tuple[int, ...] = (200,),
    errors: tuple[int, ...] = (),
    query: dict[str, tuple[type, str]] | None = None,
    tags: tuple[str, ...] = (),
    headers: dict[str, str] | None = None,
) -> Callable[[F], F]:
    """States one operation for the schema: bodies, statuses, query parameters and errors. An answer
    that is no JSON names its media type (`media`) in the place of a `response`."""
    problem = OpenApiResponse(ProblemDetails, description="RFC 9457 problem details")
    responses: dict[Any, Any] = dict(_answer(code, response, media) for code in status)
    refusals = (400, 413, 415, *errors) if request is not None else (400, *errors)
    responses |= {(code, "application/problem+json"): problem for code in refusals}
    parameters = [
        OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=text)
        for name, (kind, text) in (query or {}).items()
    ] + [
        OpenApiParameter(name, str, OpenApiParameter.HEADER, description=text)
        for name, text in (headers or {}).items()
    ]
    decorated: Callable[[F], F] = extend_schema(
        summary=summary,
        request={"application/json": request} if request is not None else None,
        responses=responses,
        parameters=parameters,
        tags=list(tags) or None,
    )

    def stated(method: F) -> F:
        # `Door` reads these.
        method.query_names = tuple(query or ())  # type: ignore[attr-defined]
        method.takes_body = request is not None  # type: ignore[attr-defined]
        return decorated(method)

    return stated


def _answer(code: int, response: Any, media: str) -> tuple[Any, Any]:
    if code in (204, 304):
        return code, None
    return ((code, media), OpenApiTypes.BINARY) if media else (code, response)


def keep_api_v1(endpoints: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Only the API's own paths belong in its schema."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]
