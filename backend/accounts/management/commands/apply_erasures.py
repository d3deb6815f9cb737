"""`manage.py apply_erasures`: erases again whom a restored database still holds."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.core.management.base import BaseCommand

from backend.accounts.erasures.services import apply_again
from backend.core import clock
from backend.core.progress import Bar


class Command(BaseCommand):
    """Whatever it finds done already it leaves as it is."""

    help = "Erase again everybody whom the ledger of erasures names (after a restore)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "ledgers",
            metavar="FILE",
            nargs="*",
            type=Path,
            help="further ledgers, of other machines",
        )

    def handle(self, *args: Any, ledgers: list[Path], **options: Any) -> None:
        if missing := [str(path) for path in ledgers if not path.is_file()]:
            raise CommandError(f"There is no file {', '.join(missing)}.")
        bar = Bar(sys.stderr)
        try:
            people, data = apply_again(now=clock.now(), paths=ledgers, say=bar)
        finally:
            bar.end()
        self.stdout.write(f"{people} people erased again, the data of {data} deleted again.")
