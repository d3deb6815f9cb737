"""Reading the diary."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cached_property
from uuid import UUID

from django.db.models import Q, QuerySet, Subquery

from backend.core.compiled import compiled
from exercises.tracking import trends
from exercises.tracking.models import DayPain, Fact, FactType, Quarantined


def counting(patient_id: UUID) -> QuerySet[Fact]:
    """The facts that count: neither withdrawn nor replaced by a correction."""
    return Fact.objects.filter(patient_id=patient_id, retracted_by=None, amended_by=None)


def fact_of(patient_id: UUID, fact_id: UUID, type: FactType) -> Fact | None:  # noqa: A002
    """The fact under the phone's id, if it is of that type."""
    return Fact.objects.filter(patient_id=patient_id, id=fact_id, type=type).first()


def facts_between(
    patient_id: UUID, types: Iterable[FactType], first: date, end: date
) -> QuerySet[Fact]:
    """The facts that count whose local date is in [first, end), oldest first."""
    return (
        counting(patient_id)
        .filter(type__in=list(types), local_date__gte=first, local_date__lt=end)
        .order_by("occurred_at", "row")
    )


@compiled
def sessions_between(patient_id: UUID, first: date, end: date) -> QuerySet[Fact]:
    """The sessions that count whose local date is in [first, end), oldest first."""
    return facts_between(patient_id, [FactType.SESSION], first, end)


@compiled
def pain_days(patient_id: UUID, first: date, end: date) -> QuerySet[DayPain]:
    """The day summaries of [first, end), by date."""
    return DayPain.objects.filter(
        patient_id=patient_id, local_date__gte=first, local_date__lt=end
    ).order_by("local_date", "site")


def as_days(rows: Iterable[DayPain]) -> trends.Days:
    """Stored day summaries in the shape that trends compute with."""
    grouped: dict[date, list[DayPain]] = {}
    for row in rows:
        grouped.setdefault(row.local_date, []).append(row)
    return {
        day: trends.DayPain(
            avg24={row.site: trends.ScoreSum(row.avg24_sum, row.avg24_count) for row in found},
            now={row.site: trends.ScoreSum(row.now_sum, row.now_count) for row in found},
        )
        for day, found in grouped.items()
    }


class DiaryDays:
    """A patient's day summaries as rules and trends ask for them: the last four weeks and the plan's
    first week in one query, any other span in one when it is asked for."""

    def __init__(self, patient_id: UUID, *, start: date, today: date) -> None:
        self._patient_id = patient_id
        self._recent = (today - timedelta(days=28), today)
        self._first = (start, start + timedelta(days=7))
        self._far: dict[tuple[date, date], trends.Days] = {}

    @cached_property
    def _rows(self) -> list[DayPain]:
        return _logged_days(self._patient_id, *self._recent, *self._first)

    @cached_property
    def _near(self) -> trends.Days:
        return as_days(self._rows)

    @cached_property
    def _oldest(self) -> date:
        # Each row knows the first day of all: before it there is nothing to read.
        return min((vars(row)["oldest"] for row in self._rows), default=date.min)

    def between(self, first: date, last: date) -> trends.Days:
        """The summaries of [first, last], both included."""
        first = max(first, self._oldest)
        if first > last:
            return {}
        for start, end in (self._recent, self._first):
            if start <= first and last <= end:
                return {day: pain for day, pain in self._near.items() if first <= day <= last}
        if (first, last) not in self._far:
            rows = pain_days(self._patient_id, first, last + timedelta(days=1))
            self._far[first, last] = as_days(rows)
        return self._far[first, last]

    def last_logged(self) -> date | None:
        """The last local date on which any pain was reported."""
        start, end = self._recent
        recent = [day for day in self._near if start <= day <= end]
        return max(recent) if recent else last_pain_date(self._patient_id)


@compiled
def _logged_days(
    patient_id: UUID, first: date, last: date, also_first: date, also_last: date
) -> QuerySet[DayPain]:
    """The summaries of two spans of days, by date, each with `oldest`: the first day of all."""
    logged = DayPain.objects.filter(patient_id=patient_id, worst__isnull=False)
    either = Q(local_date__range=(first, last)) | Q(local_date__range=(also_first, also_last))
    oldest = logged.order_by("local_date").values("local_date")[:1]
    return logged.filter(either).annotate(oldest=Subquery(oldest)).order_by("local_date")


def last_pain_date(patient_id: UUID) -> date | None:
    """The last local date on which any pain was reported."""
    logged = DayPain.objects.filter(patient_id=patient_id, worst__isnull=False)
    return logged.order_by("-local_date").values_list("local_date", flat=True).first()


def first_located(patient_id: UUID, start: date) -> list[Fact]:
    """The reports of the first day, from `start` on, that say how far down the symptoms reach."""
    located = counting(patient_id).filter(
        type__in=[FactType.PAIN, FactType.LOCATION],
        local_date__gte=start,
        data__has_key="most_distal",
    )
    first = located.order_by("local_date").values_list("local_date", flat=True)[:1]
    return [*located.filter(local_date__in=[*first])]


def retraction_of(patient_id: UUID, fact_id: UUID, *, confirmed: bool) -> Fact | None:
    """The retraction of a fact that did, or did not, say "I have none of these"."""
    found = Fact.objects.filter(patient_id=patient_id, target=fact_id, type=FactType.RETRACTION)
    return found.filter(data__confirmed_none=confirmed).order_by("row").first()


def facts_by_id(patient_id: UUID, ids: Iterable[UUID]) -> dict[UUID, Fact]:
    """The facts under these ids, of whatever type; one query."""
    return {fact.id: fact for fact in Fact.objects.filter(patient_id=patient_id, id__in=[*ids])}


def open_quarantine(patient_id: UUID) -> QuerySet[Quarantined]:
    """What the patient may repair or discard, oldest first."""
    rows = Quarantined.objects.filter(patient_id=patient_id, repaired_by=None, discarded_at=None)
    return rows.order_by("rev")


def judged_quarantine(patient_id: UUID) -> QuerySet[Quarantined]:
    """What could not be accepted and names symptoms, oldest first: judged until it is repaired."""
    rows = Quarantined.objects.filter(patient_id=patient_id, judged=True, repaired_by=None)
    return rows.order_by("rev")
