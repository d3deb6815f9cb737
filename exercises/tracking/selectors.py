"""Reading the diary."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet
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


def index_values(rows: Iterable["DayPain | SummedDay | DayTold"]) -> dict[date, trends.Exact]:
    """The daily values (`trends.daily_values`) of stored day summaries, in one pass: a judgement reads
    five weeks of them."""
    found: dict[date, trends.Exact] = {}
    for row in rows:
        if row.site not in trends.INDEX_SITES:
            continue
        if row.avg24_count:
            value = trends.exact_mean(row.avg24_sum, row.avg24_count)
        elif row.now_count:
            value = trends.exact_mean(row.now_sum, row.now_count)
        else:
            continue
        known = found.get(row.local_date)
        if known is None or value > known:
            found[row.local_date] = value
    return dict(sorted(found.items()))


class SummedDay(Struct, array_like=True, frozen=True):
    """What trends read of a day summary."""

    local_date: date
    site: str
    avg24_sum: int
    avg24_count: int
    now_sum: int
    now_count: int


class DiarySpan(NamedTuple):
    """The first local date with any report, and the last that is not in the future."""

    first: date | None
    latest: date | None


def with_told(rows: Sequence[Any], told: Sequence[DayTold]) -> Sequence[Any]:
    """Day summaries with what new reports add to them, in no order."""
    if not told:
        return rows
    added = {(day.local_date, day.site): day for day in told}
    dates = {day.local_date for day in told}
    kept: list[Any] = []
    for row in rows:
        day = added.get((row.local_date, row.site)) if row.local_date in dates else None
        if day is None:
            kept.append(row)
        else:
            added[row.local_date, row.site] = day.with_summary(row)
    return [*kept, *added.values()]


def recent_span(today: date) -> tuple[date, date]:
    """The first and the last of the days that `DiaryDays` has at hand: four weeks."""
    return today - timedelta(days=28), today


class DiaryDays:
    """A patient's daily values as rules ask for them: those of the last four weeks and of the plan's
    first week were read before, any other span is read when it is asked for.

    `read` are the day summaries of these weeks (`index_days`) and `span` says from when to when there
    are any; `told` is what reports that are not stored yet add.
    """

    def __init__(
        self,
        patient_id: UUID,
        *,
        start: date,
        today: date,
        read: Sequence[SummedDay],
        span: DiarySpan,
        told: Sequence[DayTold] = (),
    ) -> None:
        self._patient_id = patient_id
        self._today = today
        self._read = read
        self._span = span
        self._told = told
        self._recent = recent_span(today)
        self._first = (start, start + timedelta(days=7))
        self._far: dict[tuple[date, date], trends.Values] = {}

    @cached_property
    def _near(self) -> trends.Values:
        return index_values(with_told(self._read, self._told))

    @cached_property
    def _oldest(self) -> date:
        # Before the first day of all there is nothing to read.
        stored = [self._span.first] if self._span.first else []
        return min([*stored, *(day.local_date for day in self._told)], default=date.max)

    def values(self, first: date, last: date) -> trends.Values:
        """The daily values of [first, last], both included."""
        first = max(first, self._oldest)
        if first > last:
            return {}
        for start, end in (self._recent, self._first):
            if start <= first and last <= end:
                return trends.within(self._near, first, last)
        if (first, last) not in self._far:
            rows = index_days(self._patient_id, first, last)
            told = [day for day in self._told if first <= day.local_date <= last]
            self._far[first, last] = index_values(with_told(rows, told))
        return self._far[first, last]

    def last_logged(self) -> date | None:
        """The last local date on which any pain was reported."""
        known = [day.local_date for day in self._told if day.local_date <= self._today]
        if self._span.latest is not None:
            known.append(self._span.latest)
        # A diary that is all in the future begins there.
        return max(known, default=self._span.first)


def logged_dates(patient_id: UUID) -> QuerySet[DayPain, Any]:
    """The local dates with any report, oldest first."""
    logged = DayPain.objects.filter(patient_id=patient_id, worst__isnull=False)
    return logged.order_by("local_date").values("local_date")


@compiled
def index_days(patient_id: UUID, first: date, last: date) -> QuerySet[DayPain]:
    """The day summaries of [first, last] that daily values are made of."""
    return logged_days(patient_id, Q(local_date__range=(first, last)))


def logged_days(patient_id: UUID, dates: Q) -> QuerySet[DayPain]:
    """The summaries of `dates` with any report of the sites that count, by date."""
    logged = DayPain.objects.filter(patient_id=patient_id, worst__isnull=False)
    return logged.filter(dates, site__in=trends.INDEX_SITES).order_by("local_date")


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
