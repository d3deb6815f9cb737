"""Each reason of a decision, and both sides of each boundary."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from exercises.triage.levels import Level
from notifications.reminders.content import KINDS, reminder_terms
from notifications.reminders.deciding import (
    Due,
    Matter,
    Quiet,
    Standing,
    decide_reminder,
    end_of_quiet,
)

# Monday, 19:30 in Berlin.
DUE_AT = datetime(2026, 5, 4, 17, 30, tzinfo=UTC)
NIGHT = Quiet(start=time(21), end=time(8))
MINUTE = timedelta(minutes=1)


def decide(
    kind: str = "exercise", *, after: timedelta = timedelta(0), **state: Any
) -> tuple[str, str, datetime | None]:
    standing = Standing(**({"zone": "Europe/Berlin", "matter": Matter.OPEN} | state))
    due = Due(due_at=DUE_AT, expires_at=DUE_AT + timedelta(hours=2))
    found = decide_reminder(due, reminder_terms().of(kind), standing, DUE_AT + after)
    return found.action.value, found.reason, found.until


def test_what_is_due_and_open_is_said() -> None:
    assert decide() == ("send", "due", None)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"account_active": False}, "account_inactive"),
        ({"consented": False}, "consent_withdrawn"),
        ({"enabled": False}, "switched_off"),
        ({"level": Level.URGENT_SAME_DAY}, "red_flag_open"),
        ({"plan_rests": True}, "plan_paused"),
        ({"matter": Matter.DONE}, "already_done"),
        ({"matter": Matter.NOTHING}, "nothing_due"),
        ({"matter": Matter.CANCELLED}, "visit_cancelled"),
        ({"matter": Matter.ANSWERED}, "already_answered"),
    ],
)
def test_each_reason_for_silence(state: dict[str, Any], reason: str) -> None:
    assert decide(**state) == ("suppress", reason, None)


def test_the_gravest_reason_is_named() -> None:
    found = decide(consented=False, level=Level.EMERGENCY_NOW, matter=Matter.DONE)

    assert found[1] == "consent_withdrawn"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", list(Level))
def test_an_emergency_silences_all_but_the_visit(kind: str, level: Level) -> None:
    action, _, _ = decide(kind, level=level)

    if level == Level.EMERGENCY_NOW:
        assert action == ("send" if kind == "visit_tomorrow" else "suppress")
    elif level < Level.URGENT_SAME_DAY:
        assert action == "send"


@pytest.mark.parametrize("kind", KINDS)
def test_while_the_plan_rests_only_what_exercises_is_quiet(kind: str) -> None:
    action, _, _ = decide(kind, plan_rests=True)

    assert action == ("suppress" if kind in ("exercise", "sitting_break") else "send")


def test_it_expires_when_its_time_is_over_and_not_before() -> None:
    assert decide(after=2 * timedelta(hours=1) - MINUTE)[0] == "send"
    assert decide(after=timedelta(hours=2))[:2] == ("expire", "too_late")


def test_before_its_time_it_waits() -> None:
    assert decide(after=-MINUTE) == ("hold", "not_yet", DUE_AT)


def test_put_off_it_waits_and_too_long_put_off_it_expires() -> None:
    until = DUE_AT + timedelta(hours=1)

    assert decide(snoozed_until=until) == ("hold", "snoozed", until)
    assert decide(snoozed_until=until, after=timedelta(hours=1)) == ("send", "due", None)
    assert decide(snoozed_until=DUE_AT + timedelta(hours=2))[:2] == ("expire", "snoozed")


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (time(19, 31), ("send", "due")),
        (time(19, 30), ("hold", "quiet_hours")),
        (time(19, 0), ("hold", "quiet_hours")),
    ],
)
def test_quiet_hours_begin_on_the_minute(start: time, expected: tuple[str, str]) -> None:
    assert decide(quiet=Quiet(start=start, end=time(21)))[:2] == expected


def test_quiet_hours_end_on_the_minute() -> None:
    assert decide(quiet=Quiet(start=time(18), end=time(19, 30)))[:2] == ("send", "due")
    assert decide(quiet=Quiet(start=time(18), end=time(19, 31))) == (
        "hold",
        "quiet_hours",
        DUE_AT + MINUTE,
    )


def test_over_midnight_they_end_the_next_morning() -> None:
    late = datetime(2026, 5, 4, 20, 0, tzinfo=UTC)
    early = datetime(2026, 5, 5, 4, 0, tzinfo=UTC)
    morning = datetime(2026, 5, 5, 6, 0, tzinfo=UTC)

    assert end_of_quiet(NIGHT, "Europe/Berlin", late) == morning
    assert end_of_quiet(NIGHT, "Europe/Berlin", early) == morning
    assert end_of_quiet(NIGHT, "Europe/Berlin", morning) is None


def test_an_end_that_the_clock_skips_is_the_next_minute() -> None:
    quiet = Quiet(start=time(22), end=time(2, 30))
    midnight = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)

    assert end_of_quiet(quiet, "Europe/Berlin", midnight) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_an_end_that_the_clock_repeats_lets_go_at_the_first_and_holds_again() -> None:
    quiet = Quiet(start=time(22), end=time(2, 30))
    before = datetime(2026, 10, 25, 0, 10, tzinfo=UTC)
    in_the_second = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)

    assert end_of_quiet(quiet, "Europe/Berlin", before) == before + 20 * MINUTE
    assert end_of_quiet(quiet, "Europe/Berlin", in_the_second) == in_the_second + 20 * MINUTE
