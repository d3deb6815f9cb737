"""`manage.py import_record FILE`: brings a patient with her record from another server."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.core.management.base import BaseCommand

from backend.accounts.erasures.ledger import LedgerUnwritable
from backend.core import clock
from backend.core.progress import Bar
from exercises.reports.record.importing import AlreadyHere, import_record
from exercises.reports.record.unpacking import NotAnExport, read_file


class Command(BaseCommand):
    """All of it, or nothing."""

    help = "Import a patient's export (the zip of /me/exports, or its record.json)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", metavar="FILE", type=Path)

    def handle(self, *args: Any, source: Path, **options: Any) -> None:
        bar = Bar(sys.stderr)
        try:
            found = import_record(document=read_file(source), now=clock.now(), say=bar)
        except (NotAnExport, AlreadyHere, LedgerUnwritable) as error:
            raise CommandError(str(error)) from None
        finally:
            bar.end()
        self.stdout.write(f"Imported {found.rows} rows of the patient {found.patient_id}.")
        if found.ended_care:
            self.stdout.write(
                f"{found.ended_care} therapists of this server looked after her when the export was"
                " made; that care has ended: invite her anew."
            )
        self.stdout.write("She signs in after setting a new password by e-mail.")
