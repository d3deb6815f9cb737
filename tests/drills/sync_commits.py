"""Eight processes commit to one patient's record, and to fifty, in any order, while a reader follows
by cursor: it must be given everything that was committed.

A cursor by time or by a sequence loses rows here; the per-patient revision must lose none.
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.drills import Figure, Say
from tests.servers import Postgres

TITLE = "no commit slips past a cursor, however eight writers overlap"
WRITERS, COMMITS_EACH, PATIENTS = 8, 260, 50
PAUSE_S = 0.02
NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


def run(say: Say) -> list[Figure]:
    """Starts a PostgreSQL of its own, the writers and the reader."""
    with tempfile.TemporaryDirectory(prefix="stepwise-drill-") as directory:
        server = Postgres(Path(directory))
        server.start()
        try:
            return _on(server.url, say)
        finally:
            server.stop()


def _on(url: str, say: Say) -> list[Figure]:
    environment = {**os.environ, "DATABASE_URL": url, "STEPWISE_DATA": tempfile.mkdtemp()}
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, env=environment, check=True)
    patients = json.loads(_child(["make"], environment).communicate()[0])
    figures = []
    for name, chosen in (("one patient", patients[:1]), (f"{PATIENTS} patients", patients[1:])):
        found = _race(chosen, environment)
        say(f"{name}: {found['commits']} commits, read in {found['pages']} pages meanwhile")
        figures += [
            Figure(
                name=f"missed of {found['commits']} commits to {name}",
                measured=str(found["missed"]),
                bound="0",
                holds=found["missed"] == 0 and found["commits"] == WRITERS * COMMITS_EACH,
            )
        ]
    return figures


def _race(patients: list[str], environment: dict[str, str]) -> dict[str, int]:
    follower = _child(["follow", *patients], environment)
    writers = [_child(["write", str(seed), *patients], environment) for seed in range(WRITERS)]
    commits = sum(int(writer.communicate()[0]) for writer in writers)
    out, _ = follower.communicate("stop\n")
    return {"commits": commits, **json.loads(out)}


def _child(arguments: list[str], environment: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.drills.sync_commits", *arguments],
        env={**environment, "DJANGO_SETTINGS_MODULE": "backend.settings.test"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _work(role: str, arguments: list[str]) -> object:
    import threading
    from uuid import UUID

    import django

    django.setup()
    from exercises.tracking.models import Fact
    from tests.exercises.sync.commits import Follower, slow_transactions, write
    from tests.factories import make_patient

    if role == "make":
        return [str(make_patient(now=NOW).pk) for _ in range(1 + PATIENTS)]
    if role == "write":
        ids, seed = [UUID(text) for text in arguments[1:]], int(arguments[0])
        with slow_transactions(seed):
            return write(ids, commits=COMMITS_EACH, seed=seed, now=NOW)
    ids = [UUID(text) for text in arguments]
    follower, told = Follower(ids), threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), told.set()), daemon=True).start()
    while not told.wait(PAUSE_S):
        follower.poll()
    follower.catch_up()
    missed = sum(
        1
        for patient_id, name in Fact.objects.filter(patient__in=ids).values_list("patient", "id")
        if str(name) not in follower.seen[patient_id]
    )
    return {"pages": follower.pages, "missed": missed}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_work(sys.argv[1], sys.argv[2:])))
