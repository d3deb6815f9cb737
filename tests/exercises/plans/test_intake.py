"""The intake: merging, judging, and the plan that it makes."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from backend.accounts.models import Patient
from backend.core.problems import Problem
from exercises.plans.models import Intake, RecoveryPlan
from exercises.plans.scope import is_out_of_scope
from exercises.plans.selectors import intake_of, open_plan, plan_state, standing_prescriptions
from exercises.plans.services import IntakeOutcome
from tests.exercises.plans.conftest import ANSWERS

Answer = Callable[..., IntakeOutcome]
TODAY = date(2026, 5, 4)


def codes(plan: RecoveryPlan, on: date = TODAY) -> set[str]:
    return {row.exercise for row in standing_prescriptions(plan, on)}


def problem_of(answer: Answer, patient: Patient, answers: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(Problem) as caught:
        answer(patient, answers)
    assert caught.value.status == 400
    return {error.pointer: error.code for error in caught.value.errors}


def test_partial_answers_are_kept_until_the_last_required_one_makes_the_plan(
    patient: Patient, answer: Answer
) -> None:
    first = answer(patient, {"age": 52, "pregnant": "no"})
    second = answer(patient, {"first_episode": True, "history": [], "red_flags": []})

    assert first.plan is None
    assert first.missing == ["first_episode", "history", "red_flags"]
    assert first.intake.completed_at is None
    assert second.missing == []
    assert second.intake.answers == ANSWERS
    assert second.plan == open_plan(patient.id)


def test_the_plan_starts_on_the_patients_own_date(
    patient: Patient, other_patient: Patient, answer: Answer
) -> None:
    late = datetime(2026, 5, 4, 23, 0, tzinfo=UTC)

    in_berlin = answer(patient, ANSWERS, late, "Europe/Berlin").plan
    in_new_york = answer(other_patient, ANSWERS, late, "America/New_York").plan

    assert in_berlin
    assert in_new_york
    assert (in_berlin.start_date, in_new_york.start_date) == (date(2026, 5, 5), date(2026, 5, 4))
    assert in_berlin.phase == "initial"
    assert in_berlin.phase_since == in_berlin.start_date
    assert [change.cause for change in in_berlin.phase_changes.all()] == ["start"]


@pytest.mark.parametrize(
    ("since", "care_started_on"),
    [(None, TODAY), ("2026-05-04", TODAY), ("2026-04-13", date(2026, 4, 13))],
)
def test_care_starts_with_the_plan_or_when_home_care_began(
    patient: Patient, answer: Answer, since: str | None, care_started_on: date
) -> None:
    answers = ANSWERS | ({"home_care_since": since} if since else {})

    plan = answer(patient, answers).plan

    assert plan
    assert plan.care_started_on == care_started_on


def test_wrong_answers_are_named_one_by_one_and_nothing_is_stored(
    patient: Patient, answer: Answer
) -> None:
    wrong = {
        "age": "old",
        "shoe/size": 42,
        "history": ["gout"],
        "usual_medicines": "a\x00b",
        "side": None,
        "home_care_since": "2026-05-05",
        "episode_started_on": "1899-12-31",
        "pregnant": "no",
    }

    assert problem_of(answer, patient, wrong) == {
        "/answers/age": "wrong_type",
        "/answers/shoe~1size": "unknown_question",
        "/answers/history/0": "unknown_option",
        "/answers/usual_medicines": "control_character",
        "/answers/side": "wrong_type",
        "/answers/home_care_since": "in_the_future",
        "/answers/episode_started_on": "too_early",
    }
    assert intake_of(patient.id) is None


def test_the_same_answers_again_change_nothing(patient: Patient, answer: Answer) -> None:
    first = answer(patient, ANSWERS)
    before = Intake.objects.values().get(), RecoveryPlan.objects.values().get()

    again = answer(patient, ANSWERS)

    assert again.plan == first.plan
    assert first.changed == set(ANSWERS)
    assert again.changed == set()
    assert (Intake.objects.values().get(), RecoveryPlan.objects.values().get()) == before


def test_a_later_answer_changes_the_profile_and_keeps_the_plan(
    patient: Patient, plan: RecoveryPlan, answer: Answer
) -> None:
    outcome = answer(patient, {"side": "left"})

    assert outcome.plan == plan
    assert outcome.changed == {"side"}
    assert outcome.intake.answers == ANSWERS | {"side": "left"}


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ({"age": 17}, True),
        ({"age": 18}, False),
        ({"pregnant": "yes"}, True),
        ({"pregnant": "unknown"}, False),
        ({}, False),
    ],
)
def test_minors_and_pregnant_people_are_out_of_scope(
    profile: dict[str, Any], expected: bool
) -> None:
    assert is_out_of_scope(profile) is expected


def test_out_of_scope_the_plan_is_made_and_rests(patient: Patient, answer: Answer) -> None:
    plan = answer(patient, ANSWERS | {"age": 17}).plan

    assert plan
    assert plan_state(plan) == ("paused", ("out_of_scope",))


def test_a_profile_that_leaves_the_scope_pauses_the_plan_once(
    patient: Patient, plan: RecoveryPlan, answer: Answer, now: datetime
) -> None:
    answer(patient, {"pregnant": "yes"})
    plan.pauses.update(ended_at=now)  # a clinician released it
    answer(patient, {"pregnant": "yes", "side": "right"})

    assert plan_state(plan) == ("active", ())
    assert plan.pauses.count() == 1


def test_what_the_intake_forbids_is_not_prescribed(patient: Patient, answer: Answer) -> None:
    answers = ANSWERS | {"replaced_joints": ["hip"], "spine_conditions": ["stenosis"]}

    plan = answer(patient, answers).plan

    assert plan
    assert "EX-03" not in codes(plan)
    assert "EX-01" in codes(plan)


def test_a_new_condition_ends_what_it_forbids_and_its_withdrawal_brings_it_back(
    patient: Patient, plan: RecoveryPlan, answer: Answer, now: datetime
) -> None:
    all_codes = codes(plan)
    plan.prescriptions.filter(exercise="EX-05").update(ends_on=TODAY)  # a therapist's decision
    tomorrow = now + timedelta(days=1)

    ended = answer(patient, {"replaced_joints": ["hip"]}, tomorrow).plan
    assert ended
    assert codes(ended, TODAY + timedelta(days=1)) == all_codes - {"EX-03", "EX-05"}
    assert ended.version == 2

    back = answer(patient, {"replaced_joints": ["other"]}, tomorrow).plan
    assert back
    assert codes(back, TODAY + timedelta(days=1)) == all_codes - {"EX-05"}
    assert back.version == 3
    assert plan.prescriptions.filter(exercise="EX-03").count() == 2


def test_care_follows_a_corrected_date_of_home_care(
    patient: Patient, plan: RecoveryPlan, answer: Answer
) -> None:
    changed = answer(patient, {"home_care_since": "2026-04-01"}).plan

    assert changed
    assert changed.care_started_on == date(2026, 4, 1)
    assert changed.start_date == TODAY


def test_a_closed_plan_is_not_followed_by_another_from_the_same_intake(
    patient: Patient, plan: RecoveryPlan, answer: Answer, now: datetime
) -> None:
    RecoveryPlan.objects.update(closed_at=now)

    assert answer(patient, {"side": "left"}).plan is None
    assert RecoveryPlan.objects.count() == 1
