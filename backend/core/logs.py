"""Log lines that say what happened and where, and nothing that anybody typed.

An exception's text may quote a whole row, a request's path a code, a library's message an address
with its password. So of an exception only its kind and place are written; of a library's message
only its fixed words; of our own messages everything but what looks like an address, a token, a code
or a query. In production each line is a JSON object.
"""

import json
import logging
import re
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from django.http import HttpRequest

from backend.core.tracing import trace_id

OURS = ("backend", "exercises", "notifications")
# What Celery's messages may keep of the values that they are filled with.
TELLABLE = ("name", "id", "hostname", "runtime")
LEFT_OUT = "…"
LONGEST = 500
DEEPEST = 12

_MARKED = (
    re.compile(r"[^\s\"'<>(),;:=]+@[^\s\"'<>(),;:]+"),  # an e-mail address, a URL with a password
    re.compile(r"\?[^\s\"']+"),  # a query
    re.compile(r"\b(?=[\d-]*[A-Z])[A-Z0-9]{4,5}-[A-Z0-9]{4,5}\b"),  # a one-time code, an invitation
    re.compile(r"\bDETAIL:.*", re.DOTALL),  # PostgreSQL quotes the row
)
_TOKEN = re.compile(r"[A-Za-z0-9_\-]{24,}")
_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z_]+")

Fields = dict[str, Any]


class PlainLines(logging.Formatter):
    """One readable line for each record."""

    def format(self, record: logging.LogRecord) -> str:
        fields = fields_of(record)
        line = "{at} {level} {logger} {message}".format_map(fields)
        rest = (str(fields[name]) for name in ("error", "stack", "trace_id") if name in fields)
        return " | ".join((line, *rest))


class JsonLines(logging.Formatter):
    """One JSON object for each record."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(fields_of(record), ensure_ascii=False)


def fields_of(record: logging.LogRecord) -> Fields:
    """What may be told of `record`."""
    fields: Fields = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": scrubbed(_message(record))[:LONGEST],
    }
    if trace := trace_id.get():
        fields["trace_id"] = trace
    if record.exc_info and record.exc_info[1] is not None:
        fields["error"] = " < ".join(_kinds(record.exc_info[1]))
        fields["stack"] = _places(record.exc_info[2])
    return fields


def scrubbed(text: str) -> str:
    """`text` without what looks like an address, a query, a token or a code."""
    for mark in _MARKED:
        text = mark.sub(LEFT_OUT, text)
    return _TOKEN.sub(lambda found: found[0] if _ID.fullmatch(found[0]) else LEFT_OUT, text)


def _message(record: logging.LogRecord) -> str:
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest):
        return _about(request, getattr(record, "status_code", ""))
    if record.name.startswith("django.security"):
        return "refused"  # the rest is what the client sent
    is_ours = record.name.partition(".")[0] in OURS
    words = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
    if not record.args:
        return words
    values: Any = (
        {name: _told(value, is_ours or name in TELLABLE) for name, value in record.args.items()}
        if isinstance(record.args, Mapping)
        else tuple(_told(value, is_ours) for value in record.args)
    )
    try:
        return str(words % values)
    except (TypeError, ValueError, KeyError):
        return words


def _about(request: HttpRequest, status: object) -> str:
    """A request by its route: the path itself may hold a code, and unknown ones anything."""
    match = request.resolver_match
    return f"{request.method} {match.route if match else '(no such path)'} {status}"


def _told(value: object, is_ours: bool) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return value if is_ours else LEFT_OUT
    if isinstance(value, BaseException | type):
        return value.__name__ if isinstance(value, type) else type(value).__name__
    return str(value) if is_ours and type(value).__module__ == "uuid" else type(value).__name__


def _kinds(error: BaseException | None) -> list[str]:
    kinds: list[str] = []
    while error is not None and len(kinds) < DEEPEST:
        kinds.append(type(error).__name__)
        error = error.__cause__ or error.__context__
    return kinds


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-DEEPEST:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
