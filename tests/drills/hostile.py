"""The whole hostile corpus against every write of the API, on both databases."""

import os
import re
import subprocess
import sys

from tests.drills import Figure, Say

TITLE = "every write refuses everything that is wrong"
TESTS = ["tests/hostile", "tests/conventions"]
SECONDS_A_TEST = 1800


def run(say: Say) -> list[Figure]:
    """Plays it on SQLite and on PostgreSQL."""
    return [
        _figure("SQLite", [], say),
        _figure("PostgreSQL", [sys.executable, "-m", "tests.servers"], say),
    ]


def _figure(database: str, beside: list[str], say: Say) -> Figure:
    say(f"on {database} ...")
    command = [*beside, sys.executable, "-m", "pytest", "-q", "-n", "2", *TESTS]
    done = subprocess.run(
        [*command, f"--timeout={SECONDS_A_TEST}"],
        env={**os.environ, "STEPWISE_DRILL": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        say(done.stdout[-6000:] + done.stderr[-1000:])
    summary = re.search(r"\d+ (?:passed|failed).*", done.stdout)
    return Figure(
        name=f"tests of refusals on {database}",
        measured=summary.group(0) if summary else "none ran",
        bound="all pass",
        holds=done.returncode == 0,
    )
