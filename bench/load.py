"""The load: a process of its own that sends requests one after the other and reads the answers.

`python -m bench.load` reads from its standard input a line of JSON, `{"port"}`, and one line for
each request (`{"method", "path", "headers", "body"}`); it sends them to 127.0.0.1 and prints
`{"statuses": {status: count}, "seconds": [seconds of each]}`. A connection serves one request, as
behind a proxy that keeps none open.
"""

import contextlib
import http.client
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """One request of the load; `body` is sent as it is."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True)
class Result:
    """How a load was answered: how often with which status, and how long each took."""

    statuses: dict[str, int]
    seconds: list[float]

    @property
    def failures(self) -> dict[str, int]:
        """The answers that were no success and no "not modified"."""
        return {
            code: n for code, n in self.statuses.items() if not (code[0] == "2" or code == "304")
        }


def send(port: int, requests: Sequence[Request]) -> Result:
    """Sends `requests` from a process of their own."""
    lines = [json.dumps({"port": port}), *(json.dumps(asdict(request)) for request in requests)]
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
    )
    return Result(**json.loads(done.stdout))


def answer(port: int, request: Request) -> Any:
    """The JSON with which one request is answered; raises RuntimeError when it is refused."""
    status, body = _send(port, request)
    if status >= 300:
        raise RuntimeError(f"{request.path} was answered with {status}: {body[:200]!r}")
    return json.loads(body)


def etag_of(port: int, request: Request) -> str:
    """The ETag with which one request is answered."""
    with contextlib.closing(
        http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    ) as connection:
        connection.request(request.method, request.path, None, request.headers)
        response = connection.getresponse()
        response.read()
        return response.headers["ETag"]


def main() -> None:
    """Plays what standard input holds."""
    first, *rest = sys.stdin.read().splitlines()
    port: int = json.loads(first)["port"]
    requests = [Request(**json.loads(line)) for line in rest]
    statuses: Counter[str] = Counter()
    seconds = []
    for request in requests:
        began = time.perf_counter()
        statuses[str(_send(port, request)[0])] += 1
        seconds.append(time.perf_counter() - began)
    json.dump({"statuses": statuses, "seconds": seconds}, sys.stdout)


def _send(port: int, request: Request) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Connection": "close", "Content-Type": "application/json", **request.headers}
    connection.request(request.method, request.path, request.body.encode() or None, headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, body


if __name__ == "__main__":
    main()
