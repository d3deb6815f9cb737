"""A site for tests of the web worker, and gunicorn's settings for it."""

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from backend.core import web_connection, web_worker

bind = "127.0.0.1:0"
workers = 1
threads = 16
# Longer than a test waits: who does not stop by himself is found out.
graceful_timeout = 90
keepalive = 2
worker_class = "backend.core.web_worker.PollingWorker"
worker_connections = 300
loglevel = "error"
# A test does not wait as long as one does for a phone.
web_worker.SILENCE = 1
web_connection.WHOLE = 3.0
web_worker.FIRST_WORD = 1.0
all_together = threading.Barrier(threads)


def site(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers with what was asked of it; some paths wait, refuse, or break."""
    path = environ["PATH_INFO"]
    if path == "/together":
        all_together.wait(30)
    if path == "/broken":
        raise RuntimeError("broken")
    if path in ("/stream", "/torn"):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return _parts(path)
    if path == "/refused":
        body = b"refused"
    else:
        body = b"%s %s " % (environ["REQUEST_METHOD"].encode(), path.encode())
        body += environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def _parts(path: str) -> Iterator[bytes]:
    for number in range(3):
        yield b"part %d;" % number
        if path == "/torn":
            raise RuntimeError("torn")
