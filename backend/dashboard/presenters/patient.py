"""One patient's page."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backend.dashboard.presenters.alerts import (
    AlertCard,
    EarlierAlert,
    alert_card,
    earlier_alert,
)
from backend.dashboard.presenters.levels import Badge, badge
from backend.dashboard.presenters.numbers import PainLine, ShareLine, pain_line, share_line
from backend.dashboard.presenters.panel import Heard, heard
from backend.dashboard.presenters.plans import (
    PlanLine,
    dose_text,
    plan_line,
    prescribed_name,
    times_text,
)
from backend.dashboard.presenters.reports import ReportDay, ReportLine, report_days
from backend.dashboard.presenters.times import day_text, long_day
from exercises.triage.overview import Overview
from exercises.triage.patient_page import SITES, Course, PatientPage

# Days with reports that the page shows in full; the timeline has them all.
LATEST_DAYS = 3
SITE_NAMES = tuple(site.capitalize() for site in SITES)


@dataclass(frozen=True)
class CourseLine:
    """A prescribed exercise."""

    name: str
    dose: str
    times: str
    starts: str
    share: ShareLine


@dataclass(frozen=True)
class PatientScreen:
    """The page in words and shapes."""

    id: UUID
    name: str
    diary_shared: bool
    badge: Badge
    plan: PlanLine
    started: str
    hold: str
    pain: PainLine
    share: ShareLine
    reported: Heard
    synced: Heard
    alerts: tuple[AlertCard, ...]
    tasks: tuple[str, ...]
    earlier: tuple[EarlierAlert, ...]
    courses: tuple[CourseLine, ...]
    reports: tuple[ReportDay, ...]
    notes: tuple[ReportLine, ...]
    zone: str
    sites: tuple[str, ...] = SITE_NAMES


def patient_screen(found: Overview, *, now: datetime, zone: str, language: str) -> PatientScreen:
    """The page in the therapist's `zone` and `language`."""
    page, desk, row = found.page, found.desk, found.page.row
    reports = report_days(page.reports, desk.names, now=now, zone=zone)
    return PatientScreen(
        id=row.id,
        name=row.name,
        diary_shared=row.diary_shared,
        badge=badge(row.level),
        plan=plan_line(row.phase, row.day, row.pause_reasons),
        started=long_day(page.plan.start_date) if page.plan else "",
        hold=_hold(page),
        pain=pain_line(row.pain, row.today),
        share=share_line(row.adherence),
        reported=heard("reported", row.last_report_at, now, zone),
        synced=heard("synced", row.last_synced_at, now, zone),
        alerts=tuple(alert_card(alert, now, zone, language) for alert in found.alerts),
        tasks=tuple(f"{task.text} (since {long_day(task.since)})" for task in desk.tasks),
        earlier=tuple(earlier_alert(alert, now, zone, language) for alert in desk.earlier),
        courses=tuple(_course(course, row.today) for course in page.courses),
        reports=reports[:LATEST_DAYS],
        notes=tuple(report for day in reports for report in day.reports if report.note),
        zone=zone,
    )


def _hold(page: PatientPage) -> str:
    plan = page.plan
    if plan is None or not page.is_held:
        return ""
    until = f" until {long_day(plan.held_until)}" if plan.held_until else ""
    return f"Held in this phase{until}: {plan.held_reason or 'no reason given'}"


def _course(course: Course, today: date) -> CourseLine:
    row = course.row
    return CourseLine(
        name=prescribed_name(row),
        dose=dose_text(row.dose),
        times=times_text(row.slots, row.weekdays),
        starts=f"from {day_text(row.starts_on)}" if row.starts_on > today else "",
        share=share_line(course.week),
    )
