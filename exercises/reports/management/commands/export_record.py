"""`manage.py export_record PATIENT FILE`: the export that the patient could make herself."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management import CommandError
from django.core.management.base import BaseCommand

from backend.accounts import audit
from backend.accounts.models import Patient
from backend.core import clock
from backend.core.progress import Bar
from exercises.reports.record.exporting import archive_of


class Command(BaseCommand):
    """For a patient who asks by letter. An audit event says that it was made."""

    help = "Write a patient's complete export (zip) to a file that only its owner can read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("patient", metavar="PATIENT", type=UUID, help="her id")
        parser.add_argument("target", metavar="FILE", type=Path)

    def handle(self, *args: Any, patient: UUID, target: Path, **options: Any) -> None:
        if not Patient.objects.filter(pk=patient).exists():
            raise CommandError("There is no such patient.")
        now, bar = clock.now(), Bar(sys.stderr)
        audit.record(actor_id=None, action="export.made", patient_id=patient, now=now)
        try:
            content = archive_of(patient_id=patient, now=now, say=bar)
            handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{target}: {error.strerror}") from None
        finally:
            bar.end()
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        self.stdout.write(f"{target}: {len(content)} bytes.")
