"""What holds for every route of the API, read from the URL map."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from backend.accounts.services import end_care, make_session_token
from tests.client import ApiClient
from tests.conventions.reads import (
    CLIENT_NAMED,
    OPEN_TO_CACHES,
    RECORDS_READING,
    WHOLE,
    address,
    asking,
)
from tests.factories import make_clinic, make_patient, make_therapist
from tests.hostile.examples import EXAMPLES
from tests.hostile.world import World, taken_back
from tests.routes import METHODS, Route, api_doors, api_routes

WRITES = ("PUT", "POST", "PATCH", "DELETE")
KEYED = ("POST", "PATCH", "DELETE")
STARTED = time.time()
# What says nothing of any patient is told for as long as one works at the clinic.
OF_A_CLINIC = ("clinic-exercises/", "templates/")


@pytest.fixture
def world(db: None, now: Any, set_clock: Any) -> World:
    set_clock(now)
    return World(now)


def reads(world: World) -> Iterator[tuple[Route, str, str, Any]]:
    """Every GET: the route, who asks, the path, and the answer."""
    for route in api_routes("GET"):
        who, path = asking(route), world.filled(address(route))
        yield route, who, path, world.answer(who, "GET", path)


def problem(answer: Any, status: int) -> dict[str, Any]:
    """The problem that an answer is."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Cache-Control"] == "no-store"
    found: dict[str, Any] = json.loads(answer.content)
    assert found["status"] == status
    assert found["retry"] in ("never", "later", "after_fix", "after_auth")
    return found


def test_without_a_credential_every_method_of_every_door_is_401(world: World) -> None:
    for path, view in api_doors().items():
        if view.role == "open":
            continue
        filled = world.filled(address(Route(path, "GET")))
        for method in (*METHODS, "HEAD", "OPTIONS", "TRACE"):
            answer = world.answer("nobody", method, filled, b"{}")
            assert answer.status_code == 401, (method, path)
            assert "WWW-Authenticate" in answer
            if method != "HEAD":
                assert problem(answer, 401)["retry"] == "after_auth"


def test_a_method_that_is_not_there_is_405_with_those_that_are(world: World) -> None:
    for path, view in api_doors().items():
        filled, who = world.filled(address(Route(path, "GET"))), asking(Route(path, "GET"))
        there = {method for method in METHODS if hasattr(view, method.lower())}
        for method in {*METHODS, "PROPFIND"} - there:
            answer = world.answer(who, method, filled, b"{}")
            assert problem(answer, 405)["code"] == "method_not_allowed", (method, path)
            assert set(answer["Allow"].split(", ")) >= there
        options = world.answer(who, "OPTIONS", filled)
        assert (options.status_code, options.content) == (204, b"")
        assert set(options["Allow"].split(", ")) >= there


