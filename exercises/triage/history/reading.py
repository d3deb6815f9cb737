"""Reads a span of a patient's history: nine queries, however long it is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from uuid import UUID

from django.db.models import Q

from backend.accounts.models import Patient
from backend.core.localtime import day_bounds, local_date
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
from exercises.tracking.models import Fact, FactType
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
    plans = [*RecoveryPlan.objects.filter(patient=patient).order_by("episode")]
    changes = _changes(patient.pk)
    flares = _flares(patient.pk, span)
    occurrences = _occurrences(patient, span, now)
    return History(
        span=span,
        heard_on=heard_on(patient),
        days=_days(patient, span, now, plans, changes, flares, occurrences),
        courses=_courses(occurrences, heard_on(patient)),
        changes=tuple(changes),
        flares=tuple(flares),
        alerts=_alerts(patient, span),
        forms=tuple(
            tracking.facts_between(patient.pk, [FactType.QUESTIONNAIRE], span.first, span.end)
        ),
    )


def _days(
    patient: Patient,
    span: Span,
    now: datetime,
    plans: Sequence[RecoveryPlan],
    changes: Sequence[PhaseChange],
    flares: Sequence[Flare],
    occurrences: Iterable[schedule.Occurrence],
) -> tuple[Day, ...]:
    heard, today = heard_on(patient), local_date(now, patient.user.time_zone)
    pains = tracking.as_days(tracking.pain_days(patient.pk, span.first, span.end))
    known = known_until(heard, today)
    start = min((plan.start_date for plan in plans), default=None)
    by_day: defaultdict[date, list[schedule.Occurrence]] = defaultdict(list)
    for item in occurrences:
        by_day[item.local_date].append(item)
    return tuple(
        Day(
            day=day,
            phase=_phase_on(day, changes),
            in_flare=any(flare.started_on <= day < flare.ends_on for flare in flares),
            pain=(pain := _values(pains.get(day))),
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


def _changes(patient_id: UUID) -> list[PhaseChange]:
    rows = PhaseChange.objects.filter(plan__patient=patient_id)
    return [*rows.order_by("on_date", "at", "id")]


def _flares(patient_id: UUID, span: Span) -> list[Flare]:
    rows = Flare.objects.filter(
        plan__patient=patient_id, started_on__lt=span.end, ends_on__gt=span.first
    )
    return [*rows.exclude(outcome=FlareEnd.WITHDRAWN).order_by("started_on", "id")]


def _alerts(patient: Patient, span: Span) -> tuple[Alert, ...]:
    zone = patient.user.time_zone
    since, until = day_bounds(span.first, zone)[0], day_bounds(span.last, zone)[1]
    rows = Alert.objects.filter(patient=patient, occurred_at__gte=since, occurred_at__lt=until)
    return tuple(rows.filter(opened_at__isnull=False).order_by("occurred_at", "id"))


def _occurrences(patient: Patient, span: Span, now: datetime) -> list[schedule.Occurrence]:
    zone = patient.user.time_zone
    today = local_date(now, zone)
    stands = Q(ends_on=None) | Q(ends_on__gt=span.first)
    rows = Prescription.objects.filter(stands, plan__patient=patient, starts_on__lt=span.end)
    standing = [*rows.order_by("starts_on", "id")]
    pauses = PlanPause.objects.filter(plan__patient=patient).order_by("started_at", "id")
    sessions = tracking.sessions_between(patient.pk, span.first, span.end)
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
