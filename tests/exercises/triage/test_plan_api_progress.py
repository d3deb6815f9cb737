"""The doses that are due now, from the sessions of the diary; and what a plan asks of its therapist."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Patient, User
from backend.accounts.revisions import revision
from exercises.plans import services as plan_services
from exercises.plans.progression import Adjusted
from exercises.triage.progress import adjusted_doses
from exercises.triage.services.plan import Order, order_plan
from exercises.triage.tasks_due import tasks_for
from tests.exercises.triage.diary import DAY, START, Diary, at

BRIDGE = "EX-10"


@pytest.fixture
def diary(patient: Patient) -> Diary:
    """In the rehabilitation phase from day 0 on."""
    diary = Diary(patient)
    with revision(patient.pk) as rev:
        plan_services.change_phase(
            plan=diary.plan, phase="rehab", cause="gate", on_date=START, by=None, reason="",
            rev=rev, now=at(0),
        )  # fmt: skip
    return diary


def due(diary: Diary, day: int, exercise: str = BRIDGE) -> Adjusted:
    rows = [*diary.plan.prescriptions.filter(exercise=exercise, phase="rehab")]
    doses = adjusted_doses(diary.plan, rows, START + day * DAY)
    return doses[rows[0].pk]


def test_sessions_of_the_days_before_decide_the_dose_of_a_day(diary: Diary) -> None:
    for day in (1, 3, 5):
        diary.session(day, BRIDGE, during=3)
    assert due(diary, 5).because == ""
    assert due(diary, 6).because == "progressed"
    diary.session(6, BRIDGE, during=3, morning=2)
    assert due(diary, 7).because == "halved"
    diary.session(7, BRIDGE, during=3, morning=2)
    assert due(diary, 8).is_removed


def test_sessions_of_another_exercise_do_not_count(diary: Diary) -> None:
    for day in (1, 3, 5):
        diary.session(day, "EX-11", during=3)
    assert due(diary, 6).because == ""
    assert due(diary, 6, "EX-11").because == "progressed"


def test_a_removal_outlasts_a_new_phase_and_ends_with_a_therapists_prescription(
    diary: Diary, therapist: User
) -> None:
    diary.session(1, BRIDGE, during=3, morning=2)
    diary.session(2, BRIDGE, during=3, morning=2)
    with revision(diary.patient.pk) as rev:
        plan_services.change_phase(
            plan=diary.plan, phase="long_term", cause="gate", on_date=START + 42 * DAY, by=None,
            reason="", rev=rev, now=at(42),
        )  # fmt: skip
    row = diary.plan.prescriptions.get(exercise=BRIDGE, phase="long_term")
    assert adjusted_doses(diary.plan, [row], START + 43 * DAY)[row.pk].is_removed
    row.by = therapist
    assert not adjusted_doses(diary.plan, [row], START + 43 * DAY)[row.pk].is_removed


def test_the_doses_cost_the_same_however_much_was_done(diary: Diary) -> None:
    for day in range(1, 8):
        diary.session(day, BRIDGE, during=3)
    plan, rows = diary.plan, [*diary.plan.prescriptions.all()]
    with CaptureQueriesContext(connection) as captured:
        adjusted_doses(plan, rows, START + 9 * DAY)
    assert len(captured) == (1 if connection.vendor == "postgresql" else 3)


def test_an_order_of_the_therapist_does_the_tasks_that_had_arisen(
    patient: Patient, therapist: User
) -> None:
    diary = Diary(patient)

    def codes(day: int) -> list[str]:
        return [task.code for task in tasks_for(diary.plan, START + day * DAY)]

    assert codes(21) == ["phase_extended"]
    order = Order(action="pause", reason="On holiday")
    order_plan(
        patient=patient, order=order, base_versions={diary.plan.version}, by=therapist, now=at(22)
    )
    assert codes(22) == []
    assert codes(28) == ["initial_review"]
    hold = Order(action="hold", reason="Stays here")
    order_plan(
        patient=patient, order=hold, base_versions={diary.plan.version}, by=therapist, now=at(28)
    )
    assert codes(40) == []
