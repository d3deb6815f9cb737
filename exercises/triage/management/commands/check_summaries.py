"""Compares what is kept for speed with what it stands for: day summaries with the facts, and the
panel's rows with the records."""

import sys
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.accounts.models import Patient
from backend.core import clock
from backend.core.progress import Bar
from exercises.tracking.days_checking import rebuild_days, those_with_wrong_days
from exercises.triage.panel_checking import Comparison, compare
from exercises.triage.panel_summaries import refresh

BATCH = 500


class Command(BaseCommand):
    help = "Compares day summaries with the diary, and the panel's with what the records say."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="compute all of them anew first")

    def handle(self, *args: Any, **options: Any) -> None:
        ids = [*Patient.objects.order_by("pk").values_list("pk", flat=True)]
        found, days, bar = Comparison(), set[UUID](), Bar(sys.stderr)
        for first in range(0, len(ids), BATCH):
            batch = ids[first : first + BATCH]
            if options["rebuild"]:
                self._rebuild(batch)
            days |= those_with_wrong_days(batch)
            found += self._compare(batch)
            bar("patients", min(first + BATCH, len(ids)), len(ids))
        bar.end()
        self._complain(found.wrong, days)
        self.stdout.write(
            f"{found.right} summaries are right; {found.stale} are stale or missing, and are made "
            "when they are read. All days are what the diaries add up to."
        )

    def _rebuild(self, batch: list[UUID]) -> None:
        for patient_id in those_with_wrong_days(batch):
            rebuild_days(patient_id)
        refresh(batch, clock.now())

    def _complain(self, rows: Collection[UUID], days: Collection[UUID]) -> None:
        for patient_id in rows:
            self.stderr.write(f"{patient_id}: the summary is not what the record says")
        for patient_id in sorted(days):
            self.stderr.write(f"{patient_id}: a day is not what the diary adds up to")
        if wrong := {*rows, *days}:
            raise CommandError(
                f"The summaries of {len(wrong)} patients are wrong; --rebuild computes them anew."
            )

    def _compare(self, batch: list[Any]) -> Comparison:
        found = compare(batch, clock.now())
        if not found.wrong:
            return found
        # Written to in the middle of the comparison, perhaps: then the second look finds it stale.
        again = compare(found.wrong, clock.now())
        return Comparison(found.right, found.stale) + again
