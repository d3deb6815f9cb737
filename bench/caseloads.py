"""Clinics with a year of diary: made once by the database itself, and kept.

A clinic has a thousand patients whom its service lead looks after; fifty of them have a therapist
of their own. A patient logged eight times a day for a year, three million rows a clinic. What was
kept is brought up to date with the migrations, and made again after three days, since a panel looks
at the last two weeks.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import psycopg

from bench.stand import DURABLE, ROOT, environment_for
from tests.servers import Postgres

EDITION = 1
GOOD_FOR = timedelta(days=3)
PATIENTS, OWN, YEAR, A_DAY = 1000, 50, 365, 8
ROWS_A_CLINIC = PATIENTS * YEAR * A_DAY
# Tables and indexes of three million rows, and as much again while they are written.
BYTES_A_CLINIC = 3 * 1024**3
MARKER = "made.json"
Tell = Callable[[str], None]

FACTS = """
INSERT INTO tracking_fact (patient_id, id, type, rev, occurred_at, tz, local_date, received_at,
    date_disagrees, data, digest)
SELECT p.id, md5(p.id::text || day || n)::uuid,
    CASE WHEN n < 6 THEN 'pain_report' WHEN n = 6 THEN 'home_care' ELSE 'session' END,
    10 + day * 8 + n, at, 'UTC', at::date, at, false,
    CASE WHEN n < 6 THEN jsonb_build_object('site', (ARRAY['knee','leg','back'])[1 + n %% 3],
             'kind', CASE WHEN n < 3 THEN 'avg24' ELSE 'now' END,
             'score', 2 + (hashtext(p.id::text || day / 5) %% 3 + 3) %% 3)
         WHEN n = 6 THEN '{"modality": "heat", "site": "knee", "minutes": 15, "wrapped": true}'
         ELSE jsonb_build_object('items', jsonb_build_array(jsonb_build_object(
             'prescription', r.id, 'slot', 'morning', 'stopped_because', 'none',
             'pain_before', 2, 'pain_during', 3,
             'done', '{"sets": 2, "reps": 10, "hold_s": 0, "minutes": 0}'::jsonb))) END,
    md5(day || '/' || n)
FROM accounts_patient p
JOIN plans_recoveryplan plan ON plan.patient_id = p.id
JOIN LATERAL (SELECT id FROM plans_prescription WHERE plan_id = plan.id ORDER BY id LIMIT 1) r ON true
CROSS JOIN generate_series(0, %(days)s - 1) day
CROSS JOIN generate_series(0, 7) n
CROSS JOIN LATERAL (SELECT %(began)s::timestamptz + day * interval '1 day' + n * interval '1 minute' AS at) t
WHERE p.id = ANY(%(ids)s)
ORDER BY day, p.id
"""
DAYS = """
INSERT INTO tracking_daypain (patient_id, local_date, site, avg24_sum, avg24_count, now_sum,
    now_count, worst)
SELECT patient_id, local_date, data->>'site',
    sum((data->>'score')::int) FILTER (WHERE data->>'kind' = 'avg24'), 1,
    sum((data->>'score')::int) FILTER (WHERE data->>'kind' = 'now'), 1,
    max((data->>'score')::int)
FROM tracking_fact WHERE type = 'pain_report' AND row > %(last)s
GROUP BY 1, 2, 3
"""
CONSTRAINTS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = %s::regclass AND contype IN ('u', 'f') ORDER BY contype DESC
"""
INDEXES = """
SELECT relname, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON oid = indexrelid
WHERE indrelid = %s::regclass AND NOT indisprimary
"""


@dataclass(frozen=True)
class Caseloads:
    """Whose lists are read: the lead's of a whole clinic, a therapist's of fifty, a patient of
    hers; with the time at which the data was made and the number of diary rows."""

    lead: str
    therapist: str
    patient: str
    at: str
    rows: int


@contextmanager
def kept(directory: Path, clinics: int, tell: Tell) -> Iterator[tuple[Postgres, Caseloads]]:
    """A running PostgreSQL with so many clinics, from `directory` where it was kept there."""
    if not _is_fresh(directory, clinics):
        _make(directory, clinics, tell)
    postgres = Postgres(directory, settings=DURABLE)
    postgres.start()
    try:
        _bring_up_to_date(postgres, tell)
        yield postgres, Caseloads(**json.loads((directory / MARKER).read_text())["caseloads"])
    finally:
        postgres.stop()


