"""The stand of the embedded mode: one file, the product's web server on it, and the floor."""

import contextlib
import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from uuid import UUID

from backend.core.sqlite3.planning import COUNT
from bench import stand
from bench.floor_sqlite import SCHEMA
from bench.load import answer
from bench.people import History, Phone
from bench.phones import FRESH, OLD, Stand, today_of


@contextlib.contextmanager
def embedded(now: datetime) -> Iterator[tuple[Stand, stand.Server]]:
    """The stand, with the same two phones as on PostgreSQL, and the peer that lists."""
    with tempfile.TemporaryDirectory(prefix="stepwise-bench-") as directory:
        path = Path(directory) / "stepwise.sqlite3"
        database = stand.Database(f"sqlite:///{path}")
        _migrate(database)
        with (
            _Phones(database, path, now) as admit,
            stand.product(database) as ours,
            stand.floor_sqlite(database) as floor,
            stand.peer(database) as peer,
        ):
            found = Stand(
                ours=ours,
                floor=floor,
                database_url=database.url,
                fresh=admit(FRESH),
                old=admit(OLD),
                now=now,
                admit=admit,
                settle=lambda: _count(path),
            )
            _furnish(found, path)
            found.settle()
            yield found, peer


class _Phones:
    """A program that makes phones, since this one works on PostgreSQL; the floor hears of each."""

    def __init__(self, database: stand.Database, path: Path, now: datetime) -> None:
        self._path = path
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.embedded_phones", now.isoformat()],
            cwd=stand.ROOT,
            env=_environment(database),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> "_Phones":
        with contextlib.closing(sqlite3.connect(self._path)) as connection, connection:
            connection.executescript(SCHEMA)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def __call__(self, history: History) -> Phone:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("There are no pipes.")
        self._process.stdin.write(json.dumps(asdict(history)) + "\n")
        self._process.stdin.flush()
        patient, headers = json.loads(self._process.stdout.readline())
        with contextlib.closing(sqlite3.connect(self._path, timeout=20)) as connection, connection:
            token = headers["X-Session-Token"]
            connection.execute("INSERT INTO floor_token VALUES (?, ?)", [token, patient])
            connection.execute("INSERT INTO floor_patient VALUES (?, 0)", [patient])
        return Phone(UUID(patient), headers)


def _count(path: Path) -> None:
    # The scheduler, which does not run here, would have done so by now.
    with contextlib.closing(sqlite3.connect(path, timeout=20)) as connection:
        for statement in COUNT:
            connection.execute(statement)


def _migrate(database: stand.Database) -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=stand.ROOT, env=_environment(database), check=True)


def _environment(database: stand.Database) -> dict[str, str]:
    return {**stand.environment_for(database.url), "DJANGO_SETTINGS_MODULE": stand.OURS}


def _furnish(found: Stand, path: Path) -> None:
    body = answer(found.ours.port, today_of(found.fresh, found.day))
    occurrences = body.pop("occurrences")
    key = [str(found.fresh.patient), found.day.isoformat()]
    rows = [(*key, place, json.dumps(row)) for place, row in enumerate(occurrences)]
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO floor_screen VALUES (?, ?, ?)", [*key, json.dumps(body)])
        connection.executemany("INSERT INTO floor_occurrence VALUES (?, ?, ?, ?)", rows)
