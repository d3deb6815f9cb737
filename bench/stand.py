"""The stand: one PostgreSQL with durable settings, or one file, and the servers measured on it."""

import contextlib
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.cpu import cpu_seconds
from bench.load import Request, send
from tests.servers import Postgres, free_port, wait_for

ROOT = Path(__file__).resolve().parents[1]
OURS = "backend.settings.base"
# What autovacuum does in the background belongs to neither side.
DURABLE = {"fsync": "on", "full_page_writes": "on", "autovacuum": "off", "shared_buffers": "512MB"}


@dataclass(frozen=True)
class Database:
    """Where servers keep their rows; `pid` is None where the database is a file, for which the
    servers work themselves."""

    url: str
    pid: int | None = None


@dataclass(frozen=True)
class Server:
    """A web server under measurement and the database that works for it."""

    name: str
    port: int
    pid: int
    database_pid: int | None

    def cost(self, requests: Sequence[Request]) -> float:
        """CPU seconds that one of `requests` took, application and database; raises RuntimeError
        when one of them failed."""
        before = self._spent()
        result = send(self.port, requests)
        after = self._spent()
        if result.failures:
            raise RuntimeError(f"{self.name} answered {result.failures}")
        return (after - before) / len(requests)

    def _spent(self) -> float:
        return cpu_seconds(self.pid) + cpu_seconds(self.database_pid)


def of_postgres(postgres: Postgres) -> Database:
    """The database that runs."""
    if postgres.process is None:
        raise ValueError("The database has to run first.")
    return Database(postgres.url, postgres.process.pid)


@contextlib.contextmanager
def database() -> Iterator[Postgres]:
    """A PostgreSQL that keeps what it promises."""
    with tempfile.TemporaryDirectory(prefix="stepwise-bench-") as directory:
        postgres = Postgres(Path(directory), settings=DURABLE)
        postgres.start()
        try:
            yield postgres
        finally:
            postgres.stop()


@contextlib.contextmanager
def product(database: Database, settings: str = OURS) -> Iterator[Server]:
    """The product's web server as `make run` starts it, with one worker."""
    with _gunicorn("Stepwise", "backend.wsgi", database, settings) as server:
        yield server


@contextlib.contextmanager
def peer(database: Database) -> Iterator[Server]:
    """The tutorial's way to list rows, served as the product is."""
    with _gunicorn("the peer", "bench.peer", database, settings="bench.peer_settings") as server:
        yield server


@contextlib.contextmanager
def floor_sqlite(database: Database) -> Iterator[Server]:
    """The least that gives the same screen on SQLite, served as the product is."""
    with _gunicorn("the floor", "bench.floor_sqlite", database) as server:
        yield server


@contextlib.contextmanager
def _gunicorn(
    name: str, application: str, database: Database, settings: str = OURS
) -> Iterator[Server]:
    port = free_port()
    command = ["-m", "gunicorn", "-c", "python:backend.core.serving", application]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--no-control-socket"]
    with _running(name, command, port, "/healthz", database, settings) as server:
        yield server


@contextlib.contextmanager
def floor(database: Database) -> Iterator[Server]:
    """The least that gives the same answers: FastAPI on asyncpg, one worker."""
    port = free_port()
    command = ["-m", "uvicorn", "bench.floor:app", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--no-access-log", "--log-level", "warning"]
    with _running("the floor", command, port, "/healthz", database) as server:
        yield server


@contextlib.contextmanager
def _running(
    name: str,
    command: Sequence[str],
    port: int,
    health: str,
    database: Database,
    settings: str = OURS,
) -> Iterator[Server]:
    environment = {**environment_for(database.url), "DJANGO_SETTINGS_MODULE": settings}
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment)
    try:
        url = f"http://127.0.0.1:{port}{health}"
        wait_for(lambda: _answers(url), seconds=60, what=f"Starting {name}")
        yield Server(name, port, process.pid, database.pid)
    finally:
        process.terminate()
        process.wait(20)


def environment_for(database_url: str) -> Mapping[str, str]:
    """The environment of a process that works on the stand's database."""
    unwanted = ("REDIS_URL", "EMAIL_URL", "PORT", "STEPWISE_ENV")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return kept | {"DATABASE_URL": database_url, "STEPWISE_LOG_LEVEL": "ERROR"}


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 (our own address)
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
