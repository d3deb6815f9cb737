import pytest

from backend.accounts import consents
from exercises.triage.levels import Level
from exercises.triage.models import Visit
from notifications.models import Delivery
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


def test_what_was_not_borne_well_is_not_brought_up(run: Run) -> None:
    run.only("exercise")
    for day in (0, 1):
        run.exercise(run.wall(day, "07:00"), "morning", next_morning=3)
        run.exercise(run.wall(day, "07:05"), "evening", next_morning=3)

    run.to(run.wall(2, "20:00"))

    last = [one for one in run.said() if one[0] == "exercise"][-2:]
    assert [one[2:] for one in last] == [("suppress", "nothing_due")] * 2
