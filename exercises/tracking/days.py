"""Day summaries of pain, kept in the writing transaction and rebuilt from the facts at will."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from backend.core.compiled import compiled
from exercises.tracking.models import DayPain, Fact, FactType

Key = tuple[date, str]


def refresh_days(patient_id: UUID, facts: Sequence[Fact]) -> None:
    """Summarises anew the days and sites that `facts` (pain reports) touch.

    Recounting from the day's own facts, rather than adding to a counter, keeps a summary right
    whatever was amended, retracted or sent late. Two statements for any number of days.
    """
    dates = {fact.local_date for fact in facts}
    if not dates:
        return
    touched = {(fact.local_date, fact.data["site"]) for fact in facts}
    rows = summaries(
        patient_id, ((fact.local_date, fact.data) for fact in _counted(patient_id, dates))
    )
    for key in touched - rows.keys():
        rows[key] = DayPain(patient_id=patient_id, local_date=key[0], site=key[1])
    DayPain.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["patient", "local_date", "site"],
        update_fields=["avg24_sum", "avg24_count", "now_sum", "now_count", "worst"],
    )


@compiled
def _counted(patient_id: UUID, dates: Collection[date]) -> QuerySet[Fact]:
    return Fact.objects.filter(
        patient_id=patient_id,
        type=FactType.PAIN,
        local_date__in=dates,
        retracted_by=None,
        amended_by=None,
    )


def summaries(
    patient_id: UUID, entries: Iterable[tuple[date, dict[str, object]]]
) -> dict[Key, DayPain]:
    """What the given pain reports (local date and data) add up to, by day and site; not stored."""
    rows: dict[Key, DayPain] = {}
    grouped: dict[Key, list[tuple[str, int]]] = defaultdict(list)
    for local_date, data in entries:
        grouped[local_date, str(data["site"])].append((str(data["kind"]), int(str(data["score"]))))
    for (local_date, site), scores in grouped.items():
        avg24 = [score for kind, score in scores if kind == "avg24"]
        now = [score for kind, score in scores if kind == "now"]
        rows[local_date, site] = DayPain(
            patient_id=patient_id,
            local_date=local_date,
            site=site,
            avg24_sum=sum(avg24),
            avg24_count=len(avg24),
            now_sum=sum(now),
            now_count=len(now),
            worst=max(score for _, score in scores),
        )
    return rows
