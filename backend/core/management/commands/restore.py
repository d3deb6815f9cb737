"""`manage.py restore FILE`: puts a backup in place and proves that all of it is there."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.db import DatabaseError

from backend.core import clock
from backend.core.backups.errors import BackupFailed
from backend.core.backups.services import restore
from backend.core.progress import Line


class Command(BaseCommand):
    """Web, workers and schedulers must be stopped; on any error the database is as it was."""

    help = "Restore a backup into an empty database, or with --replace in place of this one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", metavar="FILE", type=Path)
        parser.add_argument("--replace", action="store_true", help="replace what is there now")

    def handle(self, *args: Any, source: Path, replace: bool, **options: Any) -> None:
        shown = Line(sys.stderr)
        try:
            restored = restore(source=source, replace=replace, now=clock.now(), say=shown)
        except (BackupFailed, DatabaseError, OSError) as error:
            raise CommandError(str(error)) from None
        finally:
            shown.end()
        states = restored.manifest.tables.values()
        self.stdout.write(f"Restored the state of {restored.manifest.made_at}.")
        self.stdout.write(
            f"{sum(one.rows for one in states)} rows in {len(states)} tables: counts and checksums"
            " are those of the backup."
        )
        for line in restored.done:
            self.stdout.write(line)
        if not restored.same_key:
            self.stderr.write(
                "The backup was made under another STEPWISE_SECRET_KEY: everybody signs in again,"
                " and push addresses and webhook secrets cannot be read. Put the key back if you can."
            )
