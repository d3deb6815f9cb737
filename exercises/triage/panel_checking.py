"""What is kept of the panel's rows against what the records say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from exercises.catalog.translation import ENGLISH
from exercises.triage.models import PanelSummary
from exercises.triage.panel import rows_for
from exercises.triage.panel_summaries import COLUMNS, EDITION, summary_of


@dataclass(frozen=True)
class Comparison:
    """How many summaries tell what the records do, how many are stale or missing (which whoever
    reads them sees), and of whom they tell something else, which must not happen."""

    right: int = 0
    stale: int = 0
    wrong: tuple[UUID, ...] = ()

    def __add__(self, other: "Comparison") -> "Comparison":
        return Comparison(
            self.right + other.right, self.stale + other.stale, self.wrong + other.wrong
        )


def compare(patient_ids: Sequence[UUID], now: datetime) -> Comparison:
    """What is kept of these patients against what is computed now; ten queries."""
    kept = {one.patient_id: one for one in PanelSummary.objects.filter(patient__in=patient_ids)}
    right, stale, wrong = 0, 0, []
    for row in rows_for(patient_ids, now, language=ENGLISH):
        held, computed = kept.get(row.id), summary_of(row)
        if held is None or not _is_current(held, row.rev, now):
            stale += 1
        elif all(getattr(held, name) == getattr(computed, name) for name in COLUMNS):
            right += 1
        else:
            wrong.append(row.id)
    return Comparison(right, stale, tuple(wrong))


def _is_current(held: PanelSummary, rev: int, now: datetime) -> bool:
    same = (held.rev, held.edition) == (rev, EDITION)
    return same and held.day_start <= now < held.day_end
