"""`manage.py backup FILE|DIRECTORY`: one file with everything that the database holds."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.db import DatabaseError

from backend.core import clock
from backend.core.backups.errors import BackupFailed
from backend.core.backups.services import make_backup
from backend.core.progress import Line


class Command(BaseCommand):
    """The archive holds health data: keep it encrypted. It holds no secret of the configuration."""

    help = (
        "Back the database up, also while everything runs. The archive holds health data, and none of"
        " the configuration's secrets: keep STEPWISE_SECRET_KEY and the push keys elsewhere."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", metavar="FILE|DIRECTORY", type=Path)

    def handle(self, *args: Any, target: Path, **options: Any) -> None:
        line = Line(sys.stderr)
        try:
            path, manifest = make_backup(target=target, now=clock.now(), say=line)
        except (BackupFailed, DatabaseError, OSError) as error:
            raise CommandError(str(error)) from None
        finally:
            line.end()
        rows = sum(table.rows for table in manifest.tables.values())
        self.stdout.write(f"{path}: {rows} rows in {len(manifest.tables)} tables.")
        self.stdout.write(
            "Without secrets: keep STEPWISE_SECRET_KEY (or STEPWISE_DATA/secret_key) and the push"
            " keys apart from it. It holds health data: keep it encrypted."
        )