def test_every_read_answers_with_an_etag_and_then_with_304(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hour, (route, who, path, answer) in enumerate(reads(world)):
        assert answer.status_code == 200, (path, answer.content)
        cached = answer["Cache-Control"]
        assert cached == "no-store" or route.path in OPEN_TO_CACHES, (path, cached)
        if route.path in RECORDS_READING:
            continue
        # What did not change is known later, too: no second of the machine's clock gets into a tag.
        monkeypatch.setattr(time, "time", lambda hour=hour: STARTED + 3600 * hour)
        known = world.answer(who, "GET", path, headers={"If-None-Match": answer["ETag"]})
        assert (known.status_code, known.content) == (304, b""), path
        assert (known["ETag"], known["Cache-Control"]) == (answer["ETag"], cached)
        other = world.answer(who, "GET", path, headers={"If-None-Match": '"other", W/"x"'})
        assert other.status_code == 200, path
        head = world.answer(who, "HEAD", path)
        assert (head.status_code, head.content) == (200, b""), path


def test_an_unknown_or_repeated_query_parameter_is_named(world: World) -> None:
    for route in api_routes():
        who, path = asking(route), world.filled(address(route))
        extra = "&" if "?" in path else "?"
        answer = world.answer(who, route.method, f"{path}{extra}no~such=1", b"{}")
        errors = problem(answer, 400)["errors"]
        assert [error["pointer"] for error in errors] == ["/no~0such"], route
    twice = world.answer("therapist", "GET", "patients?limit=1&limit=2")
    assert problem(twice, 400)["errors"][0]["code"] == "repeated"
    many = "&".join(f"a{n}=1" for n in range(3000))
    assert problem(world.answer("patient", "GET", f"me?{many}"), 400)


def test_a_list_is_items_and_a_cursor_within_bounds(world: World) -> None:
    for route, who, path, answer in reads(world):
        if answer["Content-Type"] != "application/json":
            continue
        body = answer.json()
        known = getattr(api_doors()[route.path].get, "query_names", ())  # type: ignore[attr-defined]
        if "limit" not in known:
            is_list = "items" in body and not route.path.endswith(">")
            assert not is_list or route.path in WHOLE, route
            continue
        assert len({"items", "changes"} & set(body)) == 1, route
        more = f"{path}&" if "?" in path else f"{path}?"
        # A pull has bounds of its own.
        too_many = "201" if "items" in body else "9999"
        for limit in ("0", too_many, "-1", "1.5", "x", "%D9%A1", "9" * 30):
            wrong = problem(world.answer(who, "GET", f"{more}limit={limit}"), 400)
            assert wrong["errors"][0]["pointer"] == "/limit", (route, limit)
        for limit in ("1", "200"):
            assert world.answer(who, "GET", f"{more}limit={limit}").status_code == 200, route
        for cursor in ("x", "a:b:c", "%00", "9" * 5000, "../../etc/passwd"):
            wrong = world.answer(who, "GET", f"{more}cursor={cursor}")
            assert problem(wrong, wrong.status_code), route
            assert wrong.status_code in ((400, 410) if "changes" in body else (400,)), route


def test_a_missing_object_and_one_out_of_reach_look_the_same(world: World) -> None:
    clinic = make_clinic(now=world.now, name="Elsewhere")
    strangers = {
        "patient": make_patient(now=world.now, name="Olga Other").user,
        "therapist": make_therapist(now=world.now, clinic=clinic, name="Stella Stranger"),
    }
    for route in api_routes():
        who = asking(route)
        named = re.search(r"<uuid:", route.path) and str(route) not in CLIENT_NAMED
        if not named or who not in strangers:
            continue
        stranger = ApiClient(make_session_token(strangers[who], world.now))
        world.clients["stranger"] = stranger
        path, body, headers = address(route), b"", {}
        if str(route) in EXAMPLES:
            with taken_back():
                _, _, body, headers = world.request(EXAMPLES[str(route)])
        missing = re.sub(r"\{\w+\}", lambda _: str(uuid4()), path)
        for asked in (world.filled(path), missing):
            answer = world.answer("stranger", route.method, asked, body, headers)
            same = problem(answer, 404) | {"trace_id": ""}
            assert same["code"] == "not_found", route
            assert same == UNKNOWN, route


UNKNOWN = {
    "type": "urn:stepwise:problem:not_found",
    "title": "Not Found",
    "status": 404,
    "detail": "There is nothing here, or it is not yours to see.",
    "code": "not_found",
    "retry": "never",
    "errors": [],
    "trace_id": "",
}


def test_an_editable_document_asks_for_its_version(world: World) -> None:
    for route, example in EXAMPLES.items():
        if "If_Match" not in example.headers:
            continue
        with taken_back():
            who, path, body, _ = world.request(example)
            method = route.partition(" ")[0]
            assert problem(world.answer(who, method, path, body), 428)["retry"] == "after_fix"
            for tag in ('"no-such-version"', "*garbage", '""'):
                stale = world.answer(who, method, path, body, {"If-Match": tag})
                assert problem(stale, 412)["code"] == "stale", route


def test_every_call_is_done_once_under_its_key(world: World) -> None:
    for route, example in EXAMPLES.items():
        method = route.partition(" ")[0]
        if method not in KEYED or route in FORGETS:
            continue
        with taken_back():
            who, path, body, headers = world.request(example)
            keyed = headers | {"Idempotency-Key": "key-1"}
            first = world.answer(who, method, path, body, keyed)
            again = world.answer(who, method, path, body, keyed)
            assert 200 <= first.status_code < 300, (route, first.content)
            assert (again.status_code, again.content) == (first.status_code, first.content), route
            assert again["Idempotent-Replayed"] == "true", route
            other = world.answer(who, method, path, body + b" " if body else b"{}", keyed)
            assert problem(other, 422)["code"] == "idempotency_key_reused", route


def test_a_kept_answer_is_not_given_to_a_therapist_whose_care_has_ended(world: World) -> None:
    for route, example in EXAMPLES.items():
        method, _, pattern = route.partition(" ")
        if example.who != "therapist" or method not in KEYED or "<uuid:" not in pattern:
            continue
        if pattern.startswith(OF_A_CLINIC):
            continue
        with taken_back():
            who, path, body, headers = world.request(example)
            keyed = headers | {"Idempotency-Key": "key-1"}
            first = world.answer(who, method, path, body, keyed)
            end_care(care=world.care, by=None, now=world.now)
            again = world.answer(who, method, path, body, keyed)
            assert again.status_code == (404 if first.content else first.status_code), route


# A call that ends the person's record ends her kept answers too.
FORGETS = {"DELETE me"}
