"""Who gets a place: each class its own few, a red flag before all, and health outside of it."""

import io
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from backend.core.admission import (
    BULK,
    CRITICAL,
    DEFAULT,
    FREE,
    MOST_RED_FLAGS_WAITING,
    MOST_WAITING,
    PLACES,
    ROOMS,
    SIGN_IN,
    SYNC,
    THREADS,
    Doorkeeper,
    Room,
    class_of,
)
from backend.core.outer_wall import OuterWall

REPORT = "/api/v1/me/symptom-reports/0190a000-0000-7000-8000-000000000000"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits, unless a test says so."""
    for kind, room in ROOMS.items():
        monkeypatch.setitem(ROOMS, kind, Room(places=room.places, patience=0))


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("PUT", REPORT, CRITICAL),
        ("POST", "/api/v1/sync/push", CRITICAL),
        ("GET", REPORT, DEFAULT),
        ("GET", "/api/v1/sync/pull", SYNC),
        ("PUT", "/api/v1/me/pain-reports/x", SYNC),
        ("POST", "/api/auth/app/v1/auth/login", SIGN_IN),
        ("POST", "/accounts/login/", SIGN_IN),
        ("GET", "/api/v1/me/brief.pdf", BULK),
        ("GET", "/brief/a-token/brief.pdf", BULK),
        ("GET", "/brief/a-token/", DEFAULT),
        ("GET", "/dashboard/patients/1/brief.pdf", BULK),
        ("POST", "/api/v1/me/exports", BULK),
        ("POST", "/api/v1/simulations", BULK),
        ("GET", "/api/v1/me/today", DEFAULT),
        ("GET", "/dashboard/", DEFAULT),
        ("GET", "/healthz", FREE),
        ("GET", "/readyz", FREE),
        ("POST", "/healthz", DEFAULT),
    ],
)
def test_method_and_path_say_what_a_request_is_for(method: str, path: str, kind: str) -> None:
    assert class_of(method, path, has_token=True) == kind


def test_without_a_token_nobody_takes_the_places_of_red_flags() -> None:
    assert class_of("PUT", REPORT, has_token=False) == DEFAULT


def test_there_are_threads_left_when_all_who_may_are_in_or_wait() -> None:
    assert THREADS > PLACES + MOST_RED_FLAGS_WAITING + MOST_WAITING


def test_each_class_has_its_own_places() -> None:
    door = Doorkeeper()
    assert [door.admit(BULK) for _ in range(2)] == [True, False]
    assert door.admit(DEFAULT)
    door.leave(BULK)
    assert door.admit(BULK)


def test_the_last_places_are_for_red_flags_alone() -> None:
    door = Doorkeeper()
    others = [door.admit(kind) for kind in (DEFAULT, SYNC, SIGN_IN, BULK) for _ in range(PLACES)]
    left = PLACES - others.count(True)
    assert left >= 2
    assert [door.admit(CRITICAL) for _ in range(left + 1)] == [True] * left + [False]


def test_a_red_flag_that_waits_goes_in_before_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROOMS, CRITICAL, Room(places=PLACES, patience=10))
    door = Doorkeeper()
    for _ in range(PLACES):
        door.admit(CRITICAL)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(door.admit, CRITICAL)
        while not door._waiting[CRITICAL]:
            time.sleep(0)
        assert not door.admit(DEFAULT)
        door.leave(CRITICAL)
        assert waiting.result(10)


def test_not_more_wait_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROOMS, BULK, Room(places=1, patience=10))
    door = Doorkeeper()
    door.admit(BULK)
    with ThreadPoolExecutor(MOST_WAITING) as pool:
        waiting = [pool.submit(door.admit, BULK) for _ in range(MOST_WAITING)]
        while door._waiting[BULK] < MOST_WAITING:
            time.sleep(0)
        assert not door.admit(BULK)
        for number in range(MOST_WAITING):
            door.leave(BULK)
            while sum(future.done() for future in waiting) <= number:
                time.sleep(0)
        assert all(future.result() for future in waiting)


class Site:
    """A site whose answers wait until they are let go."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.bodies: list[bytes] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        self.bodies.append(environ["wsgi.input"].read())
        assert self.go_on.wait(10)
        start_response("200 OK", [])
        return [b"done"]


