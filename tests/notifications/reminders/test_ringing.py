import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts import consents
from backend.accounts.revisions import revision
from backend.accounts.services import update_profile
from exercises.plans.services import restart
from exercises.triage.levels import Level
from exercises.triage.models import Visit
from notifications.models import Delivery, Message
from notifications.reminders import services
from notifications.reminders.models import Reminder
from notifications.reminders.ticking import tick
from tests.notifications.reminders.running import Run, messages
from tests.notifications.rows import make_alert

pytestmark = pytest.mark.django_db


def test_a_plan_comes_with_its_reminders(run: Run) -> None:
    rows = {row.kind: row for row in Reminder.objects.filter(patient=run.patient)}

    assert len(rows) == 7
    assert all(row.enabled and row.next_due_at > run.now for row in rows.values())
    assert rows["exercise"].next_due_at == run.wall(0, "08:30")
    assert rows["weekly_check_in"].weekdays == 0b0000001


def test_a_day_rings_where_something_is_due(run: Run) -> None:
    run.to(run.wall(0, "23:00"))

    assert run.sent() == [
        ("exercise", "morning"),
        ("questionnaire", "11:00"),
        ("exercise", "evening"),
        ("daily_check_in", "19:30"),
    ]
    assert run.reminder("visit_tomorrow").last_outcome == "nothing_due"


def test_what_was_done_before_is_not_brought_up(run: Run) -> None:
    run.only("exercise", "daily_check_in")
    run.exercise(run.wall(0, "08:10"), "morning")
    run.pain(run.wall(0, "18:00"))

    run.to(run.wall(0, "23:00"))

    assert run.said() == [
        ("exercise", "morning", "suppress", "already_done"),
        ("exercise", "evening", "send", "due"),
        ("daily_check_in", "19:30", "suppress", "already_done"),
    ]


def test_it_is_judged_again_at_the_claim(run: Run) -> None:
    run.only("daily_check_in")
    tick(now=run.wall(0, "19:30"))
    run.pain(run.wall(0, "19:31"))

    run.to(run.wall(0, "19:32"))

    assert run.said() == [("daily_check_in", "19:30", "suppress", "already_done")]


def test_consent_withdrawn_silences_reminders_at_once(run: Run) -> None:
    run.only("daily_check_in")
    tick(now=run.wall(0, "19:30"))
    consents.answer(
        patient_id=run.patient.pk,
        scope="reminders",
        granted=False,
        text_version=1,
        now=run.wall(0, "19:30"),
    )

    run.to(run.wall(0, "19:32"))

    assert run.said() == [("daily_check_in", "19:30", "suppress", "consent_withdrawn")]


def test_switched_off_after_it_was_written_it_is_not_said(run: Run) -> None:
    run.only("daily_check_in")
    tick(now=run.wall(0, "19:30"))
    Reminder.objects.update(enabled=False)

    run.to(run.wall(0, "19:32"))

    assert run.said() == [("daily_check_in", "19:30", "suppress", "switched_off")]


@pytest.mark.parametrize(
    ("level", "check_in"),
    [(Level.URGENT_SAME_DAY, "send"), (Level.EMERGENCY_NOW, "suppress")],
)
def test_nothing_ordinary_stands_beside_an_open_red_flag(
    run: Run, level: Level, check_in: str
) -> None:
    run.only("exercise", "daily_check_in")
    make_alert(patient=run.patient, level=level, at=run.now)

    run.to(run.wall(0, "20:00"))

    assert run.said()[0] == ("exercise", "morning", "suppress", "red_flag_open")
    assert run.said()[-1][2] == check_in


def test_quiet_hours_hold_a_reminder_until_they_end(run: Run) -> None:
    run.only("daily_check_in")
    _set(run, "daily_check_in", "07:30")

    run.to(run.wall(1, "07:40"))
    assert run.said() == [("daily_check_in", "07:30", "hold", "quiet_hours")]
    run.to(run.wall(1, "08:00"))

    assert run.said() == [("daily_check_in", "07:30", "send", "due")]
    assert Delivery.objects.get(channel="in_app", message__level=0).sent_at == run.wall(1, "08:00")


