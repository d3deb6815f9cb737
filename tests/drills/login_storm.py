"""Many wrong passwords at once against one account: exactly the allowed number is looked at, on every
database and worker together, and the person herself still gets in on a device that she has used."""

import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.drills import Figure, Say
from tests.drills.overload import ROOT, run_manage, web, web_environment
from tests.servers import Postgres

TITLE = "a storm of wrong passwords"
ATTEMPTS, ALLOWED = 40, 5
EMAIL, SECRET = "victim@example.org", "correct horse battery staple"
PERSON = f"""
import django
django.setup()
from backend.core import clock
from tests.factories import make_patient
make_patient(now=clock.now(), email="{EMAIL}")
"""
# Neither places nor threads are what is drilled here: whoever finds none asks again.
BUSY = 503


def run(say: Say) -> list[Figure]:
    figures = _on("SQLite", None, say)
    if not Postgres.binaries():
        say("PostgreSQL is not installed; left out")
        return figures
    with tempfile.TemporaryDirectory(prefix="stepwise-drill-") as directory:
        server = Postgres(Path(directory))
        server.start()
        try:
            return figures + _on("PostgreSQL", server.url, say)
        finally:
            server.stop()


def _on(database: str, url: str | None, say: Say) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="stepwise-drill-") as data:
        environment = web_environment(Path(data), url)
        run_manage(environment, "migrate", "--verbosity", "0")
        run_manage(environment, "collectstatic", "--noinput", "--verbosity", "0")
        command = [sys.executable, "-c", PERSON]
        subprocess.run(command, env=environment, cwd=ROOT, check=True)
        with web(environment) as port:
            say(f"{database}: {ATTEMPTS} wrong passwords at once")
            return _storm(database, port)


def _storm(database: str, port: int) -> list[Figure]:
    _, headers = _sign_in(port, SECRET)
    device = {"X-Device-Token": headers["X-Device-Token"]}
    together = threading.Barrier(ATTEMPTS)

    def one(_: int) -> int:
        together.wait()
        return _sign_in(port, "a guess")[0]

    with ThreadPoolExecutor(ATTEMPTS) as pool:
        statuses = list(pool.map(one, range(ATTEMPTS)))
    looked_at, refused = statuses.count(400), statuses.count(429)
    stranger, _ = _sign_in(port, SECRET)
    victim, _ = _sign_in(port, SECRET, device)
    return [
        _exactly(f"{database}: wrong passwords looked at", looked_at, ALLOWED),
        _exactly(f"{database}: refused without a look", refused, ATTEMPTS - ALLOWED),
        _exactly(f"{database}: the right password from an unknown device", stranger, 429),
        _exactly(f"{database}: the right password from her own device", victim, 200),
    ]


def _sign_in(port: int, password: str, more: dict[str, str] | None = None) -> tuple[int, Any]:
    body = json.dumps({"email": EMAIL, "password": password})
    headers = {"Content-Type": "application/json", **(more or {})}
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("POST", "/api/auth/app/v1/auth/login", body, headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status != BUSY:
            return answer.status, answer.headers
        time.sleep(0.05)


def _exactly(name: str, measured: int, bound: int) -> Figure:
    return Figure(name=name, measured=str(measured), bound=str(bound), holds=measured == bound)
