"""Reads a span of a patient's history: one query on PostgreSQL, nine on SQLite, however long it is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from uuid import UUID

from django.db.models import Q, QuerySet
from msgspec import Struct

from backend.accounts.models import Patient
from backend.core.compiled import compiled
from backend.core.localtime import day_bounds, local_date
from backend.core.together import Part
from backend.core.wanted import Wanted, read
from exercises.plans import schedule
from exercises.plans.models import (
    Flare,
    FlareEnd,
    PhaseChange,
    PlanPause,
    Prescription,
    RecoveryPlan,
)
from exercises.plans.prescribed import as_prescribed
from exercises.tracking import selectors as tracking
from exercises.tracking import trends
from exercises.tracking.done import done_items
from exercises.tracking.models import Fact
from exercises.triage.courses import Session
from exercises.triage.history.days import (
    DAY,
    SITES,
    Day,
    Stretch,
    Tally,
    added,
    known_until,
    pain_absence,
    stretches,
    tally,
)
from exercises.triage.models import Alert
from exercises.triage.panel import heard_on
from exercises.triage.rules.pack import default_pack

MAX_SPAN = timedelta(days=366)
USUAL_DAYS = 42


@dataclass(frozen=True)
class Span:
    """The local dates from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def end(self) -> date:
        """The day after."""
        return self.last + DAY

    @property
    def dates(self) -> list[date]:
        """Each of them, oldest first."""
        return [self.first + offset * DAY for offset in range((self.end - self.first).days)]


@dataclass(frozen=True)
class Course:
    """What became of one exercise over the span, of all prescriptions of it together."""

    exercise: str
    tally: Tally


@dataclass(frozen=True)
class History:
    """A span of days with what stood over them. `alerts` are those raised by something that
    happened within it; `heard_on` is when the phone last synced. `forms` are questionnaires of the
    span, oldest first."""

    span: Span
    heard_on: date | None
    days: tuple[Day, ...]
    courses: tuple[Course, ...]
    changes: tuple[PhaseChange, ...]
    flares: tuple[Flare, ...]
    alerts: tuple[Alert, ...]
    forms: tuple[Fact, ...]

    @cached_property
    def weeks(self) -> tuple[Stretch, ...]:
        """The days in sevens."""
        return stretches(self.days, default_pack().constants)

    @cached_property
    def exercise(self) -> Tally:
        """All exercises of the span."""
        return added(day.exercise for day in self.days)


def usual_span(patient: Patient, now: datetime, days: int = USUAL_DAYS) -> Span:
    """The `days` local days that end today."""
    today = local_date(now, patient.user.time_zone)
    return Span(today - (days - 1) * DAY, today)


def history_of(patient: Patient, span: Span, now: datetime) -> History:
    """The history of `patient` (with her user) over `span`, which does not go beyond today."""
    return read(wanted_history(patient, span, now))


def wanted_history(patient: Patient, span: Span, now: datetime) -> Wanted[History]:
    """The same, to be read with other things."""
    pk, heard = patient.pk, heard_on(patient)
    since, until = _instants_of(patient, span)

    def made(
        plans: Sequence[_Begun],
        changes: Sequence[PhaseChange],
        flares: Sequence[Flare],
        prescriptions: Sequence[Prescription],
        pauses: Sequence[PlanPause],
        sessions: Sequence[Session],
        pains: Sequence[tracking.SummedDay],
        alerts: Sequence[Alert],
        forms: Sequence[Fact],
    ) -> History:
        occurrences = _occurrences(patient, span, now, prescriptions, pauses, sessions)
        start = min((plan.start_date for plan in plans), default=None)
        return History(
            span=span,
            heard_on=heard,
            days=_days(patient, span, now, start, changes, flares, pains, occurrences),
            courses=_courses(occurrences, heard),
            changes=tuple(changes),
            flares=tuple(flares),
            alerts=tuple(alerts),
            forms=tuple(forms),
        )

    return Wanted(
        [
            Part(_plans, (pk,), _Begun),
            Part(_changes, (pk,), PhaseChange),
            Part(_flares, (pk, span.first, span.end), Flare),
            Part(_prescriptions, (pk, span.first, span.end), Prescription),
            Part(_pauses, (pk,), PlanPause),
            Part(tracking.sessions_between, (pk, span.first, span.end), Session),
            Part(tracking.pain_days, (pk, span.first, span.end), tracking.SummedDay),
            Part(_alerts, (pk, since, until), Alert),
            Part(tracking.forms_between, (pk, span.first, span.end), Fact),
        ],
        made,
    )


