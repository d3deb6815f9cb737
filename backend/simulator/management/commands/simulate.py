"""`manage.py simulate FILE --json`: what would the product do, and when?"""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from django.core.management import CommandError
from django.core.management.base import BaseCommand

from backend.core.progress import Bar
from backend.simulator.playing import Failed, play
from backend.simulator.scenario import Scenario, ScenarioInvalid, read
from backend.simulator.services import Played
from exercises.triage.rules.pack import default_pack


class Command(BaseCommand):
    """Plays the scenarios of a file on their own clocks. Keeps nothing in any database.

    The result alone goes to stdout. Exit code 2: the file is not one of scenarios.
    """

    help = "Play scenarios through the services on a fixed clock, and say what holds when."
    # A file is asked about here, not a deployment.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="scenarios as JSON; - reads from stdin")
        parser.add_argument(
            "--json", action="store_true", help="one JSON object instead of a table"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        scenarios = _scenarios(options["file"])
        played = [*self._played(scenarios)]
        self.stdout.write(_as_json(played) if options["json"] else _as_table(played))
        if len(played) < len(scenarios):
            raise CommandError("Not every scenario could be played; see above.")

    def _played(self, scenarios: list[Scenario]) -> Iterator[Played]:
        bar = Bar(sys.stderr)
        for number, found in enumerate(play(scenarios), 1):
            bar(found.id, number, len(scenarios))
            if isinstance(found, Failed):
                bar.end()
                self._say(f"{found.id} could not be played:\n{found.trace}")
                continue
            for name, words in found.notes:
                bar.end()
                self._say(f"{found.id}, {name}: {words}")
            yield found
        bar.end()

    def _say(self, text: str) -> None:
        self.stderr.write(text, style_func=str)


def _scenarios(name: str) -> list[Scenario]:
    try:
        content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return read(content).scenarios
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}", returncode=2) from None
    except ScenarioInvalid as error:
        raise CommandError(f"{name}: {error}", returncode=2) from None


def _as_json(played: list[Played]) -> str:
    result = {
        "rules_version": default_pack().version,
        "scenarios": [{"id": one.id, "checkpoints": one.checkpoints} for one in played],
    }
    return msgspec.json.encode(result).decode()


def _as_table(played: list[Played]) -> str:
    lines = [f"Rules {default_pack().version}"]
    for one in played:
        lines += ["", one.id]
        for seen in one.checkpoints:
            rules = ", ".join(f"{alert.rule} {alert.status}" for alert in seen.alerts)
            lines.append(
                f"  {seen.at:%Y-%m-%d %H:%M}Z  {seen.level:<16} {seen.plan_state:<7}"
                f" {seen.phase:<10} {rules}".rstrip()
            )
    return "\n".join(lines)