def test_what_would_come_out_of_the_night_too_late_expires(run: Run) -> None:
    run.only("daily_check_in")
    _set(run, "daily_check_in", "22:00")

    run.to(run.wall(0, "22:00"))

    assert run.said() == [("daily_check_in", "22:00", "expire", "quiet_hours")]


def test_quiet_hours_that_are_over_sooner_let_go_sooner(run: Run) -> None:
    run.only("daily_check_in")
    _set(run, "daily_check_in", "07:30")
    run.to(run.wall(1, "07:31"))

    services.change_preferences(
        patient=run.patient,
        changes={"quiet_from": None, "quiet_until": None},
        base=1,
        now=run.wall(1, "07:40"),
    )
    run.to(run.wall(1, "07:40"))

    assert run.said() == [("daily_check_in", "07:30", "send", "due")]


def test_what_falls_due_within_minutes_is_one_message(run: Run) -> None:
    run.only("exercise", "daily_check_in")
    _set(run, "daily_check_in", "18:35")

    run.to(run.wall(0, "18:36"))

    assert run.said()[-2:] == [
        ("exercise", "evening", "send", "due"),
        ("daily_check_in", "18:35", "suppress", "bundled"),
    ]
    (speaker,) = [one for one in messages("exercise") if one.about == "evening"]
    assert list(speaker.content["also"].values()) == [["daily_check_in", "18:35"]]


def test_a_bundle_whose_first_is_done_leaves_the_other_alone(run: Run) -> None:
    run.only("exercise", "daily_check_in")
    _set(run, "daily_check_in", "18:35")
    run.exercise(run.wall(0, "18:00"), "evening")

    run.to(run.wall(0, "18:36"))

    assert run.said()[-2:] == [
        ("exercise", "evening", "suppress", "already_done"),
        ("daily_check_in", "18:35", "send", "due"),
    ]


def test_what_the_night_held_back_comes_as_one(run: Run) -> None:
    run.only("exercise", "daily_check_in")
    _set(run, "daily_check_in", "07:00")
    _set(run, "exercise", "07:15", slot="morning")

    run.to(run.wall(1, "08:01"))

    assert sorted(run.said()) == [
        ("daily_check_in", "07:00", "send", "due"),
        ("exercise", "morning", "suppress", "bundled"),
    ]


def test_after_26_hours_away_there_is_one_message_and_no_burst(run: Run) -> None:
    run.only("exercise", "daily_check_in", "sitting_break", "questionnaire")
    run.to(run.wall(0, "14:00"))
    before = len(run.sent())

    run.to_after_an_outage(run.wall(1, "16:00"))
    run.to(run.wall(1, "16:01"))

    later = [one for one in Message.objects.all() if one.due_at > run.wall(0, "14:00")]
    assert all(run.wall(1, "14:00") < one.due_at <= run.wall(1, "16:10") for one in later)
    assert len(run.sent()) - before <= 1
    run.to(run.wall(1, "23:00"))
    assert ("exercise", "evening") in run.sent()[before:]


def test_a_paused_plan_keeps_exercises_quiet_and_the_diary_going(run: Run) -> None:
    run.only("exercise", "daily_check_in")
    run.plan.pauses.create(reason="therapist", started_at=run.now)

    run.to(run.wall(0, "20:00"))

    assert run.said() == [
        ("exercise", "morning", "suppress", "plan_paused"),
        ("exercise", "evening", "suppress", "plan_paused"),
        ("daily_check_in", "19:30", "send", "due"),
    ]


def test_a_cancelled_visit_is_not_announced(run: Run) -> None:
    run.only("visit_tomorrow")
    visit = Visit.objects.create(
        patient=run.patient,
        id=run.patient.pk,
        state="planned",
        planned_on=run.wall(1, "00:00").date(),
        tz="Europe/Berlin",
        rev=1,
        created_at=run.now,
        updated_at=run.now,
    )
    tick(now=run.wall(0, "18:00"))
    Visit.objects.filter(pk=visit.pk).update(state="cancelled", reason="ill")

    run.to(run.wall(0, "18:01"))

    assert run.said() == [("visit_tomorrow", "18:00", "suppress", "visit_cancelled")]


