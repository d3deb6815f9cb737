"""What travels over the API: frozen msgspec structs, strict on the way in, plain JSON on the way out.

A body is read in two steps: `read_json` turns bytes into plain values and refuses what JSON does
not say clearly (`strict_json`: NaN, a repeated key, an endless number, deep nesting); `decode` turns
those into a struct and reports every wrong field with its JSON pointer, not only the first.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from itertools import islice
from operator import attrgetter
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import FieldInfo

from backend.core.pointers import pointer_to, printable
from backend.core.problems import FieldError, Problem
from backend.core.shaping import convert
from backend.core.strict_json import read_json

MAX_ERRORS = 100
MAX_KEYS = 200
# Both databases, and every zone, can express what lies in these years.
FIRST_YEAR, LAST_YEAR = 1900, 2199

# Tab and newline are text; every other control character, and half of a surrogate pair, is not.
# SQLite would store them and PostgreSQL refuse them, so both refuse them here.
PLAIN = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]*$"
# The end of a pattern, in Python as in ECMAScript: a bare $ lets a newline follow in Python.
END = r"$(?!\n)"
ShortText = Annotated[str, Meta(max_length=200, pattern=PLAIN)]
LongText = Annotated[str, Meta(max_length=4000, pattern=PLAIN)]
Instant = Annotated[datetime, Meta(tz=True)]

W = TypeVar("W")
_DATELESS = (str, int, float, bool, UUID, NoneType, UnsetType, dict)
# What msgspec raises for values that do not fit; the last for half of a surrogate pair.
_UNFIT = (msgspec.ValidationError, OverflowError, UnicodeEncodeError)


class Wire(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all request and response bodies."""


def decode(value: Any, shape: type[W]) -> W:
    """`value` as `shape`; raises a 400 `Problem` listing every field that does not fit."""
    try:
        found = convert(value, shape)
    except _UNFIT as error:
        raise invalid(_all_errors(value, shape) or [_field_error(error, "")]) from None
    if not _is_plausible(found):
        raise invalid([*_implausible_years(found, "")])
    return found


def fitting(value: Any, shape: type[W]) -> W | None:
    """`value` as `shape`, or None where it does not fit; whether its years are plausible is for the
    caller to see."""
    try:
        return convert(value, shape)
    except _UNFIT:
        return None


def invalid(errors: list[FieldError]) -> Problem:
    """The 400 answer for fields that do not fit, the first `MAX_ERRORS` of them."""
    first = errors[0]
    detail = f"{first.pointer or 'The body'}: {first.message}"
    return Problem(400, "invalid", detail, errors=tuple(errors[:MAX_ERRORS]))


def encode(value: Any) -> bytes:
    """JSON bytes of structs, UUIDs, dates and instants."""
    return msgspec.json.encode(value)


def _is_plausible(found: Any) -> bool:
    """Whether no date in `found`, as msgspec made it, lies in an implausible year."""
    kind = type(found)
    if kind is datetime or kind is date:
        return bool(FIRST_YEAR <= found.year <= LAST_YEAR)
    if kind is list or kind is tuple:
        return all(map(_is_plausible, found))
    if isinstance(found, Struct):
        return all(map(_is_plausible, _dated(type(found))(found)))
    return True


@cache
def _dated(shape: type[Struct]) -> Callable[[Any], tuple[Any, ...]]:
    """Gives the values of the fields in which a date can be."""
    names = [name for name, _ in _dated_fields(shape)]
    if len(names) > 1:
        return attrgetter(*names)
    if names:
        only = attrgetter(*names)
        return lambda found: (only(found),)
    return lambda _found: ()


def _implausible_years(value: Any, at: str) -> Iterator[FieldError]:
    if isinstance(value, date):
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            yield FieldError(at, "out_of_range", "The year is not plausible.")
    elif isinstance(value, Struct):
        for name, shown in _dated_fields(type(value)):
            yield from _implausible_years(getattr(value, name), f"{at}/{shown}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _implausible_years(item, f"{at}/{index}")


@cache
def _dated_fields(shape: type[Struct]) -> tuple[tuple[str, str], ...]:
    """The fields in which a date can be, by their names and as they are sent."""
    fields = _fields(shape).values()
    return tuple((f.name, f.encode_name) for f in fields if not _is_dateless(f.type))


@cache
def _fields(shape: type[Struct]) -> dict[str, FieldInfo]:
    """The fields, by the names under which they are sent; msgspec evaluates their types each time."""
    return {field.encode_name: field for field in msgspec.structs.fields(shape)}


def _is_dateless(kind: Any) -> bool:
    # What is not known for certain is looked at.
    origin = get_origin(kind)
    if origin is Annotated:
        return _is_dateless(get_args(kind)[0])
    if origin in (Union, UnionType):
        return all(map(_is_dateless, get_args(kind)))
    return origin in (Literal, dict) or kind in _DATELESS


def _all_errors(value: Any, shape: Any) -> list[FieldError]:
    # The slow path, walked only after a failure: convert field by field to report each error.
    if not (isinstance(shape, type) and issubclass(shape, Struct) and isinstance(value, Mapping)):
        return []
    fields = _fields(shape)
    errors = [
        FieldError(pointer_to(key), "unknown_field", "This field is not known.")
        for key in islice(value, MAX_KEYS)
        if key not in fields and key != shape.__struct_config__.tag_field
    ]
    for name, field in fields.items():
        if name not in value:
            if field.required:
                errors.append(FieldError(f"/{name}", "required", "This field is required."))
            continue
        try:
            msgspec.convert(value[name], field.type)
        except _UNFIT as error:
            errors.extend(_nested_errors(value[name], field.type, name, error))
    return errors


def _nested_errors(value: Any, shape: Any, name: str, error: Exception) -> list[FieldError]:
    inner = _struct_in(shape)
    errors: list[FieldError] = []
    if inner is not None and isinstance(value, list):
        for index, item in enumerate(value[:MAX_ERRORS]):
            errors += [e.under(f"/{name}/{index}") for e in _all_errors(item, inner)]
    elif inner is not None:
        errors = [error.under(f"/{name}") for error in _all_errors(value, inner)]
    return errors or [_field_error(error, f"/{name}")]


def _struct_in(shape: Any) -> type[Struct] | None:
    if isinstance(shape, type) and issubclass(shape, Struct):
        return shape
    if get_origin(shape) is None:
        return None
    return next((found for arg in get_args(shape) if (found := _struct_in(arg))), None)


def _field_error(error: Exception, pointer: str) -> FieldError:
    if isinstance(error, UnicodeEncodeError):
        return FieldError(pointer, "invalid", "Unpaired surrogates are not allowed in text.")
    text, _, path = str(error).partition(" - at `$")
    steps = path.rstrip("`").replace("[", ".").replace("]", "").split(".")
    tail = "".join(pointer_to(step) for step in steps if step and step != "...")
    if "matching regex" in text:
        text = "Control characters and unpaired surrogates are not allowed in text"
    # The message may quote the value.
    return FieldError(pointer + tail, "invalid", f"{printable(text)}.")


__all__ = [
    "END",
    "UNSET",
    "Instant",
    "LongText",
    "ShortText",
    "UnsetType",
    "Wire",
    "decode",
    "encode",
    "fitting",
    "invalid",
    "read_json",
]
