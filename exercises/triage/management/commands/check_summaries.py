"""Compares what is kept of the panel's rows with what the records say."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.accounts.models import Patient
from backend.core import clock
from exercises.triage.panel_checking import Comparison, compare
from exercises.triage.panel_summaries import refresh

BATCH = 500
WIDTH = 30


class Command(BaseCommand):
    help = "Compares the panel's summaries with what is computed from the records."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="compute all of them anew first")

    def handle(self, *args: Any, **options: Any) -> None:
        ids = [*Patient.objects.order_by("pk").values_list("pk", flat=True)]
        found = Comparison()
        for first in range(0, len(ids), BATCH):
            batch = ids[first : first + BATCH]
            if options["rebuild"]:
                refresh(batch, clock.now())
            found += self._compare(batch)
            self._progress(min(first + BATCH, len(ids)), len(ids))
        for patient_id in found.wrong:
            self.stderr.write(f"{patient_id}: the summary is not what the record says")
        if found.wrong:
            raise CommandError(
                f"{len(found.wrong)} summaries are wrong; --rebuild computes them anew."
            )
        self.stdout.write(
            f"{found.right} summaries are right; {found.stale} are stale or missing, and are made "
            "when they are read."
        )

    def _compare(self, batch: list[Any]) -> Comparison:
        found = compare(batch, clock.now())
        if not found.wrong:
            return found
        # Written to in the middle of the comparison, perhaps: then the second look finds it stale.
        again = compare(found.wrong, clock.now())
        return Comparison(found.right, found.stale) + again

    def _progress(self, done: int, total: int) -> None:
        if not sys.stderr.isatty() and done < total:
            return
        bar = "#" * (WIDTH * done // total)
        end = "\n" if done == total else ""
        self.stderr.write(f"\r[{bar:{WIDTH}}] {done} of {total}", ending=end)