def test_a_prompt_that_was_seen_and_not_answered_is_brought_up_again(run: Run) -> None:
    run.only("stalled_prompt")
    alert = make_alert(patient=run.patient, level=Level.SEE_DOCTOR_SOON, at=run.now)
    alert.prompt.state, alert.prompt.seen_at = "seen", run.now
    alert.prompt.save()

    run.to(run.wall(13, "12:00"))

    days = [one.local_date.day for one in messages("stalled_prompt")]
    assert days == [7, 11]
    assert {one[2] for one in run.said() if one[0] == "stalled_prompt"} == {"send"}


def test_put_off_it_is_said_again_later(run: Run) -> None:
    run.only("daily_check_in")
    run.to(run.wall(0, "19:31"))
    services.snooze(
        patient=run.patient,
        reminder=run.reminder("daily_check_in"),
        minutes=30,
        now=run.wall(0, "19:31"),
    )

    run.to(run.wall(0, "20:01"))

    assert [one.step for one in messages("daily_check_in")] == [0, 1]
    assert run.sent() == [("daily_check_in", "19:30")] * 2


def test_a_traveller_is_reminded_by_the_clocks_where_she_is_once_a_date(run: Run) -> None:
    run.only("daily_check_in")
    run.to(run.wall(0, "20:00"))

    update_profile(
        user=run.patient.user,
        changes={"time_zone": "America/New_York"},
        now=run.wall(0, "21:00"),
    )
    run.to(run.wall(1, "12:00"))
    assert len(messages("daily_check_in")) == 1, "19:30 of the same date in New York is no second"
    run.to(run.wall(2, "06:00"))

    second = messages("daily_check_in")[1]
    assert second.due_at == run.wall(2, "01:30")
    assert second.local_date.day == 5


def test_who_travels_east_misses_nothing(run: Run) -> None:
    run.only("daily_check_in")
    update_profile(
        user=run.patient.user, changes={"time_zone": "Asia/Tokyo"}, now=run.wall(0, "12:00")
    )

    run.to(run.wall(0, "13:00"))

    (only,) = messages("daily_check_in")
    assert only.due_at == run.wall(0, "12:30")


def test_who_stays_home_in_mind_is_reminded_by_its_clocks(run: Run) -> None:
    run.only("daily_check_in")
    services.change_preferences(
        patient=run.patient,
        changes={"travel": "stay_home", "home_zone": "Europe/Berlin"},
        base=1,
        now=run.now,
    )
    update_profile(
        user=run.patient.user, changes={"time_zone": "Asia/Tokyo"}, now=run.wall(0, "12:00")
    )

    run.to(run.wall(1, "00:00"))

    (only,) = messages("daily_check_in")
    assert only.due_at == run.wall(0, "19:30")


def test_an_idle_tick_is_one_query(run: Run) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert tick(now=run.now) == 0

    assert len(captured) == 1


def _set(run: Run, kind: str, at: str, slot: str = "") -> None:
    row = run.reminder(kind)
    services.change_reminder(
        patient=run.patient,
        reminder=row.pk,
        content=services.ReminderContent(
            enabled=True, times=((slot or at, at),), weekdays=127, channels=("in_app",)
        ),
        base=row.version,
        now=run.now,
    )


def test_a_plan_that_is_older_than_reminders_gets_them_too(run: Run) -> None:
    Reminder.objects.all().delete()

    assert services.equip(now=run.now) == 1
    assert services.equip(now=run.now) == 0
    assert Reminder.objects.count() == 7


def test_a_new_episode_keeps_what_she_set(run: Run) -> None:
    _set(run, "daily_check_in", "20:00")
    with revision(run.patient.pk) as rev:
        restart(
            plan=run.plan, on_date=run.wall(3, "00:00").date(), rev=rev, now=run.wall(3, "09:00")
        )

    assert run.reminder("daily_check_in").times == [{"slot": "20:00", "at": "20:00"}]
    assert Reminder.objects.count() == 7
