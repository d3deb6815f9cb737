"""One patient as her therapist sees her: two reads on PostgreSQL, whatever her history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from msgspec import Struct

from backend.accounts.models import Patient
from backend.core.compiled import compiled
from backend.core.localtime import local_date
from backend.core.together import Part
from backend.core.wanted import Wanted, joined, read
from exercises.plans import selectors as plans
from exercises.plans.models import Prescription, RecoveryPlan
from exercises.plans.schedule import Occurrence
from exercises.tracking import selectors as tracking
from exercises.tracking import trends
from exercises.tracking.models import Fact, FactType
from exercises.triage.measures import Adherence, adherence
from exercises.triage.panel import PanelRow, heard_on, row_of, week_of
from exercises.triage.panel_records import DAY, Heads, Records, read_heads, wanted_records
from exercises.triage.sharing import without_notes

Absence = Literal["not_logged", "not_synced"]

SERIES_DAYS = 42
SITES = ("knee", "leg", "back")
REPORT_DAYS = 14


class Reported(Struct, array_like=True):
    """What is shown of a report."""

    id: UUID
    type: str
    occurred_at: datetime
    received_at: datetime
    local_date: date
    data: dict[str, Any]


@dataclass(frozen=True)
class PainDay:
    """One local date: the mean of the day by site (0-10), or why there is none. `not_synced`: her
    phone has not been heard of since, so nothing is known of that day."""

    day: date
    values: Mapping[str, Fraction]
    absence: Absence | None


@dataclass(frozen=True)
class Course:
    """A prescription that stands today, and the last seven days of it."""

    row: Prescription
    week: Adherence


@dataclass(frozen=True)
class PatientPage:
    """`reports` are the newest first. Of a patient who does not share her diary there is the row, and
    nothing else."""

    row: PanelRow
    plan: RecoveryPlan | None = None
    is_held: bool = False
    courses: tuple[Course, ...] = ()
    series: tuple[PainDay, ...] = ()
    reports: tuple[Reported, ...] = ()


def patient_page(patient: Patient, now: datetime, *, language: str) -> PatientPage:
    """What `patient` (with her user) shares at `now` with her care team."""
    heads = read_heads([patient.pk], now)
    return read(wanted_page(patient, heads, now, language=language))


def wanted_page(
    patient: Patient, heads: Heads, now: datetime, *, language: str
) -> Wanted[PatientPage]:
    """The same after what was read of the head of her record, to be read with other things."""
    shared, plan = heads.shared[patient.pk], heads.plans.get(patient.pk)
    today = local_date(now, patient.user.time_zone)
    records = wanted_records([patient], heads, now)
    if not shared.diary:
        return joined(
            lambda found: PatientPage(row_of(patient, found, (), now, language=language)), records
        )

    def made(
        found: Records, series: tuple[PainDay, ...], reports: Sequence[Reported]
    ) -> PatientPage:
        week = week_of(patient, found, now)
        return PatientPage(
            row=row_of(patient, found, week, now, language=language),
            plan=plan,
            is_held=plan is not None and plans.is_held(plan, today),
            courses=_courses(patient, plan, found, week, today) if plan else (),
            series=series,
            reports=tuple(reports if shared.notes else without_notes(reports)),
        )

    return joined(made, records, _wanted_series(patient, today), _wanted_reports(patient, today))


def _wanted_series(patient: Patient, today: date) -> Wanted[tuple[PainDay, ...]]:
    """The last six weeks, oldest first, every day present."""
    first = today - timedelta(days=SERIES_DAYS - 1)

    def made(rows: Sequence[tracking.SummedDay]) -> tuple[PainDay, ...]:
        days, known = tracking.as_days(rows), _known_until(patient, today)
        dates = (first + offset * DAY for offset in range(SERIES_DAYS))
        return tuple(_pain_day(day, days.get(day), known) for day in dates)

    part = Part(tracking.pain_days, (patient.pk, first, today + DAY), tracking.SummedDay)
    return Wanted([part], made)


def _known_until(patient: Patient, today: date) -> date | None:
    # A day is fully known once the phone synced after it; today is known as far as it has gone.
    heard = heard_on(patient)
    known = (
        [day for day in (heard - DAY, today if heard == today else None) if day] if heard else []
    )
    return max(known, default=None)


def _pain_day(day: date, pain: trends.DayPain | None, known: date | None) -> PainDay:
    found = {site: pain.site_value(site) for site in SITES} if pain else {}
    values = {site: value for site, value in found.items() if value is not None}
    if values:
        return PainDay(day, values, None)
    return PainDay(day, values, "not_logged" if known and day <= known else "not_synced")


def _courses(
    patient: Patient,
    plan: RecoveryPlan,
    records: Records,
    week: Sequence[Occurrence],
    today: date,
) -> tuple[Course, ...]:
    shown = [row for row in records.prescriptions.get(plan.pk, []) if _stands(row, today)]
    return tuple(
        Course(
            row,
            adherence((item for item in week if item.prescription == row.pk), heard_on(patient)),
        )
        for row in sorted(shown, key=lambda row: (row.exercise, row.starts_on))
    )


def _stands(row: Prescription, today: date) -> bool:
    return row.starts_on <= today and (row.ends_on is None or row.ends_on > today)


def _wanted_reports(patient: Patient, today: date) -> Wanted[Sequence[Reported]]:
    def made(rows: Sequence[Reported]) -> Sequence[Reported]:
        return rows[::-1]

    # A phone that is ahead of the profile's zone may already be in tomorrow.
    span = (today - timedelta(days=REPORT_DAYS - 1), today + 2 * DAY)
    return Wanted([Part(_reports, (patient.pk, *span), Reported)], made)


@compiled
def _reports(patient_id: UUID, first: date, end: date) -> QuerySet[Fact]:
    types = [type_ for type_ in FactType if type_ != FactType.RETRACTION]
    return tracking.facts_between(patient_id, types, first, end).only(*Reported.__struct_fields__)