def _is_fresh(directory: Path, clinics: int) -> bool:
    try:
        found = json.loads((directory / MARKER).read_text(encoding="utf-8"))
        made_at = datetime.fromisoformat(found["caseloads"]["at"])
    except (OSError, ValueError, KeyError):
        return False
    age = datetime.now(made_at.tzinfo) - made_at
    return bool(found["clinics"] == clinics and found["edition"] == EDITION and age < GOOD_FOR)


def _make(directory: Path, clinics: int, tell: Tell) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    needed, free = clinics * BYTES_A_CLINIC, shutil.disk_usage(directory).free
    if free < 1.5 * needed:
        raise SystemExit(f"{directory} needs {needed >> 30} GiB and half as much again to spare.")
    postgres = Postgres(directory, settings=DURABLE | {"fsync": "off", "max_wal_size": "8GB"})
    postgres.start()
    try:
        _manage(postgres, "migrate", "--verbosity", "0")
        command = [sys.executable, "-m", "bench.caseloads", str(clinics)]
        made = subprocess.run(
            command, cwd=ROOT, env=environment_for(postgres.url), check=True, stdout=subprocess.PIPE
        )
        _settle(postgres, tell)
    finally:
        postgres.stop()
    marker = {"edition": EDITION, "clinics": clinics, "caseloads": json.loads(made.stdout)}
    (directory / MARKER).write_text(json.dumps(marker), encoding="utf-8")


def _bring_up_to_date(postgres: Postgres, tell: Tell) -> None:
    if _manage(postgres, "migrate", "--check", "--verbosity", "0", check=False) == 0:
        return
    tell("Migrating what was kept ...")
    _manage(postgres, "migrate", "--verbosity", "0")
    # A table that was written anew is no better known to the planner than a new one.
    _settle(postgres, tell)


def _settle(postgres: Postgres, tell: Tell) -> None:
    tell("Settling the tables ...")
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


def _manage(postgres: Postgres, *words: str, check: bool = True) -> int:
    command = [sys.executable, "manage.py", *words]
    environment = environment_for(postgres.url)
    return subprocess.run(command, cwd=ROOT, env=environment, check=check).returncode


def main(clinics: int) -> Caseloads:
    """Fills an empty database; the first clinic's people are the ones who read."""
    import django

    django.setup()
    from backend.core import clock
    from bench.clinic_people import open_bench_clinic

    now, random = clock.now(), Random(20260504)  # noqa: S311 (made-up people)
    # So that the diary ends with today's entries, and none is of the future.
    began = now.replace(hour=0, minute=0, second=1) - timedelta(days=YEAR - 1)
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        indexes = _drop_indexes(connection)
        found = None
        for number in range(clinics):
            people = open_bench_clinic(number, PATIENTS, OWN, began, now, random)
            _fill(connection, people.patients, began, number, clinics)
            found = found or people
        for place, statement in enumerate(indexes, start=1):
            _say(f"\rBuilding index {place} of {len(indexes)} ...")
            connection.execute(statement)
        _say("\n")
    if found is None:
        raise ValueError("at least one clinic")
    return Caseloads(
        lead=str(found.lead),
        therapist=str(found.therapist),
        patient=str(found.patients[0]),
        at=now.isoformat(),
        rows=clinics * ROWS_A_CLINIC,
    )


def _fill(
    connection: psycopg.Connection, patients: list[UUID], began: datetime, number: int, of: int
) -> None:
    step = 100
    for first in range(0, len(patients), step):
        ids = patients[first : first + step]
        values = {"ids": ids, "days": YEAR, "began": began}
        last = connection.execute("SELECT coalesce(max(row), 0) FROM tracking_fact").fetchone()
        connection.execute(FACTS, values)
        connection.execute(DAYS, {"last": last[0] if last else 0})
        connection.commit()
        done = (number * PATIENTS + first + len(ids)) * YEAR * A_DAY
        whole = of * ROWS_A_CLINIC
        bar = "#" * (30 * done // whole)
        _say(f"\rWriting the diary [{bar:30}] {done:,} of {whole:,} rows")
    if number == of - 1:
        _say("\n")


def _drop_indexes(connection: psycopg.Connection) -> list[str]:
    """Drops what is faster built afterwards; the statements that make it again."""
    made = []
    for table in ("tracking_fact", "tracking_daypain"):
        for name, definition in connection.execute(CONSTRAINTS, [table]).fetchall():
            connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            made.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        for name, definition in connection.execute(INDEXES, [table]).fetchall():
            connection.execute(f"DROP INDEX {name}")
            made.append(definition)
    connection.commit()
    return made


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.base")
    json.dump(asdict(main(int(sys.argv[1]))), sys.stdout)
