"""`python -m bench [WORD ...]`: the rows whose names hold one of the words, or all of them."""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from bench import stand
from bench.contest import ROUNDS, Contest, Outcome, hold, table
from tests.servers import Postgres


def main() -> int:
    """Runs the bench; 0 when every goal was reached."""
    arguments, began = _arguments(), time.monotonic()
    with stand.database() as postgres:
        _migrate(postgres.url)
        with (
            stand.product(stand.of_postgres(postgres)) as ours,
            stand.floor(stand.of_postgres(postgres)) as floor,
            ExitStack() as stack,
        ):
            contests = _contests(ours, floor, postgres, stack, large=arguments.large)
            chosen = [row for row in contests if _is_chosen(row.name, arguments.words)]
            outcomes = [
                _hold(row, arguments.rounds, f"{place} of {len(chosen)}")
                for place, row in enumerate(chosen, start=1)
            ]
    _tell(f"All of it took {time.monotonic() - began:.0f} s.")
    sys.stdout.write(table(outcomes) + "\n")
    if arguments.json:
        rows = [asdict(outcome) | {"is_reached": outcome.is_reached} for outcome in outcomes]
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 0 if all(outcome.is_reached for outcome in outcomes) else 1


def _contests(
    ours: stand.Server,
    floor: stand.Server,
    postgres: Postgres,
    stack: ExitStack,
    *,
    large: bool,
) -> list[Contest]:
    os.environ.update(stand.environment_for(postgres.url))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.base")
    import django

    django.setup()
    from backend.core import clock
    from bench import (
        embedded,
        phones,
        rows_panel,
        rows_phone_reads,
        rows_phone_writes,
        rows_reminders,
    )

    _tell("Making the patients ...")
    now = clock.now()
    phone_stand = phones.set_up(ours, floor, postgres.url, now)
    peer = stack.enter_context(stand.peer(stand.of_postgres(postgres)))
    file_stand, file_peer = stack.enter_context(embedded.embedded(now))
    return [
        *rows_phone_reads.contests(phone_stand, peer),
        *rows_phone_writes.contests(phone_stand),
        *rows_phone_reads.embedded_contests(file_stand, file_peer),
        *rows_phone_writes.embedded_contests(file_stand),
        *rows_reminders.contests(postgres.url, _migrate, stack),
        *stack.enter_context(rows_panel.contests(_tell, large=large)),
    ]


def _hold(contest: Contest, rounds: int, place: str) -> Outcome:
    _tell(f"[{place}] {contest.name} ...")
    outcome = hold(contest, rounds)
    _tell(f"[{place}] r {outcome.ratio:.2f}, goal {outcome.goal:.2f}, took {outcome.took:.0f} s")
    return outcome


def _migrate(database_url: str) -> None:
    _tell("Making a database ...")
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    environment = stand.environment_for(database_url)
    subprocess.run(command, cwd=stand.ROOT, env=environment, check=True)


def _is_chosen(name: str, words: Sequence[str]) -> bool:
    return not words or any(word.lower() in name.lower() for word in words)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("words", nargs="*", help="only the rows whose name holds such a word")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="counted rounds of each row")
    parser.add_argument("--large", action="store_true", help="the rows over 30 million as well")
    parser.add_argument("--json", type=Path, help="where to keep the results")
    return parser.parse_args()


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
