"""What a judgement reads first: one statement for the patient's intake, her plan, her recent reports and
the summaries of her last weeks (see `backend.core.together`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from typing import Any, Protocol
from uuid import UUID

from django.db.models import DateTimeField, ExpressionWrapper, F, Q, QuerySet, Subquery, Value
from msgspec import Struct

from backend.accounts.models import Patient
from backend.core.compiled import compiled
from backend.core.localtime import local_date
from backend.core.together import Part, read_together
from backend.core.wanted import Wanted, read
from exercises.plans import selectors as plans
from exercises.plans.models import RecoveryPlan
from exercises.tracking import selectors as tracking
from exercises.tracking.arriving import Arrival
from exercises.tracking.days import DayTold
from exercises.tracking.models import DayPain, Fact, FactType
from exercises.triage import stock
from exercises.triage.models import Alert
from exercises.triage.selectors import standing_of
from exercises.triage.stock import Stock

# How far back a symptom is still looked at: an alert's own source is always loaded besides.
SYMPTOM_DAYS = timedelta(days=120)
# Pain around a symptom matters for two weeks on either side (see `Constants.trauma_window_days`).
PAIN_DAYS = timedelta(days=15)
EVER = datetime.max.replace(tzinfo=UTC)
TREND_TYPES = (FactType.PAIN, FactType.RELIEF, FactType.LOCATION, FactType.QUESTIONNAIRE)


class Told(Struct, array_like=True, frozen=True):
    """What rules read of a fact."""

    id: str
    type: str
    occurred_at: datetime
    local_date: date
    received_at: datetime
    data: dict[str, Any]


# What rules read of reports, stored or just on their way there.
Report = Told | Arrival


class Fresh(Protocol):
    """What just came in, or is about to be stored."""

    @property
    def id(self) -> UUID: ...
    @property
    def type(self) -> str: ...
    @property
    def occurred_at(self) -> datetime: ...


@dataclass(frozen=True)
class Gathered:
    """`standing` are the alerts that count, `reports` those of the weeks before `since` and later,
    `days` the patient's day summaries. `unstored` are reports that the database does not hold yet;
    they are among `reports` and counted in `days`."""

    stock: Stock
    plan: RecoveryPlan | None
    standing: Sequence[Alert]
    since: datetime
    reports: Sequence[Report]
    today: date
    days: tracking.DiaryDays
    unstored: Sequence[Arrival] = ()

    @property
    def start(self) -> date:
        """Day 0 of the open plan; without one, today."""
        return self.plan.start_date if self.plan else self.today


def gather(
    *,
    patient: Patient,
    now: datetime,
    fresh: Sequence[Fresh] = (),
    even_retracted: bool = False,
    unstored: Sequence[Arrival] = (),
    told: Sequence[DayTold] = (),
) -> Gathered:
    """What there is at `now`; `fresh` facts are among the reports whatever their age,
    `even_retracted` also where they are withdrawn. `unstored` are `fresh` ones that the database
    does not hold yet, and are counted all the same; `told` is what they add to the days."""
    return read(
        wanted_gathered(
            patient=patient,
            now=now,
            fresh=fresh,
            even_retracted=even_retracted,
            unstored=unstored,
            told=told,
        )
    )


def wanted_gathered(
    *,
    patient: Patient,
    now: datetime,
    fresh: Sequence[Fresh] = (),
    even_retracted: bool = False,
    unstored: Sequence[Arrival] = (),
    told: Sequence[DayTold] = (),
) -> Wanted[Gathered]:
    """The same, to be read with other things."""
    today = local_date(now, patient.user.time_zone)
    # A word that has expired still says why what was reported under it was not news then.
    known_after = now - SYMPTOM_DAYS
    since = min([now, *(fact.occurred_at for fact in fresh)])
    new = [fact for fact in unstored if fact.type in TREND_TYPES]

    def made(
        found: Sequence[stock.Known],
        opened: Sequence[RecoveryPlan],
        standing: Sequence[Alert],
        reports: Sequence[Told],
        read: Sequence[tracking.SummedDay],
    ) -> Gathered:
        plan, known = next(iter(opened), None), stock.stock_from(next(iter(found), None))
        if plan is not None:
            plan.patient = patient
        days = tracking.DiaryDays(
            patient.pk,
            start=plan.start_date if plan else today,
            today=today,
            read=read,
            span=known.diary,
            told=told,
        )
        return Gathered(
            stock=known,
            plan=plan,
            standing=standing,
            since=since,
            reports=in_order(reports, new),
            today=today,
            days=days,
            unstored=new,
        )

    return Wanted(
        [
            Part(stock.stocks, (patient.pk, known_after, today), stock.Known),
            Part(plans.open_plan_of, (patient.pk,), RecoveryPlan),
            Part(standing_of, (patient.pk,), Alert),
            Part(reports_since, _wanted(patient.pk, since, fresh, even_retracted), Told),
            Part(_index_days, (patient.pk, *tracking.recent_span(today)), tracking.SummedDay),
        ],
        made,
    )


def in_order(stored: Sequence[Told], unstored: Sequence[Arrival]) -> Sequence[Report]:
    """Reports as they happened, and those of one moment as they came."""
    if not unstored:
        return stored
    return sorted([*stored, *unstored], key=attrgetter("occurred_at"))


def reports_again(
    gathered: Gathered, patient_id: UUID, named: Sequence[UUID], *, even_retracted: bool
) -> Sequence[Report]:
    """The reports, with the symptom reports `named` among them whatever their age or correction."""
    parts = (patient_id, gathered.since - SYMPTOM_DAYS, gathered.since - PAIN_DAYS)
    found: list[list[Told]] = read_together(
        Part(reports_since, (*parts, named, even_retracted), Told)
    )
    return in_order(found[0], gathered.unstored)


def _wanted(
    patient_id: UUID, since: datetime, fresh: Sequence[Fresh], even_retracted: bool
) -> tuple[Any, ...]:
    # Only a symptom is named: of the others those that count are there by their age.
    named = [fact.id for fact in fresh if fact.type == FactType.SYMPTOM]
    return patient_id, since - SYMPTOM_DAYS, since - PAIN_DAYS, named, even_retracted


@compiled
def reports_since(
    patient_id: UUID,
    symptoms_since: datetime,
    others_since: datetime,
    included: Sequence[UUID],
    even_retracted: bool,
) -> QuerySet[Fact]:
    """The reports that rules read, oldest first."""
    # With an end, however late: PostgreSQL expects a third of all rows behind an open one.
    recent = Q(type=FactType.SYMPTOM, occurred_at__range=(symptoms_since, EVER)) | Q(
        type__in=TREND_TYPES, occurred_at__range=(others_since, EVER)
    )
    # A correction does not unsay a symptom: the report is judged at its own arrival all the same.
    counts = Q(retracted_by=None, amended_by=None) & recent
    named = Q(id__in=included, type=FactType.SYMPTOM)
    if not even_retracted:
        named &= Q(retracted_by=None)
    found = Fact.objects.filter(counts | named, patient_id=patient_id)
    return found.order_by("occurred_at", "row")


@compiled
def _index_days(patient_id: UUID, first: date, last: date) -> QuerySet[DayPain]:
    """The days of [first, last], and those of the first week of the open plan."""
    opened = RecoveryPlan.objects.filter(patient_id=patient_id, closed_at=None)
    start, week = F("start_date"), Value(timedelta(days=7))
    # Added within the subquery, which is answered once: SQLite would add for each day of the diary.
    end = ExpressionWrapper(start + week, output_field=DateTimeField())
    first_week = Q(
        local_date__gte=Subquery(opened.values_list(start)[:1]),
        local_date__lte=Subquery(opened.values_list(end)[:1]),
    )
    return tracking.logged_days(patient_id, Q(local_date__range=(first, last)) | first_week)
