"""The rows of the panel, and one patient's page."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from backend.accounts.models import Clinic, Patient, User
from exercises.plans.models import PauseReason, PlanPause
from exercises.triage.levels import Level
from exercises.triage.measures import Adherence
from exercises.triage.models import AlertStatus
from exercises.triage.panel_pages import panel_page
from exercises.triage.panel_queries import Asked, Sort
from exercises.triage.patient_desk import exercises_named
from exercises.triage.patient_page import SERIES_DAYS, patient_page
from tests.backend.dashboard.records import (
    DAY,
    heard,
    make_alert,
    make_pain,
    make_pain_days,
    make_plan,
    make_prescription,
    make_session,
)
from tests.factories import make_care, make_patient

TODAY = date(2026, 5, 4)
NewPatient = Callable[..., Patient]


@pytest.fixture
def another(therapist: User, clinic: Clinic, now: datetime) -> NewPatient:
    """Makes a further patient of the therapist's."""

    def make(name: str, **fields: Any) -> Patient:
        patient = make_patient(now=now, name=name, **fields)
        make_care(patient=patient, therapist=therapist, clinic=clinic, now=now)
        return patient

    return make


def names(user: User, now: datetime, sort: Sort = "risk") -> list[str]:
    return [row.name for row in panel_page(user, now, Asked(sort=sort)).rows]


def test_risk_puts_an_unseen_emergency_first_then_the_level_then_who_waited_longest(
    therapist: User, patient: Patient, another: NewPatient, now: datetime
) -> None:
    seen, unseen, urgent, longer = (
        another(name) for name in ("Seen", "Unseen", "Urgent", "Longer")
    )
    another("Anna Nothing")
    withdrawn = another("Withdrawn")
    make_alert(seen, now=now - DAY, status=AlertStatus.ACKNOWLEDGED)
    make_alert(unseen, now=now)
    make_alert(urgent, now=now, level=Level.URGENT_SAME_DAY)
    make_alert(longer, now=now - DAY, level=Level.URGENT_SAME_DAY)
    make_alert(withdrawn, now=now, status=AlertStatus.RETRACTED)
    assert names(therapist, now) == [
        "Unseen", "Seen", "Longer", "Urgent", "Withdrawn", "Anna Nothing", "Pia Patient",
    ]  # fmt: skip


def test_silence_puts_those_first_who_were_not_heard_of_for_longest(
    therapist: User, patient: Patient, another: NewPatient, now: datetime
) -> None:
    heard(another("Today"), at=now + timedelta(hours=1))
    heard(another("Last week"), at=now - 7 * DAY)
    assert names(therapist, now, "silence") == ["Last week", "Pia Patient", "Today"]


def test_pain_change_puts_the_steepest_rise_first_and_the_unknown_last(
    therapist: User, patient: Patient, another: NewPatient, now: datetime
) -> None:
    make_pain_days(another("Better"), last=TODAY, knee=[6] * 7 + [3] * 7)
    make_pain_days(another("Worse"), last=TODAY, knee=[3] * 7 + [6] * 7)
    make_pain_days(another("Few days"), last=TODAY, knee=[9, 9])
    assert names(therapist, now, "pain_change") == ["Worse", "Better", "Few days", "Pia Patient"]


def test_a_row_counts_what_stands_and_keeps_what_waits_for_review(
    therapist: User, patient: Patient, now: datetime
) -> None:
    make_alert(patient, now=now, level=Level.EMERGENCY_NOW, status=AlertStatus.RETRACTED)
    make_alert(patient, now=now, level=Level.PROMPT_DAYS)
    make_alert(patient, now=now, status=AlertStatus.RESOLVED, review_open=False)
    [row] = panel_page(therapist, now).rows
    assert row.level is Level.PROMPT_DAYS
    assert [(reason.status, reason.stands) for reason in row.reasons] == [
        ("open", True), ("retracted", False),
    ]  # fmt: skip


def test_what_nobody_reported_is_none_and_not_zero(
    therapist: User, patient: Patient, now: datetime
) -> None:
    [row] = panel_page(therapist, now).rows
    assert row.pain.latest is None
    assert (row.pain.week.mean, row.pain.week.logged_days) == (None, 0)
    assert (row.phase, row.day, row.adherence, row.last_report_at) == (None, None, None, None)


def test_a_change_needs_three_logged_days_in_each_week(
    therapist: User, patient: Patient, now: datetime
) -> None:
    make_pain_days(patient, last=TODAY - 7 * DAY, knee=[4, 4, 5])
    make_pain_days(patient, last=TODAY, knee=[6, 7])
    [row] = panel_page(therapist, now).rows
    assert row.pain.previous_week.mean == Fraction(13, 3)
    assert (row.pain.week.mean, row.pain.week.logged_days, row.pain.change) == (None, 2, None)
    make_pain(patient, day=TODAY - 2 * DAY, leg=8)
    [row] = panel_page(therapist, now).rows
    assert row.pain.change == 7 - Fraction(13, 3)


