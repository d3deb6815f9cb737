"""Flares overlay the plan for some days; a recurrence begins a new episode."""

from datetime import timedelta

import pytest

from backend.accounts.models import Patient, User
from backend.accounts.revisions import revision
from exercises.plans import services as plan_services
from exercises.plans.models import Flare, RecoveryPlan
from exercises.plans.selectors import flare_on, is_unsteady, occurrences, prescriptions_on
from exercises.triage.models import Alert
from exercises.triage.tasks_due import tasks_for
from tests.exercises.triage.diary import DAY, START, Diary, at

STRENGTH = "EX-10"  # in the rehabilitation phase alone


@pytest.fixture
def diary(patient: Patient, therapist: User) -> Diary:
    return Diary(patient)


@pytest.fixture
def rehab(diary: Diary) -> Diary:
    """On day 20 in the rehabilitation phase, after a steady 3."""
    diary.pains(0, [3] * 21)
    assert diary.plan.phase == "rehab"
    return diary


def tasks(diary: Diary, day: int) -> list[str]:
    return [task.code for task in tasks_for(diary.plan, START + day * DAY)]


def move(diary: Diary, phase: str, day: int) -> None:
    with revision(diary.patient.pk) as rev:
        plan_services.change_phase(
            plan=diary.plan, phase=phase, cause="gate", on_date=START + day * DAY, by=None,  # type: ignore[arg-type]
            reason="", rev=rev, now=at(day),
        )  # fmt: skip


def test_a_bad_day_in_the_first_phase_changes_nothing_to_be_seen(diary: Diary) -> None:
    diary.pains(0, [4, 4, 3, 3, 3, 3, 3, 3])
    before = diary.plan.version, diary.served(8)
    diary.pains(8, [7])

    assert (diary.plan.version, diary.served(8)) == before
    flare = Flare.objects.get()
    assert (flare.started_on, flare.outcome) == (START + 8 * DAY, "")
    assert flare_on(diary.plan, START + 8 * DAY) == flare
    diary.pains(9, [3, 3, 3])
    flare.refresh_from_db()
    assert (flare.outcome, flare.ends_on) == ("settled", START + 10 * DAY)
    assert flare_on(diary.plan, START + 10 * DAY) is None
    assert tasks(diary, 11) == []


def test_a_flare_serves_the_first_phase_and_leaves_phase_and_clock(rehab: Diary) -> None:
    since = rehab.plan.phase_since
    rehab.pains(21, [7])

    plan = rehab.plan
    assert (plan.phase, plan.phase_since) == ("rehab", since)
    assert STRENGTH not in rehab.served(21)
    assert "EX-20" in rehab.served(21)
    assert STRENGTH not in rehab.served(27)
    assert STRENGTH in rehab.served(28)
    rehab.pains(22, [3])
    assert STRENGTH not in rehab.served(22), "today goes on as it was served"
    assert STRENGTH in rehab.served(23)
    assert {row.flare_id is None for row in plan.prescriptions.filter(exercise=STRENGTH)} == {True}


def test_what_was_done_today_stays_on_todays_list(rehab: Diary) -> None:
    rehab.tick(21)
    rehab.session(21, STRENGTH, during=2)
    rehab.pain(21, 7)

    assert STRENGTH in rehab.served(21)
    assert STRENGTH not in rehab.served(22)


def test_occurrences_follow_the_flare(rehab: Diary) -> None:
    rehab.pains(21, [7])

    start, end = START + 21 * DAY, START + 35 * DAY
    rows = prescriptions_on(rehab.plan, start, end)
    found = occurrences(rehab.plan, rows, start=start, end=end, zone="Europe/Berlin", now=at(21))
    strength = {(item.local_date - START).days for item in found if item.exercise == STRENGTH}
    walks = {(item.local_date - START).days for item in found if item.exercise == "EX-20"}
    assert strength
    assert min(strength) >= 28
    assert walks == set(range(21, 35))
    assert len({item.key for item in found}) == len(found)


def test_the_gate_stays_shut_while_a_flare_runs(diary: Diary) -> None:
    diary.pains(0, [3] * 13)
    diary.pains(13, [7])
    diary.tick(14)
    assert diary.plan.phase == "initial"
    diary.pain(14, 3)
    assert diary.plan.phase == "rehab"


def test_seven_days_that_settle_on_the_last_are_one_flare(rehab: Diary) -> None:
    rehab.pains(21, [7, 6, 6, 6, 6, 6, 3])
    rehab.tick(28)

    assert rehab.plan.phase == "rehab"
    assert Flare.objects.get().outcome == "settled"


def test_more_than_seven_days_lead_back_by_a_phase(rehab: Diary) -> None:
    rehab.pains(21, [7, 6, 6, 6, 6, 6, 6])
    assert rehab.plan.phase == "rehab"
    rehab.tick(28)

    plan, flare = rehab.plan, Flare.objects.get()
    assert (plan.phase, flare.outcome, flare.stepped_back) == ("initial", "lasted", True)
    change = plan.phase_changes.latest("id")
    assert (change.cause, change.by, change.on_date) == ("flare", None, START + 28 * DAY)
    assert STRENGTH not in rehab.served(40)
    assert "stepped_back_by_flare" in tasks(rehab, 28)


