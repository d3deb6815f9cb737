"""What a log line tells, and what it never does."""

import json
import logging
import sys
from typing import Any

import pytest
from django.test import RequestFactory

from backend.core.logs import JsonLines, PlainLines, fields_of, scrubbed
from backend.core.tracing import trace_id

CANARY = "numb between the legs"


def record(message: Any, *values: Any, name: str = "backend.core", **extra: Any) -> Any:
    made = logging.LogRecord(name, logging.WARNING, __file__, 1, message, values, None)
    if len(values) == 1 and isinstance(values[0], dict):
        made.args = values[0]
    made.__dict__.update(extra)
    return made


def raised(error: Exception) -> Any:
    try:
        raise error
    except Exception:
        return record("it broke", exc_info=sys.exc_info())


def test_our_own_words_and_values_are_kept() -> None:
    told = fields_of(record("delivery %s waits: %d of %s", "a-b", 3, ValueError(CANARY)))
    assert told["message"] == "delivery a-b waits: 3 of ValueError"


def test_a_librarys_words_are_kept_without_its_values() -> None:
    told = fields_of(record("cannot reach %s after %d", CANARY, 3, name="kombu.connection"))
    assert told["message"] == "cannot reach … after 3"


def test_a_failed_task_is_told_by_name_and_id_alone() -> None:
    words = "Task %(name)s[%(id)s] raised unexpected: %(exc)s\n%(traceback)s %(args)s"
    values = {"name": "notifications.deliver", "id": "4", "exc": CANARY, "traceback": CANARY}
    told = fields_of(record(words, {**values, "args": CANARY}, name="celery.app.trace"))
    assert told["message"].startswith("Task notifications.deliver[4] raised unexpected: …")
    assert CANARY not in json.dumps(told)


@pytest.mark.parametrize(
    "text",
    [
        "mail to nora@example.org",
        "redis://user:secretword@host:6379/0",
        "GET /x?code=secretword",
        "code ABCD-EFGH",
        "K7RQM-3XWPB was taken",
        "token q8fh2k1lz0v7c3x9b5n4m6a2s1d0f8g7",
        "Key (id) exists. DETAIL: Failing row contains (secretword).",
    ],
)
def test_what_looks_like_an_address_a_query_a_code_a_token_or_a_row_is_left_out(text: str) -> None:
    left = scrubbed(text)
    assert "…" in left
    for secret in ("nora", "secretword", "EFGH", "3XWPB", "q8fh2"):
        assert secret not in left


def test_ids_and_names_are_kept() -> None:
    ids = "0190a000-0000-7000-8000-000000000000 06c30b93bd424eefb9f55d7138237368"
    text = f"{ids} by _a_long_name_of_a_function"
    assert scrubbed(text) == text


def test_an_exception_is_told_by_kind_and_place_and_never_by_its_words() -> None:
    try:
        try:
            raise ValueError(CANARY)
        except ValueError as cause:
            raise RuntimeError(CANARY) from cause
    except RuntimeError:
        told = fields_of(record("it broke", exc_info=sys.exc_info()))
    assert told["error"] == "RuntimeError < ValueError"
    assert "test_logs.py" in told["stack"][-1]
    assert CANARY not in json.dumps(told)


def test_a_request_is_told_by_its_route() -> None:
    request = RequestFactory().get(f"/api/v1/{CANARY}", {"code": CANARY})
    told = fields_of(record("%s: %s", "Not Found", request.path, request=request, status_code=404))
    assert told["message"] == "GET (no such path) 404"


def test_what_a_client_sent_in_a_host_header_is_not_told() -> None:
    name = "django.security.DisallowedHost"
    assert (
        fields_of(record(f"Invalid HTTP_HOST header: {CANARY}", name=name))["message"] == "refused"
    )


@pytest.mark.parametrize("message", [ValueError(CANARY), {"text": CANARY}, "%d" + " of %s"])
def test_nothing_breaks_the_line(message: Any) -> None:
    told = fields_of(record(message, "a", name="other"))
    assert CANARY not in json.dumps(told)


def test_lines_are_json_in_production_and_carry_the_trace() -> None:
    token = trace_id.set("abc")
    try:
        told = json.loads(JsonLines().format(raised(KeyError(CANARY))))
        plain = PlainLines().format(raised(KeyError(CANARY)))
    finally:
        trace_id.reset(token)
    assert told["trace_id"] == "abc"
    assert told["level"] == "WARNING"
    assert "KeyError" in plain
    assert "abc" in plain
    assert CANARY not in plain
