"""The web worker over real connections, in a process of its own."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.servers import free_port, wait_for

ROOT = Path(__file__).resolve().parents[3]
SITE = "tests.backend.core.web_site"
END = b"\r\n\r\n"


class Web:
    """gunicorn with one process of sixteen threads."""

    def __init__(self) -> None:
        self.port = free_port()
        command = ["-m", "gunicorn", "-c", f"python:{SITE}", f"{SITE}:site", "--no-control-socket"]
        command += ["--bind", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, stderr=subprocess.DEVNULL
        )
        wait_for(self.is_up, seconds=60, what="Starting the web server")

    def is_up(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask("/up").status == 200
        return False

    def ask(self, path: str, method: str = "GET", body: bytes = b"") -> http.client.HTTPResponse:
        """One request over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, body, {"Connection": "close"})
        return connection.getresponse()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def said(self, sent: bytes) -> bytes:
        """All that is answered until the server ends the connection."""
        with self.connect() as client:
            client.sendall(sent)
            return all_of(client)

    def worker(self) -> int:
        """The id of the process that answers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return int(children.read_text(encoding="ascii").split()[0])

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(30)


def all_of(client: socket.socket) -> bytes:
    parts = []
    while part := client.recv(65536):
        parts.append(part)
    return b"".join(parts)


def trickle(client: socket.socket) -> None:
    """Sends one header after the other."""
    for _ in range(300):
        client.sendall(b"X: y\r\n")
        time.sleep(0.1)


def answer_of(client: socket.socket, length: int) -> bytes:
    """One answer whose body has `length` bytes."""
    got = b""
    while END not in got or len(got.split(END, 1)[1]) < length:
        part = client.recv(65536)
        assert part, got
        got += part
    return got


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    running = Web()
    yield running
    assert running.stop() == 0


def test_a_connection_is_used_again_and_ends_when_it_is_idle(web: Web) -> None:
    with web.connect() as client:
        for path in (b"/one", b"/two"):
            client.sendall(b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % path)
            answer = answer_of(client, 9)
            assert b"Connection: keep-alive" in answer
            assert answer.endswith(b"GET %s " % path)
        assert client.recv(1) == b""


def test_requests_that_come_together_are_answered_in_turn(web: Web) -> None:
    ask = b"PUT /%d HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
    last = b"GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    said = web.said(ask % 1 + ask % 2 + last)
    assert [said.index(part) for part in (b"PUT /1 abc", b"PUT /2 abc", b"GET /last ")] == sorted(
        said.index(part) for part in (b"PUT /1 abc", b"PUT /2 abc", b"GET /last ")
    )
    assert said.count(b"HTTP/1.1 200 OK") == 3


def test_a_head_and_a_body_may_come_in_pieces(web: Web) -> None:
    with web.connect() as client:
        for piece in (b"PUT /slo", b"wly HTTP/1.1\r\nHost: a\r\nContent-", b"Length: 6\r\n\r\nab"):
            client.sendall(piece)
            time.sleep(0.05)
        client.sendall(b"cdef")
        assert answer_of(client, 17).endswith(b"PUT /slowly abcdef")


def test_whoever_waits_to_go_on_hears_that_he_may(web: Web) -> None:
    with web.connect() as client:
        head = b"PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        client.sendall(head)
        assert client.recv(100).startswith(b"HTTP/1.1 100 Continue")
        client.sendall(b"ok")
        assert answer_of(client, 9).endswith(b"PUT /x ok")


def test_a_body_in_chunks_and_an_answer_in_chunks(web: Web) -> None:
    chunked = b"PUT /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert web.said(chunked + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").endswith(b"PUT /c abcde")
    assert web.ask("/stream").read() == b"part 0;part 1;part 2;"


def test_an_answer_to_head_has_no_body(web: Web) -> None:
    said = web.said(b"HEAD /h HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert b"Content-Length: 8" in said
    assert said.endswith(END)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"400"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", b"400"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 9000 + b"\r\n\r\n", b"431"),
        (b"GET /broken HTTP/1.1\r\nHost: a\r\n\r\n", b"500"),
    ],
)
def test_what_is_no_request_is_refused_and_what_breaks_is_said(
    web: Web, sent: bytes, status: bytes
) -> None:
    assert web.said(sent).startswith(b"HTTP/1.1 " + status)
    assert web.ask("/after").status == 200


def test_an_answer_that_breaks_off_is_no_whole_one(web: Web) -> None:
    said = web.said(b"GET /torn HTTP/1.1\r\nHost: a\r\n\r\n")
    assert b"part 0;" in said
    assert not said.endswith(b"0\r\n\r\n")
    assert said.count(b"HTTP/1.1") == 1


def test_a_refusal_reaches_a_client_that_is_still_sending(web: Web) -> None:
    size = 40_000
    head = b"PUT /refused HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size
    assert web.said(head + b"x" * size).endswith(b"refused")


def test_silent_and_slow_clients_keep_nobody_out(web: Web) -> None:
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(web.connect()) for _ in range(100)]
        # Some of them begin a request, which takes the threads until they have been silent too long.
        for client in clients[::5]:
            client.sendall(b"PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx")
        assert web.ask("/among").status == 200
        assert [client.recv(1) for client in clients] == [b""] * len(clients)


def test_a_request_that_trickles_is_given_up(web: Web) -> None:
    with web.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(ConnectionError):
            trickle(client)


def test_as_many_are_answered_at_once_as_there_are_threads(web: Web) -> None:
    with ThreadPoolExecutor(16) as pool:
        assert {answer.status for answer in pool.map(web.ask, ["/together"] * 16)} == {200}


def test_a_process_that_died_is_followed_by_another(web: Web) -> None:
    died = web.worker()
    os.kill(died, signal.SIGKILL)
    wait_for(lambda: web.is_up() and web.worker() != died, seconds=30, what="Another process")


def test_who_is_being_answered_when_it_stops_is_answered() -> None:
    web = Web()
    with web.connect() as client, web.connect() as idle, ThreadPoolExecutor(1) as pool:
        idle.sendall(b"GET /idle HTTP/1.1\r\nHost: a\r\n\r\n")
        answer_of(idle, 10)
        head = b"PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        client.sendall(head)
        assert client.recv(100).startswith(b"HTTP/1.1 100 Continue")
        stopped = pool.submit(web.stop)
        wait_for(lambda: not web.is_up(), seconds=30, what="Stopping the web server")
        client.sendall(b"ok")
        said = all_of(client)
        assert said.endswith(b"PUT /x ok")
        assert b"Connection: close" in said
        assert idle.recv(1) == b""
        assert stopped.result(30) == 0
