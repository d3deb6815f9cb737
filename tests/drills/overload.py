"""Fifty times the load: who is let in is answered in time, who is not hears so at once, the process
says that it lives, and no red flag is refused while anybody else is let in."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tests.drills import Figure, Say
from tests.servers import Postgres, free_port, wait_for

TITLE = "fifty times the load"
ROOT = Path(__file__).resolve().parents[2]
SECONDS = 12
# Fifty senders for each place of the class that most requests are of, on two workers.
TIMES, PLACES = 50, 2 * 2
REPORTERS = 12
REPORT_EVERY_S = 0.5
# Whoever was refused comes back far sooner than Retry-After asks for.
BACK_AFTER_S = 0.25

PEOPLE = """
import json, sys, django
django.setup()
from backend.core import clock
from backend.accounts.services import make_session_token
from tests.factories import make_patient
now = clock.now()
print(json.dumps([make_session_token(make_patient(now=now).user, now) for _ in range(int(sys.argv[1]))]))
"""


@dataclass
class Tally:
    """Seconds of each answer by its status."""

    taken: dict[int, list[float]] = field(default_factory=dict)
    refused_at: list[float] = field(default_factory=list)
    admitted_at: list[float] = field(default_factory=list)

    def note(self, status: int, began: float) -> None:
        ended = time.monotonic()
        self.taken.setdefault(status, []).append(ended - began)
        (self.refused_at if status in (429, 503) else self.admitted_at).append(ended)

    def admitted(self) -> list[float]:
        return [s for status, took in self.taken.items() if status < 300 for s in took]

    def refused(self) -> list[float]:
        return self.taken.get(503, [])

    def others(self) -> int:
        known = [status for status in self.taken if status < 300 or status == 503]
        return sum(len(took) for took in self.taken.values()) - sum(
            len(self.taken[status]) for status in known
        )


def run(say: Say) -> list[Figure]:
    figures = _on("SQLite", None, say)
    if Postgres.binaries():
        with tempfile.TemporaryDirectory(prefix="stepwise-drill-") as directory:
            server = Postgres(Path(directory))
            server.start()
            try:
                figures += _on("PostgreSQL", server.url, say)
            finally:
                server.stop()
    else:
        say("PostgreSQL is not installed; left out")
    return figures


def _on(database: str, url: str | None, say: Say) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="stepwise-drill-") as data:
        environment = web_environment(Path(data), url)
        run_manage(environment, "migrate", "--verbosity", "0")
        run_manage(environment, "collectstatic", "--noinput", "--verbosity", "0")
        made = subprocess.run(
            [sys.executable, "-c", PEOPLE, str(REPORTERS + 1)],
            env=environment, cwd=ROOT, check=True, capture_output=True,
        )  # fmt: skip
        tokens: list[str] = json.loads(made.stdout)
        with web(environment) as port:
            say(f"{database}: {TIMES * PLACES} senders for {SECONDS} s")
            # The watchers must not wait for the storm that they watch.
            with ProcessPoolExecutor(2) as processes:
                storm = processes.submit(_run_storm, port, tokens[0])
                watch = processes.submit(_run_watch, port, tokens[1:])
                tallies = (storm.result(), *watch.result())
    return _figures(database, *tallies)


def _run_storm(port: int, token: str) -> Tally:
    return asyncio.run(_storm(port, token))


def _run_watch(port: int, tokens: list[str]) -> tuple[Tally, Tally]:
    return asyncio.run(_watch(port, tokens))


async def _storm(port: int, token: str) -> Tally:
    screens = Tally()
    until = time.monotonic() + SECONDS
    make = partial(_request, "GET", "/api/v1/me", token)
    senders = (
        _send(port, until, screens, make, back_after=BACK_AFTER_S) for _ in range(TIMES * PLACES)
    )
    await asyncio.gather(*senders)
    return screens


async def _watch(port: int, tokens: list[str]) -> tuple[Tally, Tally]:
    reports, health = Tally(), Tally()
    until = time.monotonic() + SECONDS
    senders = [
        _send(port, until, reports, partial(_red_flag, token), pause=REPORT_EVERY_S)
        for token in tokens
    ]
    ask = partial(_request, "GET", "/healthz", "")
    await asyncio.gather(*senders, _send(port, until, health, ask, pause=0.05))
    return reports, health


async def _send(
    port: int,
    until: float,
    tally: Tally,
    make: Callable[[], bytes],
    *,
    back_after: float = 0,
    pause: float = 0,
) -> None:
    """Sends one request after the other over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < until:
        request = make()
        began = time.monotonic()
        try:
            writer.write(request)
            status, is_last = await _answer(reader)
        except (ConnectionError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            continue
        tally.note(status, began)
        if is_last:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(back_after if status == 503 else pause)
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
    await reader.readexactly(length)
    return int(head[9:12]), b"connection: close" in head


def _request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"X-Session-Token: {token}"] if token else []
    lines += ["Content-Type: application/json"] if body else []
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def _red_flag(token: str) -> bytes:
    now = datetime.now(UTC)
    report = {
        "occurred_at": now.isoformat(),
        "tz": "UTC",
        "local_date": now.date().isoformat(),
        "symptoms": [{"code": "S-SADDLE", "present": True, "attrs": {}}],
    }
    path = f"/api/v1/me/symptom-reports/{uuid.uuid4()}"
    return _request("PUT", path, token, json.dumps(report).encode())


def _figures(database: str, screens: Tally, reports: Tally, health: Tally) -> list[Figure]:
    admitted, refused = screens.admitted() + reports.admitted(), screens.refused()
    unfair = _refused_while_others_came_in(reports, screens)
    return [
        _within(f"{database}: admitted, p99", _p99(admitted), 1.0, len(admitted)),
        _within(f"{database}: refused, p99", _p99(refused), 0.2, len(refused)),
        _within(f"{database}: health, p99", _p99(health.admitted()), 0.3, len(health.admitted())),
        Figure(
            name=f"{database}: red flags refused while others were let in",
            measured=f"{unfair} of {len(reports.admitted()) + len(reports.refused())}",
            bound="0",
            holds=unfair == 0 and len(reports.admitted()) > 0,
        ),
        Figure(
            name=f"{database}: answers that are neither",
            measured=f"{screens.others() + reports.others() + health.others()}",
            bound="0",
            holds=screens.others() + reports.others() + health.others() == 0,
        ),
    ]


def _within(name: str, measured: float, bound: float, count: int) -> Figure:
    return Figure(
        name=name,
        measured=f"{measured * 1000:.0f} ms of {count}",
        bound=f"{bound * 1000:.0f} ms",
        holds=count > 0 and measured <= bound,
    )


def _refused_while_others_came_in(reports: Tally, screens: Tally) -> int:
    """How many red flags were refused within a second of another request being let in."""
    return sum(
        any(abs(other - refused) < 1 for other in screens.admitted_at)
        for refused in reports.refused_at
    )


def _p99(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.99)] if seconds else 0.0


def web_environment(data: Path, url: str | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {
        **kept,
        **({"DATABASE_URL": url} if url else {}),
        "STEPWISE_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "backend.settings.base",
        "STEPWISE_LOG_LEVEL": "ERROR",
    }


def run_manage(environment: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, env=environment, cwd=ROOT, check=True)


@contextmanager
def web(environment: dict[str, str]) -> Iterator[int]:
    """The web server as `make run` starts it, with two workers."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "python:backend.core.serving"]
    command += ["backend.wsgi", "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        wait_for(lambda: _is_up(port), seconds=30, what="Starting the web server")
        yield port
    finally:
        process.terminate()
        process.wait(15)


def _is_up(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
