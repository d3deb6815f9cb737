"""The life of a plan: pauses, holds, phases, episodes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta

import pytest

from backend.accounts.models import Patient, User
from backend.accounts.revisions import Revision, revision
from exercises.catalog.shapes import PhaseId
from exercises.plans.models import PauseReason, Prescription, RecoveryPlan
from exercises.plans.phases import GateLine
from exercises.plans.schedule import DoneItem
from exercises.plans.selectors import (
    days_in_phase,
    is_held,
    occurrences,
    open_plan,
    plan_day,
    plan_extension,
    plan_state,
    prescriptions_on,
    standing_prescriptions,
)
from exercises.plans.services import (
    AlreadyInPhase,
    change_phase,
    hold,
    pause,
    release,
    release_hold,
    restart,
)

START = date(2026, 5, 4)
DAY = timedelta(days=1)
ZONE = "Europe/Berlin"


@pytest.fixture
def writing(patient: Patient) -> Callable[[], AbstractContextManager[Revision]]:
    return lambda: revision(patient.id)


Writing = Callable[[], AbstractContextManager[Revision]]


def codes(plan: RecoveryPlan, on: date) -> set[str]:
    return {row.exercise for row in standing_prescriptions(plan, on)}


def stored(plan: RecoveryPlan) -> RecoveryPlan:
    return RecoveryPlan.objects.get(pk=plan.pk)


def test_days_count_from_the_start_of_plan_and_phase(plan: RecoveryPlan) -> None:
    plan.phase_since = START + 14 * DAY

    assert plan_day(plan, START) == 0
    assert plan_day(plan, START + 14 * DAY) == 14
    assert days_in_phase(plan, START + 15 * DAY) == 1


def test_reasons_to_pause_overlap_and_each_ends_by_itself(
    plan: RecoveryPlan, writing: Writing, now: datetime
) -> None:
    with writing() as rev:
        assert pause(plan=plan, reason=PauseReason.ALERT, rev=rev, now=now)
        assert pause(plan=plan, reason=PauseReason.THERAPIST, rev=rev, now=now + DAY)
        assert plan_state(plan) == ("paused", ("alert", "therapist"))
        assert release(plan=plan, reason=PauseReason.ALERT, rev=rev, now=now + 2 * DAY)
        assert plan_state(plan) == ("paused", ("therapist",))
        assert release(plan=plan, reason=PauseReason.THERAPIST, rev=rev, now=now + 2 * DAY)

    assert plan_state(plan) == ("active", ())
    assert stored(plan).version == 5


def test_pausing_twice_or_releasing_what_does_not_rest_changes_nothing(
    plan: RecoveryPlan, writing: Writing, now: datetime
) -> None:
    with writing() as rev:
        assert not release(plan=plan, reason=PauseReason.ALERT, rev=rev, now=now)
        assert pause(plan=plan, reason=PauseReason.ALERT, rev=rev, now=now)
        assert not pause(plan=plan, reason=PauseReason.ALERT, rev=rev, now=now)

    assert stored(plan).version == 2
    assert plan.pauses.count() == 1


def test_a_hold_stands_until_its_date_or_its_release(
    plan: RecoveryPlan, therapist: User, writing: Writing, now: datetime
) -> None:
    with writing() as rev:
        hold(
            plan=plan, by=therapist, reason="Review first", until=START + 3 * DAY, rev=rev, now=now
        )
        assert [is_held(stored(plan), START + offset * DAY) for offset in (2, 3)] == [True, False]
        hold(plan=plan, by=therapist, reason="Review first", rev=rev, now=now)
        assert is_held(stored(plan), START + 300 * DAY)
        assert release_hold(plan=plan, rev=rev)
        assert not release_hold(plan=plan, rev=rev)

    assert not is_held(stored(plan), START)
    assert stored(plan).held_reason == ""
    assert stored(plan).version == 4


def test_a_new_phase_ends_the_old_prescriptions_and_starts_its_own(
    plan: RecoveryPlan, writing: Writing, now: datetime
) -> None:
    day_14 = START + 14 * DAY
    line = GateLine("day", True, "The plan has run for 14 days.", 14, 14)
    with writing() as rev:
        change = change_phase(
            plan=plan,
            phase="rehab",
            cause="gate",
            on_date=day_14,
            by=None,
            reason="",
            evidence=[line],
            rev=rev,
            now=now,
        )

    after = stored(plan)
    assert (after.phase, after.phase_since, after.version) == ("rehab", day_14, 2)
    assert change.evidence[0]["code"] == "day"
    assert {row.phase for row in prescriptions_on(plan, START, day_14)} == {"initial"}
    assert {row.phase for row in prescriptions_on(plan, day_14, day_14 + DAY)} == {"rehab"}
    assert {row.ends_on for row in plan.prescriptions.filter(phase="initial")} == {day_14}
    side_plank = plan.prescriptions.get(exercise="EX-12")
    assert side_plank.starts_on == START + 28 * DAY
    assert side_plank.dose["hold_s"] == {"min": 10, "max": 10}


def test_a_prescription_that_never_began_stays_as_history_and_on_no_day(
    plan: RecoveryPlan, writing: Writing, now: datetime
) -> None:
    with writing() as rev:
        change_phase(
            plan=plan, phase="rehab", cause="advance", on_date=START + DAY, by=None, reason="",
            rev=rev, now=now,
        )  # fmt: skip
    slider = plan.prescriptions.get(exercise="EX-08", phase="initial")
    before = Prescription.objects.filter(pk=slider.pk).values().get()

    assert slider.starts_on == slider.ends_on == START + 4 * DAY
    assert slider not in prescriptions_on(plan, START, START + 60 * DAY)

    with writing() as rev:
        change_phase(
            plan=plan, phase="long_term", cause="advance", on_date=START + 2 * DAY, by=None,
            reason="", rev=rev, now=now,
        )  # fmt: skip
    assert Prescription.objects.filter(pk=slider.pk).values().get() == before


def test_symptoms_present_now_shape_the_new_phase(
    plan: RecoveryPlan, writing: Writing, now: datetime
) -> None:
    with writing() as rev:
        change_phase(
            plan=plan, phase="rehab", cause="gate", on_date=START + 14 * DAY, by=None, reason="",
            open_symptoms=["S-TINGLE-LEG", "S-BUCKLE"], rev=rev, now=now,
        )  # fmt: skip

    served = codes(plan, START + 14 * DAY)
    assert "EX-02" not in served
    assert "EX-25" not in served
    assert "EX-01" in served


def test_a_therapists_step_back_holds_the_phase_and_her_advance_lets_go(
    plan: RecoveryPlan, therapist: User, writing: Writing, now: datetime
) -> None:
    def move(phase: PhaseId, cause: str) -> None:
        with writing() as rev:
            change_phase(
                plan=plan, phase=phase, cause=cause, on_date=START + 20 * DAY, by=therapist,
                reason="Seen in clinic", rev=rev, now=now,
            )  # fmt: skip

    move("rehab", "advance")
    assert not is_held(stored(plan), START + 20 * DAY)
    move("initial", "step_back")
    assert is_held(stored(plan), START + 90 * DAY)
    assert stored(plan).held_by == therapist
    move("rehab", "advance")
    assert not is_held(stored(plan), START + 20 * DAY)


def test_a_phase_cannot_change_into_itself(
    plan: RecoveryPlan, writing: Writing, now: datetime
) -> None:
    with writing() as rev, pytest.raises(AlreadyInPhase):
        change_phase(
            plan=plan, phase="initial", cause="gate", on_date=START, by=None, reason="", rev=rev,
            now=now,
        )  # fmt: skip

    assert stored(plan).version == 1


def test_a_recurrence_closes_the_plan_and_opens_the_next_with_new_clocks(
    patient: Patient, plan: RecoveryPlan, writing: Writing, now: datetime
) -> None:
    later = START + 100 * DAY
    with writing() as rev:
        pause(plan=plan, reason=PauseReason.ALERT, rev=rev, now=now)
        new = restart(plan=plan, on_date=later, rev=rev, now=now + 100 * DAY)

    assert open_plan(patient.id) == new
    assert (new.episode, new.start_date, new.care_started_on) == (2, later, later)
    assert plan_state(new) == ("paused", ("alert",))
    assert plan_state(stored(plan)) == ("active", ())
    assert stored(plan).closed_at == now + 100 * DAY
    assert codes(plan, later) == set()
    assert "EX-20" in codes(new, later)


def test_an_extended_phase_says_since_when(plan: RecoveryPlan) -> None:
    assert plan_extension(plan, START + 13 * DAY) is None

    found = plan_extension(plan, START + 28 * DAY)

    assert found
    assert (found.days, found.task_due, found.review_due) == (14, True, True)


def test_the_occurrences_of_a_plan_know_its_pauses_and_what_was_done(
    plan: RecoveryPlan, writing: Writing, now: datetime
) -> None:
    with writing() as rev:
        pause(plan=plan, reason=PauseReason.THERAPIST, rev=rev, now=now)
        release(plan=plan, reason=PauseReason.THERAPIST, rev=rev, now=now + 2 * DAY)
    walk = plan.prescriptions.get(exercise="EX-20")
    done = DoneItem(walk.id, START + 3 * DAY, None, "partial")

    end = START + 5 * DAY
    rows = prescriptions_on(plan, START, end)
    found = occurrences(plan, rows, start=START, end=end, zone=ZONE, now=now + 4 * DAY, done=[done])

    walks = [(item.local_date.day, item.state) for item in found if item.exercise == "EX-20"]
    assert walks == [
        (4, "missed"), (4, "missed"), (5, "paused"), (5, "paused"), (6, "missed"), (6, "missed"),
        (7, "partial"), (7, "missed"), (8, "due"), (8, "due"),
    ]  # fmt: skip


def test_every_row_has_a_revision_of_its_own_and_the_patient_the_highest(
    patient: Patient, plan: RecoveryPlan
) -> None:
    taken = [plan.rev, patient.intake.rev, *plan.prescriptions.values_list("rev", flat=True)]
    # Her reminders come with the plan.
    taken += [
        patient.notification_preferences.rev,
        *patient.reminders.values_list("rev", flat=True),
    ]

    patient.refresh_from_db()
    assert len(set(taken)) == len(taken)
    assert max(taken) == patient.rev
