import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Patient
from backend.accounts.revisions import revision
from backend.accounts.services import update_profile
from exercises.plans.services import restart
from notifications.models import Delivery, Message
from notifications.reminders import services
from notifications.reminders.judging import judge_reminders
from notifications.reminders.models import Reminder
from notifications.reminders.ticking import tick
from tests.factories import make_patient
from tests.notifications.reminders.running import Run, messages

pytestmark = pytest.mark.django_db


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


def test_judging_a_batch_costs_a_fixed_number_of_queries(run: Run, other_patient: Patient) -> None:
    others = [run, Run(patient=other_patient, now=run.now)]
    others += [Run(patient=make_patient(now=run.now), now=run.now) for _ in range(3)]
    Reminder.objects.exclude(kind="exercise").update(enabled=False)
    tick(now=run.wall(0, "08:30"))
    ids = list(Delivery.objects.filter(channel="in_app").values_list("pk", flat=True))
    assert len(ids) == 5

    def queries(count: int) -> int:
        deliveries = Delivery.objects.filter(pk__in=ids[:count]).select_related(
            "message__recipient", "message__patient__user"
        )
        with CaptureQueriesContext(connection) as captured:
            verdicts = judge_reminders(list(deliveries), run.wall(0, "08:30"))
        assert {one.decision.reason for one in verdicts.values()} == {"due"}
        return len(captured)

    assert queries(1) == queries(5) <= 14


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