def test_the_latest_value_is_found_however_long_ago_it_was(
    therapist: User, patient: Patient, another: NewPatient, now: datetime
) -> None:
    long_ago = TODAY - timedelta(days=200)
    make_pain_days(patient, last=long_ago, knee=[3, 8])
    make_pain_days(another("Noise"), last=long_ago, knee=[1, 1])
    make_pain(patient, day=TODAY, back=9)
    make_pain(patient, day=TODAY + timedelta(days=400), knee=1)
    row = next(row for row in panel_page(therapist, now).rows if row.id == patient.pk)
    assert (row.pain.latest, row.pain.latest_on) == (8, long_ago)


def test_days_are_counted_in_the_patients_own_zone(
    therapist: User, another: NewPatient, now: datetime
) -> None:
    far = another("Far", time_zone="Pacific/Kiritimati")
    make_plan(far, start=date(2026, 5, 1), now=now)
    evening = now.replace(hour=12)
    row = next(row for row in panel_page(therapist, evening).rows if row.id == far.pk)
    assert (row.today, row.day) == (date(2026, 5, 5), 4)


def test_adherence_counts_seven_days_without_what_today_still_asks_for(
    therapist: User, patient: Patient, now: datetime
) -> None:
    plan = make_plan(patient, start=TODAY - timedelta(days=20), now=now)
    row = make_prescription(plan, slots=("morning", "evening"))
    make_session(patient, day=TODAY, now=now, prescription=row.pk, slot="morning")
    make_session(patient, day=TODAY - DAY, now=now, prescription=row.pk, slot="morning")
    make_session(patient, day=TODAY - 7 * DAY, now=now, prescription=row.pk)
    make_session(patient, day=TODAY - 2 * DAY, now=now, prescription=row.pk, stopped_because="pain")
    heard(patient, at=now)
    [found] = panel_page(therapist, now).rows
    assert found.adherence == Adherence(done=2, partial=1, due=13, paused=0, not_synced=0)


def test_what_the_phone_has_not_told_is_not_missed(
    therapist: User, patient: Patient, now: datetime
) -> None:
    plan = make_plan(patient, start=TODAY - timedelta(days=20), now=now)
    make_prescription(plan)
    heard(patient, at=now - 3 * DAY)
    [found] = panel_page(therapist, now).rows
    assert found.adherence == Adherence(done=0, partial=0, due=3, paused=0, not_synced=3)


def test_a_paused_plan_says_why_and_its_days_are_no_failure(
    therapist: User, patient: Patient, now: datetime
) -> None:
    plan = make_plan(patient, start=TODAY - timedelta(days=20), now=now)
    make_prescription(plan)
    PlanPause.objects.create(plan=plan, reason=PauseReason.ALERT, started_at=now - 20 * DAY)
    [row] = panel_page(therapist, now).rows
    assert (row.plan_state, row.pause_reasons) == ("paused", ("alert",))
    assert row.adherence == Adherence(done=0, partial=0, due=0, paused=7, not_synced=0)


def test_a_rule_that_no_longer_exists_is_named_by_its_code(
    therapist: User, patient: Patient, now: datetime
) -> None:
    make_alert(patient, now=now, rule="RF-FORMER")
    [row] = panel_page(therapist, now).rows
    assert row.reasons[0].title == "RF-FORMER"


def test_a_relationship_that_ended_takes_the_row_away_at_once(
    therapist: User, patient: Patient, now: datetime
) -> None:
    patient.care.update(ended_at=now)
    assert panel_page(therapist, now).rows == ()


def test_the_series_has_every_day_and_says_why_one_is_empty(
    patient: Patient, therapist: User, now: datetime
) -> None:
    make_pain(patient, day=TODAY - 5 * DAY, knee=4, back=2)
    heard(patient, at=now - 2 * DAY)
    series = patient_page(patient, now, language="en").series
    assert len(series) == SERIES_DAYS
    assert series[-1].day == TODAY
    assert series[-6].values == {"knee": 4, "back": 2}
    assert [day.absence for day in series[-7:]] == [
        "not_logged", None, "not_logged", "not_logged", "not_synced", "not_synced", "not_synced",
    ]  # fmt: skip


def test_today_is_known_once_the_phone_synced_today(
    patient: Patient, therapist: User, now: datetime
) -> None:
    heard(patient, at=now)
    assert patient_page(patient, now, language="en").series[-1].absence == "not_logged"


def test_each_prescription_has_its_own_share(
    patient: Patient, therapist: User, now: datetime
) -> None:
    plan = make_plan(patient, start=TODAY - 20 * DAY, now=now)
    first = make_prescription(plan, exercise="EX-01")
    make_prescription(plan, exercise="EX-02")
    make_session(patient, day=TODAY - DAY, now=now, prescription=first.pk)
    heard(patient, at=now)
    page = patient_page(patient, now, language="en")
    assert [(c.row.exercise, c.week.done, c.week.due) for c in page.courses] == [
        ("EX-01", 1, 6), ("EX-02", 0, 6),
    ]  # fmt: skip
    assert exercises_named(patient.pk)[first.pk] == "EX-01"
