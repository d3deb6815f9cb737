"""JSON as plain values, strictly: what JSON does not say clearly is refused.

Nearly every body is clear, and a fast reader and a few counts show it. Only where they leave a doubt
is the body read the careful way, which finds the words for what is wrong with it. Both give the same
values, as `tests/backend/core/test_strict_json.py` has it.
"""

import json
from types import GenericAlias
from typing import Any, Never

import msgspec

from backend.core.problems import Problem

MAX_DEPTH = 12
MAX_DIGITS = 40

_Scalar = None | bool | int | float | str


def _nested(levels: int) -> Any:
    """The type of JSON values with so many levels of objects and arrays at most."""
    if levels == 0:
        return _Scalar
    inner = _nested(levels - 1)
    return _Scalar | GenericAlias(list, inner) | GenericAlias(dict, (str, inner))


_READER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_nested(MAX_DEPTH))
# What a number is made of becomes a 0, so that a long one, in a text or not, is a run of them.
_OF_NUMBERS = bytes(48 if byte in b"+-.0123456789Ee" else 32 for byte in range(256))
_TOO_LONG = b"0" * (MAX_DIGITS + 1)


def read_json(body: bytes) -> Any:
    """Plain values of a JSON body; raises a 400 `Problem` that says what is wrong with it."""
    try:
        value = _READER.decode(body)
        if _is_clear(body, value):
            return value
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass  # the words for it are found below
    return read_carefully(body)


def _is_clear(body: bytes, value: Any) -> bool:
    """Whether `value`, as the fast reader found it, is certainly all that `body` says.

    The reader keeps the last of repeated keys, and each that is lost takes two quotation marks with
    it; those in texts are counted too, if each is written in the one way that our writer knows.
    """
    return (
        body.count(b'"') == msgspec.json.encode(value).count(b'"')
        and rb"\u0022" not in body
        and _TOO_LONG not in body.translate(_OF_NUMBERS)
    )


def read_carefully(body: bytes) -> Any:
    """The same as `read_json`, for every body."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed("The body is not UTF-8 text.") from None
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique_keys,
            parse_constant=_no_constant,
            parse_int=_bounded_int,
            parse_float=_bounded_float,
        )
    except RecursionError:
        raise _malformed(f"The body is nested deeper than {MAX_DEPTH} levels.") from None
    except ValueError as error:
        raise _malformed(f"The body is not valid JSON: {error}.") from None
    if _deeper_than(value, MAX_DEPTH):
        raise _malformed(f"The body is nested deeper than {MAX_DEPTH} levels.")
    return value


def _deeper_than(value: Any, levels: int) -> bool:
    layer = [value] if isinstance(value, dict | list) else []
    for _ in range(levels):
        layer = [
            child
            for holder in layer
            for child in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(child, dict | list)
        ]
    return bool(layer)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is repeated in one object")
    return found


def _no_constant(name: str) -> Never:
    raise ValueError(f"{name} is not a JSON value")


def _bounded_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError("a number is too long")
    return int(digits)


def _bounded_float(digits: str) -> float:
    if len(digits) > MAX_DIGITS or float(digits) in (float("inf"), float("-inf")):
        raise ValueError("a number is too long")
    return float(digits)


def _malformed(detail: str) -> Problem:
    return Problem(400, "malformed", detail)
