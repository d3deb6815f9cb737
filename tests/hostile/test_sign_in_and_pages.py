"""Sign-in and the pages: whatever arrives, never a 500. Their paths come from the URL map."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from backend.accounts.services import make_session_token
from tests.hostile import corpus
from tests.hostile.world import World, taken_back

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
TEXTS = ("", corpus.LONE_HIGH, f"a{corpus.NUL}b", "a" * 5000, corpus.MIXED, "\U0001f9b5")
WORDS = ("half an object", "a list", "null", "NaN", "broken UTF-8", "deep lists", "a repeated key")
# Every member that the sign-in API and the forms read.
MEMBERS = (
    *("email", "password", "login", "code", "key", "name", "new_password", "current_password"),
    *("credential", "id", "reason", "next", "authenticators", "passwordless", "sessions"),
)
# Nobody signs in by somebody else's account here, and the page of a broken link needs no session.
NOT_TRIED = re.compile(r"logout")


def paths(start: str) -> list[str]:
    """Every path below `start`, filled in."""
    found = [
        _PARAMETER.sub("1", re.sub(r"<uuid:(\w+)>", r"{\1}", path))
        for path in _flat(get_resolver().url_patterns, "")
    ]
    return [path for path in found if path.startswith(start) and not NOT_TRIED.search(path)]


def _flat(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for pattern in patterns:
        path = before + str(pattern.pattern).lstrip("^").rstrip("$")
        if isinstance(pattern, URLResolver):
            yield from _flat(pattern.url_patterns, path)
        else:
            yield path


def filled(path: str, world: World) -> str:
    """`path` with what the world has of each kind."""
    people = {"user_id": world.names["colleague"]}
    kinds = {f"{kind}_id": name for kind, name in world.names.items()}
    return "/" + path.format(**people | kinds)


def bodies() -> Iterator[bytes]:
    """JSON that no form expects."""
    yield from (corpus.BODIES[name] for name in WORDS)
    for value in (*TEXTS, None, 1, True, [], {}, [{}], {"a": "b"}, 10**30):
        yield json.dumps(dict.fromkeys(MEMBERS, value)).encode()


@pytest.mark.parametrize("signed_in", [False, True])
def test_the_sign_in_api_survives_everything(world: World, signed_in: bool) -> None:
    client, found = Client(raise_request_exception=False), []
    for path in paths("api/auth/"):
        with taken_back():
            token = make_session_token(world.therapist, world.now) if signed_in else ""
            for method in ("POST", "PUT", "PATCH", "DELETE"):
                for body in bodies():
                    answer = client.generic(
                        method,
                        filled(path, world),
                        data=body,
                        content_type="application/json",
                        headers={"X-Session-Token": token} if token else {},
                    )
                    if answer.status_code >= 500:
                        found.append((method, path, body[:80], answer.status_code))
                    if answer.status_code in (404, 405):
                        break
    assert found == []


@pytest.mark.parametrize("signed_in", [False, True])
def test_the_pages_survive_every_form(world: World, signed_in: bool) -> None:
    found = []
    for path in (*paths("dashboard/"), *paths("accounts/")):
        with taken_back():
            client = Client(raise_request_exception=False)
            if signed_in:
                client.cookies["sessionid"] = make_session_token(world.therapist, world.now)
            found += [
                (path, answer.status_code, answer.request.get("QUERY_STRING"))
                for answer in _page_answers(client, filled(path, world))
            ]
    assert {status for _, status, _ in found} >= {200, 302, 404 if signed_in else 302}
    assert [one for one in found if one[1] >= 500] == []


def _page_answers(client: Client, path: str) -> Iterator[Any]:
    for text in TEXTS:
        safe = text.encode("utf-8", "surrogatepass")
        yield client.post(path, dict.fromkeys(MEMBERS, text.encode("utf-8", "replace").decode()))
        raw = b"&".join(name.encode() + b"=" + safe for name in MEMBERS)
        form = "application/x-www-form-urlencoded"
        yield client.generic("POST", path, data=raw, content_type=form)
    for kind in (
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "text/plain; charset=no",
    ):
        yield client.generic("POST", path, data=b"--x\r\n\x00\xff", content_type=kind)
    for query in ("q=%00", "sort=%FF", "next=//evil.example", "q=" + "a" * 5000, "&" * 300):
        yield client.get(f"{path}?{query}")