def _instants_of(patient: Patient, span: Span) -> tuple[datetime, datetime]:
    zone = patient.user.time_zone
    return day_bounds(span.first, zone)[0], day_bounds(span.last, zone)[1]


def _days(
    patient: Patient,
    span: Span,
    now: datetime,
    start: date | None,
    changes: Sequence[PhaseChange],
    flares: Sequence[Flare],
    pains: Sequence[tracking.SummedDay],
    occurrences: Iterable[schedule.Occurrence],
) -> tuple[Day, ...]:
    heard, today = heard_on(patient), local_date(now, patient.user.time_zone)
    logged, known = tracking.as_days(pains), known_until(heard, today)
    by_day: defaultdict[date, list[schedule.Occurrence]] = defaultdict(list)
    for item in occurrences:
        by_day[item.local_date].append(item)
    return tuple(
        Day(
            day=day,
            phase=_phase_on(day, changes),
            in_flare=any(flare.started_on <= day < flare.ends_on for flare in flares),
            pain=(pain := _values(logged.get(day))),
            pain_absence=pain_absence(day, plan_start=start, known=known, is_logged=bool(pain)),
            exercise=tally(by_day[day], heard),
        )
        for day in span.dates
    )


def _values(pain: trends.DayPain | None) -> Mapping[str, Fraction]:
    if pain is None:
        return {}
    found = {site: pain.site_value(site) for site in SITES}
    return {site: value for site, value in found.items() if value is not None}


def _phase_on(day: date, changes: Sequence[PhaseChange]) -> str:
    begun = [change.phase for change in changes if change.on_date <= day]
    return begun[-1] if begun else ""


class _Begun(Struct, array_like=True, frozen=True):
    start_date: date


@compiled
def _plans(patient_id: UUID) -> QuerySet[RecoveryPlan]:
    return RecoveryPlan.objects.filter(patient_id=patient_id).only("start_date")


@compiled
def _changes(patient_id: UUID) -> QuerySet[PhaseChange]:
    rows = PhaseChange.objects.filter(plan__patient_id=patient_id)
    return rows.order_by("on_date", "at", "id")


@compiled
def _flares(patient_id: UUID, first: date, end: date) -> QuerySet[Flare]:
    rows = Flare.objects.filter(plan__patient_id=patient_id, started_on__lt=end, ends_on__gt=first)
    return rows.exclude(outcome=FlareEnd.WITHDRAWN).order_by("started_on", "id")


@compiled
def _prescriptions(patient_id: UUID, first: date, end: date) -> QuerySet[Prescription]:
    stands = Q(ends_on=None) | Q(ends_on__gt=first)
    rows = Prescription.objects.filter(stands, plan__patient_id=patient_id, starts_on__lt=end)
    return rows.order_by("starts_on", "id")


@compiled
def _pauses(patient_id: UUID) -> QuerySet[PlanPause]:
    rows = PlanPause.objects.filter(plan__patient_id=patient_id)
    return rows.order_by("started_at", "id")


@compiled
def _alerts(patient_id: UUID, since: datetime, until: datetime) -> QuerySet[Alert]:
    rows = Alert.objects.filter(
        patient_id=patient_id, occurred_at__gte=since, occurred_at__lt=until
    )
    return rows.filter(opened_at__isnull=False).order_by("occurred_at", "id")


def _occurrences(
    patient: Patient,
    span: Span,
    now: datetime,
    standing: Sequence[Prescription],
    pauses: Sequence[PlanPause],
    sessions: Sequence[Session],
) -> list[schedule.Occurrence]:
    zone = patient.user.time_zone
    today = local_date(now, zone)
    return schedule.occurrences(
        [as_prescribed(row) for row in standing],
        start=span.first,
        end=span.end,
        today=today,
        paused=schedule.paused_days(
            [schedule.Pause(row.started_at, row.ended_at) for row in pauses],
            start=span.first,
            end=span.end,
            today=today,
            now=now,
            bounds=lambda day: day_bounds(day, zone),
        ),
        done=done_items(sessions, {row.pk: row for row in standing}),
    )


def _courses(occurrences: Iterable[schedule.Occurrence], heard: date | None) -> tuple[Course, ...]:
    grouped: defaultdict[str, list[schedule.Occurrence]] = defaultdict(list)
    for item in occurrences:
        grouped[item.exercise].append(item)
    return tuple(Course(code, tally(found, heard)) for code, found in sorted(grouped.items()))