def ask(
    wall: OuterWall, path: str, method: str = "GET", body: bytes = b"", **more: str
) -> tuple[str, dict[str, str], bytes]:
    said: list[Any] = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **more,
    }
    answer = wall(environ, lambda status, headers: said.extend((status, dict(headers))))
    return said[0], said[1], b"".join(answer)


@pytest.fixture
def full() -> Iterator[OuterWall]:
    """A wall behind which every place for screens is taken."""
    site = Site()
    wall = OuterWall(site)
    with ThreadPoolExecutor(PLACES) as pool:
        for _ in range(ROOMS[DEFAULT].places):
            pool.submit(ask, wall, "/api/v1/me")
        while len(site.bodies) < ROOMS[DEFAULT].places:
            time.sleep(0)
        wall.site = site  # type: ignore[attr-defined]
        yield wall
        site.go_on.set()


def test_who_finds_no_place_hears_when_to_come_back(full: OuterWall) -> None:
    seen = set()
    for _ in range(40):
        status, headers, body = ask(full, "/api/v1/me")
        assert status.startswith("503")
        seen.add(int(headers["Retry-After"]))
    problem = json.loads(body)
    assert headers["Content-Type"] == "application/problem+json"
    assert (problem["code"], problem["retry"]) == ("overloaded", "later")
    assert len(problem["trace_id"]) == 32
    assert min(seen) >= 3
    assert max(seen) <= 7
    assert len(seen) > 1


def test_a_page_hears_it_in_words(full: OuterWall) -> None:
    status, headers, body = ask(full, "/dashboard/")
    assert status.startswith("503")
    assert headers["Content-Type"].startswith("text/html")
    assert b"nothing was done" in body


def test_red_flags_and_signs_of_life_come_through(full: OuterWall) -> None:
    full.site.go_on.set()  # type: ignore[attr-defined]
    wall = OuterWall(full.site, _with_default_taken())  # type: ignore[attr-defined]
    assert ask(wall, "/api/v1/me")[0].startswith("503")
    assert ask(wall, "/healthz")[0].startswith("200")
    assert ask(wall, REPORT, "PUT", b"{}", HTTP_X_SESSION_TOKEN="t")[0].startswith("200")


def _with_default_taken() -> Doorkeeper:
    door = Doorkeeper()
    for _ in range(ROOMS[DEFAULT].places):
        door.admit(DEFAULT)
    return door


def test_a_place_is_free_again_after_an_answer_an_error_and_a_stream() -> None:
    door = Doorkeeper()

    class Stream(list[bytes]):
        streaming = True

        def close(self) -> None:
            self.clear()

    def site(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/error":
            raise RuntimeError
        start_response("200 OK", [])
        return Stream([b"part"]) if environ["PATH_INFO"] == "/stream" else [b"done"]

    wall = OuterWall(site, door)
    ask(wall, "/answer")
    with pytest.raises(RuntimeError):
        ask(wall, "/error")
    assert door._inside.total() == 0
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/stream", "wsgi.input": io.BytesIO()}
    answer: Any = wall(environ, lambda *_: None)
    assert door._inside.total() == 1
    assert list(answer) == [b"part"]
    answer.close()
    assert door._inside.total() == 0


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/auth/app/v1/auth/login", "/dashboard/", "/x"])
def test_a_body_that_is_too_large_is_refused_everywhere_before_it_is_read(path: str) -> None:
    site = Site()
    body = b"x" * (512 * 1024 + 1)
    status, headers, _ = ask(OuterWall(site), path, "POST", body)
    assert status.startswith("413")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert site.bodies == []
