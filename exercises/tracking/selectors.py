"""Reading the diary."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet, Subquery
from msgspec import Struct

from backend.core.compiled import compiled
from exercises.tracking import trends
from exercises.tracking.days import DayTold
from exercises.tracking.finding import facts_about
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
def forms_between(patient_id: UUID, first: date, end: date) -> QuerySet[Fact]:
    """The questionnaires that count whose local date is in [first, end), oldest first."""
    return facts_between(patient_id, [FactType.QUESTIONNAIRE], first, end)


class SessionRow(NamedTuple):
    """What a session says, less what is the server's."""

    local_date: date
    occurred_at: datetime
    data: dict[str, Any]


def session_rows(patient_id: UUID, first: date, end: date) -> list[SessionRow]:
    """The same sessions without an instance for each."""
    return [
        SessionRow(row.local_date, row.occurred_at, row.data)
        for row in sessions_between(patient_id, first, end)
    ]


@compiled
def pain_days(patient_id: UUID, first: date, end: date) -> QuerySet[DayPain]:
    """The day summaries of [first, end), by date."""
    return DayPain.objects.filter(
        patient_id=patient_id, local_date__gte=first, local_date__lt=end
    ).order_by("local_date", "site")


def as_days(rows: Iterable["DayPain | SummedDay"]) -> trends.Days:
    """Stored day summaries in the shape that trends compute with; what was not reported is left out."""
    found: dict[date, trends.DayPain] = {}
    for row in rows:
        day = found.get(row.local_date)
        if day is None:
            day = found[row.local_date] = trends.DayPain({}, {})
        if row.avg24_count:
            day.avg24[row.site] = trends.score_sum(row.avg24_sum, row.avg24_count)
        if row.now_count:
            day.now[row.site] = trends.score_sum(row.now_sum, row.now_count)
    return found


class SummedDay(Struct, array_like=True, frozen=True):
    """What trends read of a day summary."""

    local_date: date
    site: str
    avg24_sum: int
    avg24_count: int
    now_sum: int
    now_count: int


class LoggedDay(SummedDay, array_like=True, frozen=True):
    """The same, with the first day of all as `oldest`."""

    oldest: date


def with_told(rows: Sequence[Any], told: Sequence[DayTold]) -> Sequence[Any]:
    """Day summaries with what new reports add to them."""
    if not told:
        return rows
    added = {(day.local_date, day.site): day for day in told}
    kept = [row for row in rows if (row.local_date, row.site) not in added]
    for row in rows:
        day = added.get((row.local_date, row.site))
        if day is not None:
            added[row.local_date, row.site] = day.with_summary(row)
    return sorted([*kept, *added.values()], key=lambda day: day.local_date)


def recent_span(today: date) -> tuple[date, date]:
    """The first and the last of the days that `DiaryDays` has at hand: four weeks."""
    return today - timedelta(days=28), today


class DiaryDays:
    """A patient's day summaries as rules and trends ask for them: the last four weeks and the plan's
    first week in one query, any other span in one when it is asked for.

    `read` are the summaries of these days (`logged_days`), where they were read already; `told` is
    what reports that are not stored yet add to them.
    """

    def __init__(
        self,
        patient_id: UUID,
        *,
        start: date,
        today: date,
        read: Sequence[Any] | None = None,
        told: Sequence[DayTold] = (),
    ) -> None:
        self._patient_id = patient_id
        self._read = read
        self._told = told
        self._recent = recent_span(today)
        self._first = (start, start + timedelta(days=7))
        self._far: dict[tuple[date, date], trends.Days] = {}

    @cached_property
    def _stored(self) -> Sequence[Any]:
        if self._read is not None:
            return self._read
        return _two_spans(self._patient_id, *self._recent, *self._first)

    @cached_property
    def _rows(self) -> Sequence[Any]:
        return with_told(self._stored, self._told)

    @cached_property
    def _near(self) -> trends.Days:
        return as_days(self._rows)

    @cached_property
    def _oldest(self) -> date:
        # Each row knows the first day of all: before it there is nothing to read.
        stored = min((row.oldest for row in self._stored), default=date.min)
        return min([stored, *(day.local_date for day in self._told)])

    def between(self, first: date, last: date) -> trends.Days:
        """The summaries of [first, last], both included."""
        first = max(first, self._oldest)
        if first > last:
            return {}
        for start, end in (self._recent, self._first):
            if start <= first and last <= end:
                return {day: pain for day, pain in self._near.items() if first <= day <= last}
        if (first, last) not in self._far:
            rows = [*pain_days(self._patient_id, first, last + timedelta(days=1))]
            told = [day for day in self._told if first <= day.local_date <= last]
            self._far[first, last] = as_days(with_told(rows, told))
        return self._far[first, last]

    def last_logged(self) -> date | None:
        """The last local date on which any pain was reported."""
        start, end = self._recent
        recent = [row.local_date for row in self._rows if start <= row.local_date <= end]
        return max(recent) if recent else last_pain_date(self._patient_id)


@compiled
def _two_spans(
    patient_id: UUID, first: date, last: date, also_first: date, also_last: date
) -> QuerySet[DayPain]:
    either = Q(local_date__range=(first, last)) | Q(local_date__range=(also_first, also_last))
    return logged_days(patient_id, either)


def logged_days(patient_id: UUID, dates: Q) -> QuerySet[DayPain]:
    """The summaries of `dates` with any report, by date, each with `oldest`: the first day of all."""
    logged = DayPain.objects.filter(patient_id=patient_id, worst__isnull=False)
    oldest = logged.order_by("local_date").values("local_date")[:1]
    return logged.filter(dates).annotate(oldest=Subquery(oldest)).order_by("local_date")


def last_pain_date(patient_id: UUID) -> date | None:
    """The last local date on which any pain was reported."""
    logged = DayPain.objects.filter(patient_id=patient_id, worst__isnull=False)
    return logged.order_by("-local_date").values_list("local_date", flat=True).first()


def first_located(patient_id: UUID, start: date) -> list[Fact]:
    """The reports of the first day, from `start` on, that say how far down the symptoms reach."""
    located = counting(patient_id).filter(
        type__in=[FactType.PAIN, FactType.LOCATION],
        local_date__gte=start,
        data__most_distal__isnull=False,
    )
    first = located.order_by("local_date").values_list("local_date", flat=True)[:1]
    return [*located.filter(local_date__in=[*first])]


def retraction_of(patient_id: UUID, fact_id: UUID, *, confirmed: bool) -> Fact | None:
    """The retraction of a fact that did, or did not, say "I have none of these"."""
    found = Fact.objects.filter(patient_id=patient_id, target=fact_id, type=FactType.RETRACTION)
    return found.filter(data__confirmed_none=confirmed).order_by("row").first()


def facts_by_id(patient_id: UUID, ids: Iterable[UUID]) -> dict[UUID, Fact]:
    """The facts under these ids, of whatever type; one query."""
    wanted = {*ids}
    return {fact.id: fact for fact in facts_about(patient_id, wanted) if fact.id in wanted}


def open_quarantine(patient_id: UUID) -> QuerySet[Quarantined]:
    """What the patient may repair or discard, oldest first."""
    rows = Quarantined.objects.filter(patient_id=patient_id, repaired_by=None, discarded_at=None)
    return rows.order_by("rev")


@compiled
def judged_quarantine(patient_id: UUID) -> QuerySet[Quarantined]:
    """What could not be accepted and names symptoms, oldest first: judged until it is repaired."""
    rows = Quarantined.objects.filter(patient_id=patient_id, judged=True, repaired_by=None)
    return rows.order_by("rev")
