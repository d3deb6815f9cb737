"""Ten thousand random histories of three devices on a network that loses, delays and repeats:
nothing lost, nothing doubled, nothing stale, and every copy with the server's checksum.

`STEPWISE_HISTORIES` says how many (10,000). They are shared among two processes, each with a
database of its own, and are other ones every time.
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import datetime

from tests.drills import Figure, Say

TITLE = "three devices agree after any history"
HISTORIES, STEPS, PROCESSES, CHUNK = 10_000, 30, 2, 250


def run(say: Say) -> list[Figure]:
    """Plays them, and says how far it is."""
    wanted = int(os.environ.get("STEPWISE_HISTORIES", HISTORIES))
    each = -(-wanted // PROCESSES)
    say(f"{each * PROCESSES} histories of up to {STEPS} steps")
    children = [_child(each) for _ in range(PROCESSES)]
    found = [json.loads(child.communicate()[0].splitlines()[-1]) for child in children]
    played = sum(item["played"] for item in found)
    failed = [item["failed"] for item in found if item["failed"]]
    for text in failed:
        say(text)
    return [
        Figure(
            name="histories played",
            measured=f"{played}, with {sum(item['ops'] for item in found)} ops that arrived",
            bound=f"at least {wanted}",
            holds=played >= wanted,
        ),
        Figure(
            name="histories with something lost, doubled or stale",
            measured=str(len(failed)),
            bound="0",
            holds=not failed,
        ),
    ]


def _child(histories: int) -> "subprocess.Popen[str]":
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "backend.settings.test",
        "STEPWISE_DATA": tempfile.mkdtemp(prefix="stepwise-drill-"),
        "STEPWISE_LOG_LEVEL": "CRITICAL",
    }
    environment.pop("DATABASE_URL", None)
    return subprocess.Popen(
        [sys.executable, "-m", "tests.drills.sync_histories", str(histories)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def _play(histories: int) -> dict[str, object]:
    import django

    django.setup()
    from django.db import connection, transaction
    from django.test.utils import setup_test_environment
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis.stateful import run_state_machine_as_test

    from backend.accounts.models import Patient
    from backend.accounts.services import make_session_token
    from backend.core import clock
    from tests.client import ApiClient
    from tests.exercises.sync.histories import START, Histories

    played, ops = 0, 0

    class Counted(Histories):
        @staticmethod
        def make_client(patient: Patient) -> ApiClient:
            return ApiClient(make_session_token(patient.user, START))

        @staticmethod
        def set_clock(instant: datetime) -> None:
            clock.now = lambda: instant

        def teardown(self) -> None:
            nonlocal played, ops
            super().teardown()
            played += hasattr(self, "phones")
            ops += sum(len(body["ops"]) for body, _ in self.network.arrived)

    setup_test_environment()
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    quiet = settings(
        max_examples=min(CHUNK, histories),
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    failed = ""
    while played < histories and not failed:
        with transaction.atomic():
            try:
                run_state_machine_as_test(Counted, settings=quiet)
            except Exception as error:
                failed = f"{type(error).__name__}: {error}"[:2000]
            transaction.set_rollback(True)
    connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
    return {"played": played, "ops": ops, "failed": failed}


if __name__ == "__main__":
    sys.stdout.write("\n" + json.dumps(_play(int(sys.argv[1]))) + "\n")