def test_silence_after_a_flare_neither_steps_back_nor_goes_unnoticed(rehab: Diary) -> None:
    rehab.pains(21, [7, None, None, None, None, None, None])
    rehab.tick(28)

    assert rehab.plan.phase == "rehab"
    assert Flare.objects.get().outcome == "silent"
    assert "flare_silent" in tasks(rehab, 28)
    assert STRENGTH in rehab.served(28)


@pytest.mark.parametrize(("apart", "phase"), [(13, "initial"), (14, "rehab")])
def test_two_flares_within_fourteen_days_lead_back_by_a_phase(
    rehab: Diary, apart: int, phase: str
) -> None:
    rehab.pains(21, [7] + [3] * (apart - 1) + [7])

    assert rehab.plan.phase == phase
    assert Flare.objects.count() == 2
    assert STRENGTH not in rehab.served(21 + apart)
    due = tasks(rehab, 21 + apart)
    assert ("flares_repeated" in due) is (phase == "initial")


def test_the_gate_does_not_undo_a_step_back_the_next_morning(rehab: Diary) -> None:
    rehab.pains(21, [7, 3, 3, 3, 7, 3, 3])
    assert rehab.plan.phase == "initial"
    second = START + 25 * DAY
    assert is_unsteady(rehab.plan, second + 13 * DAY)
    assert not is_unsteady(rehab.plan, second + 14 * DAY)
    rehab.pains(28, [3] * 11)
    assert rehab.plan.phase == "initial"
    rehab.tick(39)
    assert rehab.plan.phase == "rehab"


def test_two_flares_led_back_once_do_not_count_again(rehab: Diary) -> None:
    move(rehab, "long_term", 20)
    rehab.pains(21, [7, 3, 3, 3, 7, 3, 3, 3])
    assert rehab.plan.phase == "rehab"
    rehab.pains(29, [7])
    assert rehab.plan.phase == "rehab"
    rehab.pains(30, [3, 3, 3, 7])
    assert rehab.plan.phase == "initial"


def test_a_therapists_hold_outlasts_a_flare(rehab: Diary, therapist: User) -> None:
    with revision(rehab.patient.pk) as rev:
        plan_services.hold(plan=rehab.plan, by=therapist, reason="Mine", rev=rev, now=at(20))
    rehab.pains(21, [7, 6, 6, 6, 6, 6, 6])
    rehab.tick(28)

    assert rehab.plan.phase == "rehab"
    assert Flare.objects.get().outcome == "lasted"


def test_a_corrected_mistake_was_no_flare(rehab: Diary) -> None:
    rehab.pains(21, [7])
    # Further scores of the same day bring its mean down to 3.
    for _ in range(4):
        rehab.pain(21, 2)

    assert Flare.objects.get().outcome == "withdrawn"
    assert STRENGTH in rehab.served(21)
    assert not is_unsteady(rehab.plan, START + 21 * DAY)


def test_an_order_of_a_therapist_ends_the_flare_and_the_tasks(
    rehab: Diary, therapist: User
) -> None:
    rehab.pains(21, [7])
    with revision(rehab.patient.pk) as rev:
        plan_services.change_phase(
            plan=rehab.plan, phase="initial", cause="step_back", on_date=START + 22 * DAY,
            by=therapist, reason="Seen", rev=rev, now=at(22),
        )  # fmt: skip

    assert Flare.objects.get().outcome == "overtaken"
    assert STRENGTH not in rehab.served(23)


def test_a_recurrence_begins_the_next_episode_and_keeps_the_history(diary: Diary) -> None:
    diary.pains(0, [5, 5, 4, 4, 3, 3, 2, 2, 1, 1] + [0] * 20)
    first = diary.plan
    assert first.phase == "rehab"
    diary.pains(30, [5])
    assert diary.plan == first
    diary.pains(31, [5])

    second = diary.plan
    assert (second.episode, second.phase, second.start_date) == (2, "initial", START + 31 * DAY)
    assert Alert.objects.filter(rule="RT-RECUR", status="open").count() == 1
    assert RecoveryPlan.objects.filter(patient=diary.patient).count() == 2
    assert first.phase_changes.count() == 2
    diary.pains(32, [5] * 6)
    assert diary.plan == second


def test_a_resolved_recurrence_that_is_raised_again_begins_no_further_episode(
    diary: Diary, therapist: User
) -> None:
    from exercises.triage.episodes import _begins_an_episode

    diary.pains(0, [5, 5, 4, 4, 3, 3, 2, 2, 1, 1] + [0] * 20 + [5, 5])
    alert = Alert.objects.get(rule="RT-RECUR")
    plan = diary.plan

    assert not _begins_an_episode(alert, plan)
    plan.start_date -= timedelta(days=1)
    assert _begins_an_episode(alert, plan)


def test_an_extended_phase_asks_for_a_look_after_a_week_and_for_a_review_at_four(
    diary: Diary,
) -> None:
    assert tasks(diary, 20) == []
    assert tasks(diary, 21) == ["phase_extended"]
    assert tasks(diary, 27) == ["phase_extended"]
    assert tasks(diary, 28) == ["phase_extended", "initial_review"]
