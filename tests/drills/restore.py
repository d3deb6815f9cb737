"""A backup that is made under writes, and restored: here in place of what came later, and elsewhere
into an empty database. Every table is as it was; the phone is told once, and loses nothing."""

import contextlib
import http.client
import json
import subprocess
import sys
import tempfile
import threading
import uuid
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.drills import Figure, Say
from tests.drills.overload import PEOPLE, ROOT, run_manage, web, web_environment
from tests.servers import Postgres

TITLE = "a backup under writes, restored here and elsewhere"
BEFORE, MEANWHILE, AFTER = 20, 60, 15
# What a restore changes on purpose.
NEW_AFTER_RESTORE = {"sync_syncepoch"}


class Phone:
    """Keeps all that it ever reported, as a phone does, and pushes what the server lacks."""

    def __init__(self, token: str) -> None:
        self._token = token
        self.reports: dict[str, dict[str, Any]] = {}
        self.cursor = ""
        self.held: set[str] = set()
        self.refusals: list[str] = []

    def report(self, port: int, count: int) -> None:
        """Makes and pushes `count` new reports, one by one."""
        for number in range(count):
            now = datetime.now(UTC)
            report = {
                "site": "knee",
                "kind": "avg24",
                "score": number % 8,
                "occurred_at": now.isoformat(),
                "tz": "UTC",
                "local_date": f"{now:%Y-%m-%d}",
            }
            pk = str(uuid.uuid4())
            self.reports[pk] = report
            self.push(port, [pk])

    def push(self, port: int, ids: list[str]) -> list[str]:
        """Pushes these reports; what became of each."""
        ops = [
            {"op_id": f"op-{pk}", "type": "pain_report", "id": pk, "data": self.reports[pk]}
            for pk in ids
        ]
        body = {"device_id": "phone-1", "device_time": datetime.now(UTC).isoformat(), "ops": ops}
        _, answer = self._call(port, "POST", "sync/push", body)
        return [result["status"] for result in answer["results"]]

    def pull(self, port: int) -> None:
        """Pulls from its cursor; a refused cursor is dropped, and everything pulled."""
        while True:
            query = f"?cursor={self.cursor}" if self.cursor else ""
            status, answer = self._call(port, "GET", f"sync/pull{query}")
            if status == 410:
                self.refusals.append(answer["reason"])
                self.cursor, self.held = "", set()
                continue
            self.held |= {change["id"] for change in answer["changes"]}
            self.cursor = answer["cursor"]
            if not answer["more"]:
                return

    def missing(self) -> list[str]:
        """What it reported and the server did not show."""
        return [pk for pk in self.reports if pk not in self.held]

    def _call(self, port: int, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"X-Session-Token": self._token, "Content-Type": "application/json"}
        content = json.dumps(body) if body else None
        try:
            connection.request(method, f"/api/v1/{path}", content, headers)
            answer = connection.getresponse()
            return answer.status, json.load(answer)
        finally:
            connection.close()


def run(say: Say) -> list[Figure]:
    figures = _on("SQLite", None, None, say)
    if not Postgres.binaries():
        say("PostgreSQL is not installed; left out")
        return figures
    with tempfile.TemporaryDirectory(prefix="stepwise-drill-") as directory:
        server = Postgres(Path(directory))
        server.start()
        try:
            with _second_database(server.url) as second:
                return figures + _on("PostgreSQL", server.url, second, say)
        finally:
            server.stop()


def _on(database: str, url: str | None, second: str | None, say: Say) -> list[Figure]:
    with contextlib.ExitStack() as stack:
        here, there, archives = (
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stepwise-drill-")))
            for _ in range(3)
        )
        environment = web_environment(here, url)
        elsewhere = web_environment(there, second)
        run_manage(environment, "migrate", "--verbosity", "0")
        (here / "static").mkdir(exist_ok=True)
        phone = Phone(_token(environment))
        first, copy = archives / "first.zip", archives / "copy.zip"
        say(f"{database}: a backup while {MEANWHILE} reports come in")
        with web(environment) as port:
            phone.report(port, BEFORE)
            _back_up_under_writes(environment, first, phone, port)
            phone.pull(port)
            phone.report(port, AFTER)
        say(f"{database}: restored in place, and into an empty database")
        _manage(environment, "restore", str(first), "--replace")
        _manage(elsewhere, "restore", str(first))
        _manage(elsewhere, "backup", str(copy))
        with web(environment) as port:
            phone.pull(port)
            lost = phone.missing()
            again = phone.push(port, lost) if lost else []
            phone.pull(port)
        return _figures(database, phone, lost, again, _differing(first, copy))


def _back_up_under_writes(
    environment: dict[str, str], target: Path, phone: Phone, port: int
) -> None:
    writing = threading.Thread(target=phone.report, args=(port, MEANWHILE))
    writing.start()
    _manage(environment, "backup", str(target))
    writing.join()


def _figures(
    database: str, phone: Phone, lost: list[str], again: list[str], differing: list[str]
) -> list[Figure]:
    return [
        _exactly(f"{database}: tables that differ in a restored copy", differing, []),
        _exactly(f"{database}: how the phone was refused", phone.refusals, ["restored"]),
        Figure(
            name=f"{database}: reports since the backup, which the phone still holds",
            measured=str(len(lost)),
            bound=f"at least {AFTER}",
            holds=len(lost) >= AFTER,
        ),
        _exactly(f"{database}: what became of them", sorted(set(again)), ["applied"]),
        _exactly(f"{database}: reports lost in the end", len(phone.missing()), 0),
    ]


def _differing(one: Path, other: Path) -> list[str]:
    before, after = (_tables(path) for path in (one, other))
    names = ({*before, *after}) - NEW_AFTER_RESTORE
    return sorted(name for name in names if before.get(name) != after.get(name))


def _tables(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        tables: dict[str, Any] = json.loads(archive.read("manifest.json"))["tables"]
        return tables


def _token(environment: dict[str, str]) -> str:
    command = [sys.executable, "-c", PEOPLE, "1"]
    made = subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True)
    return str(json.loads(made.stdout)[0])


def _manage(environment: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, env=environment, cwd=ROOT, check=False, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{arguments[0]}: {done.stderr.decode()[-2000:]}")


@contextlib.contextmanager
def _second_database(server_url: str) -> Iterator[str]:
    import psycopg

    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE second")
    yield server_url.rpartition("/")[0] + "/second"


def _exactly(name: str, measured: object, bound: object) -> Figure:
    return Figure(name=name, measured=str(measured), bound=str(bound), holds=measured == bound)
