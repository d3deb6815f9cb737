"""The stand of the embedded mode: one file, the product's web server on it, and the floor."""

import contextlib
import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

from bench import stand
from bench.floor_sqlite import SCHEMA
from bench.load import answer
from bench.people import Phone
from bench.phones import Stand, today_of


@contextlib.contextmanager
def embedded(now: datetime) -> Iterator[Stand]:
    """The stand, with the same two phones as on PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="stepwise-bench-") as directory:
        path = Path(directory) / "stepwise.sqlite3"
        database = stand.Database(f"sqlite:///{path}")
        fresh, old = _phones(database)
        with stand.product(database) as ours, stand.floor_sqlite(database) as floor:
            found = Stand(
                ours=ours, floor=floor, database_url=database.url, fresh=fresh, old=old, now=now
            )
            _furnish(found, path)
            yield found


def _phones(database: stand.Database) -> list[Phone]:
    environment = {**stand.environment_for(database.url), "DJANGO_SETTINGS_MODULE": stand.OURS}
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=stand.ROOT, env=environment, check=True)
    made = subprocess.run(
        [sys.executable, "-m", "bench.embedded_phones"],
        cwd=stand.ROOT, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [Phone(UUID(patient), headers) for patient, headers in json.loads(made.stdout)]


def _furnish(found: Stand, path: Path) -> None:
    body = answer(found.ours.port, today_of(found.fresh, found.day))
    occurrences = body.pop("occurrences")
    key = [str(found.fresh.patient), found.day.isoformat()]
    rows = [(*key, place, json.dumps(row)) for place, row in enumerate(occurrences)]
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(SCHEMA)
        token = found.fresh.headers["X-Session-Token"]
        connection.execute("INSERT INTO floor_token VALUES (?, ?)", [token, key[0]])
        connection.execute("INSERT INTO floor_screen VALUES (?, ?, ?)", [*key, json.dumps(body)])
        connection.executemany("INSERT INTO floor_occurrence VALUES (?, ?, ?, ?)", rows)
