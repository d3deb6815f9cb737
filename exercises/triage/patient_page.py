"""One patient as her therapist sees her: a fixed number of queries, whatever her history."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Literal
from uuid import UUID

from backend.accounts.consents import shared_by
from backend.accounts.models import Patient
from backend.core.localtime import local_date
from exercises.plans import selectors as plans
from exercises.plans.models import PhaseChange, Prescription, RecoveryPlan
from exercises.tracking import selectors as tracking
from exercises.tracking import trends
from exercises.tracking.models import Fact, FactType
from exercises.triage.measures import Adherence, adherence
from exercises.triage.models import Alert
from exercises.triage.panel import DAY, WEEK, PanelRow, heard_on, row_of, waiting_alerts, week_of
from exercises.triage.selectors import with_people
from exercises.triage.sharing import is_shown_without_diary, veiled, without_notes
from exercises.triage.tasks_due import Task, tasks_for

Absence = Literal["not_logged", "not_synced"]

SERIES_DAYS = 42
SITES = ("knee", "leg", "back")
REPORT_DAYS = 14


@dataclass(frozen=True)
class PainDay:
    """One local date: the mean of the day by site (0-10), or why there is none. `not_synced`: her
    phone has not been heard of since, so nothing is known of that day."""

    day: date
    values: Mapping[str, Fraction]
    absence: Absence | None


@dataclass(frozen=True)
class Course:
    """A prescription that stands today or begins later, and the last seven days of it."""

    row: Prescription
    week: Adherence


@dataclass(frozen=True)
class PatientPage:
    """`alerts` stand or wait for review, highest first, with `prompt` and `acknowledged_by` read;
    `earlier` were closed within the series. `names` are the exercises of prescriptions that
    `reports` (newest first) speak of, by prescription. Of a patient who does not share her diary
    there are the alerts that stay visible, and nothing else."""

    row: PanelRow
    alerts: tuple[Alert, ...]
    tasks: tuple[Task, ...]
    earlier: tuple[Alert, ...]
    plan: RecoveryPlan | None
    is_held: bool
    changes: tuple[PhaseChange, ...]
    courses: tuple[Course, ...]
    series: tuple[PainDay, ...]
    reports: tuple[Fact, ...]
    names: Mapping[UUID, str]


def patient_page(patient: Patient, now: datetime, *, language: str) -> PatientPage:
    """Everything that the page of `patient` (with her user) says at `now` to her care team."""
    today = local_date(now, patient.user.time_zone)
    shared = shared_by([patient.pk], now)[patient.pk]
    if not shared.diary:
        return _unshared_page(patient, now, language)
    plan = plans.open_plan(patient.pk)
    reports = _reports(patient, today)
    if not shared.notes:
        reports = tuple(without_notes(reports))
    return PatientPage(
        row=row_of(patient, now, language=language),
        alerts=_alerts(patient),
        tasks=_tasks(plan, patient, today),
        earlier=_earlier(patient, today),
        plan=plan,
        is_held=plan is not None and plans.is_held(plan, today),
        changes=tuple(plans.phase_changes(plan)) if plan else (),
        courses=_courses(plan, reports, patient, now) if plan else (),
        series=pain_series(patient, today),
        reports=reports,
        names=exercises_named(patient.pk, reports),
    )


def _unshared_page(patient: Patient, now: datetime, language: str) -> PatientPage:
    zone = patient.user.time_zone
    return PatientPage(
        row=row_of(patient, now, language=language),
        alerts=tuple(veiled(row, zone) for row in _alerts(patient) if is_shown_without_diary(row)),
        tasks=(),
        earlier=(),
        plan=None,
        is_held=False,
        changes=(),
        courses=(),
        series=(),
        reports=(),
        names={},
    )


def _tasks(plan: RecoveryPlan | None, patient: Patient, today: date) -> tuple[Task, ...]:
    if plan is None:
        return ()
    plan.patient = patient
    return tasks_for(plan, today)


def pain_series(patient: Patient, today: date) -> tuple[PainDay, ...]:
    """The last six weeks, oldest first, every day present."""
    first = today - timedelta(days=SERIES_DAYS - 1)
    days = tracking.as_days(tracking.pain_days(patient.pk, first, today + DAY))
    heard = heard_on(patient)
    # A day is fully known once the phone synced after it; today is known as far as it has gone.
    known = (
        [day for day in (heard - DAY, today if heard == today else None) if day] if heard else []
    )
    dates = (first + offset * DAY for offset in range(SERIES_DAYS))
    return tuple(_pain_day(day, days.get(day), max(known, default=None)) for day in dates)


def _pain_day(day: date, pain: trends.DayPain | None, known: date | None) -> PainDay:
    found = {site: pain.site_value(site) for site in SITES} if pain else {}
    values = {site: value for site, value in found.items() if value is not None}
    if values:
        return PainDay(day, values, None)
    return PainDay(day, values, "not_logged" if known and day <= known else "not_synced")


def _alerts(patient: Patient) -> tuple[Alert, ...]:
    rows = with_people(waiting_alerts([patient.pk]).select_related("prompt"))
    return tuple(sorted(rows, key=lambda row: (row.closed_at is not None, -row.level, row.rev)))


def _earlier(patient: Patient, today: date) -> tuple[Alert, ...]:
    rows = Alert.objects.filter(patient=patient, review_open=False, closed_at__isnull=False)
    since = today - timedelta(days=SERIES_DAYS)
    return tuple(rows.filter(occurred_at__date__gte=since).order_by("-closed_at")[:50])


def _courses(
    plan: RecoveryPlan, reports: Sequence[Fact], patient: Patient, now: datetime
) -> tuple[Course, ...]:
    zone = patient.user.time_zone
    today = local_date(now, zone)
    rows = [*plans.prescriptions_on(plan, today - WEEK + DAY, today + DAY)]
    sessions = [fact for fact in reports if fact.type == FactType.SESSION]
    week = week_of(rows=rows, pauses=plans.pauses_of(plan), sessions=sessions, zone=zone, now=now)
    shown = [row for row in rows if row.ends_on is None or row.ends_on > today]
    return tuple(
        Course(
            row,
            adherence((item for item in week if item.prescription == row.pk), heard_on(patient)),
        )
        for row in sorted(shown, key=lambda row: (row.exercise, row.starts_on))
    )


def _reports(patient: Patient, today: date) -> tuple[Fact, ...]:
    first = today - timedelta(days=REPORT_DAYS - 1)
    types = [type_ for type_ in FactType if type_ != FactType.RETRACTION]
    # A phone that is ahead of the profile's zone may already be in tomorrow.
    facts = [*tracking.facts_between(patient.pk, types, first, today + 2 * DAY)]
    return tuple(reversed(facts))


def exercises_named(patient_id: UUID, reports: Sequence[Fact]) -> dict[UUID, str]:
    """The exercises of the prescriptions that `reports` speak of, by prescription; one query."""
    asked = Counter(
        UUID(item["prescription"])
        for fact in reports
        if fact.type == FactType.SESSION
        for item in fact.data["items"]
        if "prescription" in item
    )
    rows = Prescription.objects.filter(plan__patient=patient_id, pk__in=asked)
    return dict(rows.values_list("id", "exercise"))
