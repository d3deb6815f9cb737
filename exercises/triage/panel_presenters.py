"""The therapists' list of patients in the shapes that travel."""

from datetime import date, datetime
from fractions import Fraction
from typing import Any, Literal, cast
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from backend.core.wire import Wire
from exercises.catalog.shapes import PhaseId
from exercises.plans.presenters import prescription_view
from exercises.plans.wire import PrescriptionView
from exercises.triage.levels import LevelCode
from exercises.triage.measures import Adherence, PainSummary, WeekMean
from exercises.triage.panel import PanelRow
from exercises.triage.patient_page import Course, PainDay, PatientPage, Reported
from exercises.triage.reasons import Reason, Status

PauseReasonCode = Literal["alert", "out_of_scope", "therapist"]


class ReasonView(Wire, frozen=True, kw_only=True):
    """Why a patient is on the list. A retracted alert stays until reviewed (`review_open`)."""

    alert: UUID
    rule: str
    title: str
    level: LevelCode
    since: datetime
    status: Status
    review_open: bool


class WeekMeanView(Wire, frozen=True, kw_only=True):
    """A mean of seven days (0-10); absent where fewer than three were logged."""

    logged_days: int
    mean: float | UnsetType = UNSET


class PainSummaryView(Wire, frozen=True, kw_only=True):
    """The higher of knee and leg: the latest day, this week and the week before. `change` (points
    up or down) is absent unless both weeks have a mean."""

    week: WeekMeanView
    previous_week: WeekMeanView
    latest: float | UnsetType = UNSET
    latest_on: date | UnsetType = UNSET
    change: float | UnsetType = UNSET


class AdherenceView(Wire, frozen=True, kw_only=True):
    """Of the last seven days: `done` of `due`. What today still asks for is not counted yet, nor
    what was paused, nor what the phone has not told yet (`not_synced`)."""

    done: int
    partial: int
    due: int
    paused: int
    not_synced: int


class PatientSummary(Wire, frozen=True, kw_only=True):
    """One patient; what is not known is absent. `day` is the plan day, 0 first.

    `diary`: of a patient who does not share it, `reasons` names an open emergency or urgent alert
    by level, rule and date, and everything else is empty or absent.
    """

    id: UUID
    name: str
    diary: Literal["shared", "not_shared"]
    level: LevelCode
    reasons: list[ReasonView]
    pain: PainSummaryView
    phase: PhaseId | UnsetType = UNSET
    day: int | UnsetType = UNSET
    plan_state: Literal["active", "paused"] | UnsetType = UNSET
    pause_reasons: list[PauseReasonCode] = []
    adherence: AdherenceView | UnsetType = UNSET
    last_report_at: datetime | UnsetType = UNSET
    last_synced_at: datetime | UnsetType = UNSET


class Patients(Wire, frozen=True, kw_only=True):
    """A page of patients."""

    items: list[PatientSummary]
    next_cursor: str | None


class PainDayView(Wire, frozen=True, kw_only=True):
    """One local date by site (0-10), or why there is no value: not logged, or not synced since."""

    date: date
    knee: float | UnsetType = UNSET
    leg: float | UnsetType = UNSET
    back: float | UnsetType = UNSET
    absence: Literal["not_logged", "not_synced"] | UnsetType = UNSET


class CourseView(Wire, frozen=True, kw_only=True):
    """A prescription with what was done of it in the last seven days."""

    prescription: PrescriptionView
    week: AdherenceView


class RecentReport(Wire, frozen=True, kw_only=True):
    """A fact as it was reported."""

    id: UUID
    type: str
    occurred_at: datetime
    received_at: datetime
    local_date: date
    data: dict[str, Any]


class PatientView(PatientSummary, frozen=True, kw_only=True):
    """One patient: six weeks of pain with every day present, the exercises that stand, and the
    reports of two weeks, newest first."""

    held: bool
    pain_days: list[PainDayView]
    prescriptions: list[CourseView]
    reports: list[RecentReport]
    plan_version: int | UnsetType = UNSET
    held_reason: str | UnsetType = UNSET
    held_until: date | UnsetType = UNSET


def summary_view(row: PanelRow) -> PatientSummary:
    """A row of the panel, as it travels."""
    return PatientSummary(
        id=row.id,
        name=row.name,
        diary="shared" if row.diary_shared else "not_shared",
        level=row.level.code,
        reasons=[_reason_view(reason) for reason in row.reasons],
        pain=_pain_view(row.pain),
        phase=cast(PhaseId, row.phase) if row.phase else UNSET,
        day=UNSET if row.day is None else row.day,
        plan_state=row.plan_state or UNSET,
        pause_reasons=cast(list[PauseReasonCode], [*row.pause_reasons]),
        adherence=_adherence_view(row.adherence) if row.adherence else UNSET,
        last_report_at=row.last_report_at or UNSET,
        last_synced_at=row.last_synced_at or UNSET,
    )


def patient_view(page: PatientPage) -> PatientView:
    """A patient's page, as it travels."""
    held = page.plan if page.is_held else None
    return PatientView(
        **msgspec.structs.asdict(summary_view(page.row)),
        plan_version=page.plan.version if page.plan else UNSET,
        held=page.is_held,
        held_reason=held.held_reason if held else UNSET,
        held_until=(held.held_until or UNSET) if held else UNSET,
        pain_days=[_pain_day_view(day) for day in page.series],
        prescriptions=[_course_view(course) for course in page.courses],
        reports=[_report_view(fact) for fact in page.reports],
    )


def _reason_view(reason: Reason) -> ReasonView:
    return ReasonView(
        alert=reason.alert,
        rule=reason.rule,
        title=reason.title,
        level=reason.level.code,
        since=reason.since,
        status=reason.status,
        review_open=reason.review_open,
    )


def _pain_view(pain: PainSummary) -> PainSummaryView:
    return PainSummaryView(
        latest=_number(pain.latest),
        latest_on=pain.latest_on or UNSET,
        week=_week_view(pain.week),
        previous_week=_week_view(pain.previous_week),
        change=_number(pain.change),
    )


def _week_view(week: WeekMean) -> WeekMeanView:
    return WeekMeanView(mean=_number(week.mean), logged_days=week.logged_days)


def _adherence_view(found: Adherence) -> AdherenceView:
    return AdherenceView(
        done=found.done,
        partial=found.partial,
        due=found.due,
        paused=found.paused,
        not_synced=found.not_synced,
    )


def _pain_day_view(day: PainDay) -> PainDayView:
    return PainDayView(
        date=day.day,
        knee=_number(day.values.get("knee")),
        leg=_number(day.values.get("leg")),
        back=_number(day.values.get("back")),
        absence=day.absence or UNSET,
    )


def _course_view(course: Course) -> CourseView:
    return CourseView(prescription=prescription_view(course.row), week=_adherence_view(course.week))


def _report_view(fact: Reported) -> RecentReport:
    return RecentReport(
        id=fact.id,
        type=fact.type,
        occurred_at=fact.occurred_at,
        received_at=fact.received_at,
        local_date=fact.local_date,
        data=fact.data,
    )


def _number(value: Fraction | None) -> float | UnsetType:
    return UNSET if value is None else round(float(value), 2)
