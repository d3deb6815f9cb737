"""The scripted server: Stepwise's sync doors on 127.0.0.1, with the accidents of a real network."""

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from conformance.record import Record, StartOver, TooMany

TOKEN = "kit"  # noqa: S105  (of a server that runs for a minute on this machine)
Accident = Literal["cut_before", "cut_after", "unavailable", "signed_out", "never"]


@dataclass
class Script:
    """What the server does next: accidents by path, in order, and what it was asked so far."""

    record: Record = field(default_factory=Record)
    skew: timedelta = timedelta(0)
    accidents: dict[str, deque[Accident]] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def then(self, path: str, *accidents: Accident) -> None:
        """The next requests to `path` meet these, one each."""
        self.accidents.setdefault(path, deque()).extend(accidents)

    def next_accident(self, path: str) -> Accident:
        """What the present request meets."""
        waiting = self.accidents.get(path)
        return waiting.popleft() if waiting else "never"

    def pushes(self) -> list[dict[str, Any]]:
        """The bodies of the pushes so far."""
        return [body for path, body in self.asked if path == "sync/push"]


@contextmanager
def serving(script: Script) -> Iterator[str]:
    """Serves `script`; gives the base address of its API."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.script = script
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/api/v1/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    script: Script


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._serve(None)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        self._serve(json.loads(body) if body else None)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class's name)
        """Nothing: the kit's own report is what counts."""

    def _serve(self, body: Any) -> None:
        script, url = self.server.script, urlsplit(self.path)
        path = url.path.removeprefix("/api/v1/")
        with script.lock:
            accident = script.next_accident(path)
            if accident == "cut_before":
                return self._cut()
            if self.headers.get("X-Session-Token") != TOKEN or accident == "signed_out":
                return self._answer(401, {"code": "not_authenticated", "retry": "after_auth"})
            if accident == "unavailable":
                return self._answer(503, {"code": "overloaded", "retry": "later"}, retry_after="1")
            script.asked.append((path, body))
            status, answer = self._act(path, parse_qs(url.query), body)
            if accident == "cut_after":
                return self._cut()
        return self._answer(status, answer)

    def _act(self, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        script = self.server.script
        if path == "sync/push":
            return self._push(body)
        if path == "sync/pull":
            return self._pull(query)
        parts = path.split("/")
        if parts[:2] == ["sync", "rejections"] and parts[3:] == ["repair"]:
            return script.record.repair(parts[2], body)
        return 404, {"code": "not_found"}

    def _push(self, body: Any) -> tuple[int, dict[str, Any]]:
        script = self.server.script
        try:
            answer = script.record.push(body)
        except TooMany:
            return 413, {"code": "too_many_ops", "retry": "after_fix"}
        now = datetime.now(UTC) + script.skew
        skew = now - datetime.fromisoformat(body["device_time"])
        more = {
            "server_time": now.isoformat(),
            "clock_skew_ms": round(skew.total_seconds() * 1000),
            "limits": {"max_ops": 500, "max_bytes": 524288, "max_depth": 12},
        }
        return 200, {**answer, **more, **script.extra}

    def _pull(self, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        script = self.server.script
        cursor, limit = query.get("cursor", [None])[0], int(query.get("limit", ["500"])[0])
        try:
            return 200, {**script.record.pull(cursor, limit), **script.extra}
        except StartOver as reason:
            return 410, {"code": "start_over", "retry": "after_fix", "reason": str(reason)}

    def _answer(self, status: int, body: dict[str, Any], *, retry_after: str = "") -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        kind = "application/json" if status < 400 else "application/problem+json"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(text)

    def _cut(self) -> None:
        # A reset, as when a train enters a tunnel: the client must not take it for an answer.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()
