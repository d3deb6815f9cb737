from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exercises.triage.levels import Level
from notifications.policy import (
    Action,
    Decision,
    Said,
    State,
    Voice,
    decide,
    next_step,
    outranks,
)

BERLIN = "Europe/Berlin"
RED_FLAGS = (Level.EMERGENCY_NOW, Level.URGENT_SAME_DAY)
ORDINARY = (Level.PROMPT_DAYS, Level.SEE_DOCTOR_SOON, Level.ROUTINE)
LEVELS = (*RED_FLAGS, *ORDINARY)
SENT = Decision(action=Action.SEND, reason="due")
NOON = datetime(2026, 5, 4, 10, tzinfo=UTC)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def said(level: Level, *, step: int = 0, due_at: datetime = NOON, **fields: str) -> Said:
    given_fields = {"audience": "patient", "kind": "alert"} | fields
    return Said(level=level, step=step, due_at=due_at, **given_fields)  # type: ignore[arg-type]


def local(zone: str, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone)).astimezone(UTC)  # type: ignore[misc,arg-type]


def repeats(level: Level, first: datetime, zone: str, at_most: int = 10) -> list[datetime]:
    """When the message is said again if each is said on time."""
    found, due_at = [], first
    for step in range(at_most):
        due = next_step(said(level, step=step, due_at=due_at), SENT, State(zone=zone), due_at)
        if due is None:
            break
        found.append(due)
        due_at = due
    return found


@pytest.mark.parametrize("level", RED_FLAGS)
@pytest.mark.parametrize("hour", range(24))
def test_a_red_flag_is_sent_at_every_hour(level: Level, hour: int) -> None:
    at = local(BERLIN, 2026, 5, 4, hour, 30)

    assert decide(said(level), State(zone=BERLIN), at).action is Action.SEND


@pytest.mark.parametrize(
    ("level", "clock", "action"),
    [
        (Level.PROMPT_DAYS, (7, 59), Action.HOLD),
        (Level.PROMPT_DAYS, (8, 0), Action.SEND),
        (Level.PROMPT_DAYS, (20, 59), Action.SEND),
        (Level.PROMPT_DAYS, (21, 0), Action.HOLD),
        (Level.SEE_DOCTOR_SOON, (7, 59), Action.HOLD),
        (Level.SEE_DOCTOR_SOON, (8, 0), Action.SEND),
        (Level.SEE_DOCTOR_SOON, (19, 59), Action.SEND),
        (Level.SEE_DOCTOR_SOON, (20, 0), Action.HOLD),
        (Level.ROUTINE, (7, 59), Action.HOLD),
        (Level.ROUTINE, (8, 0), Action.SEND),
        (Level.ROUTINE, (20, 59), Action.SEND),
        (Level.ROUTINE, (21, 0), Action.HOLD),
    ],
)
def test_ordinary_messages_keep_to_the_hours_of_their_level(
    level: Level, clock: tuple[int, int], action: Action
) -> None:
    at = local(BERLIN, 2026, 5, 4, *clock)

    assert decide(said(level), State(zone=BERLIN), at).action is action


def test_a_message_held_in_the_evening_waits_for_the_next_morning() -> None:
    decision = decide(said(Level.PROMPT_DAYS), State(zone=BERLIN), local(BERLIN, 2026, 5, 4, 21, 0))

    assert decision.reason == "quiet_hours"
    assert decision.until == local(BERLIN, 2026, 5, 5, 8, 0)


def test_a_message_held_after_midnight_waits_for_the_same_morning() -> None:
    decision = decide(
        said(Level.SEE_DOCTOR_SOON), State(zone=BERLIN), local(BERLIN, 2026, 5, 4, 2, 31)
    )

    assert decision.until == local(BERLIN, 2026, 5, 4, 8, 0)


@pytest.mark.parametrize(
    ("zone", "night", "morning"),
    [
        (BERLIN, (2026, 3, 28, 23, 0), datetime(2026, 3, 29, 6, tzinfo=UTC)),
        (BERLIN, (2026, 3, 29, 1, 59), datetime(2026, 3, 29, 6, tzinfo=UTC)),
        (BERLIN, (2026, 3, 29, 3, 0), datetime(2026, 3, 29, 6, tzinfo=UTC)),
        (BERLIN, (2026, 10, 24, 23, 0), datetime(2026, 10, 25, 7, tzinfo=UTC)),
        (BERLIN, (2026, 10, 25, 2, 30), datetime(2026, 10, 25, 7, tzinfo=UTC)),
        ("America/New_York", (2026, 3, 7, 22, 0), datetime(2026, 3, 8, 12, tzinfo=UTC)),
        ("America/New_York", (2026, 10, 31, 22, 0), datetime(2026, 11, 1, 13, tzinfo=UTC)),
    ],
)
def test_eight_o_clock_is_eight_o_clock_after_a_clock_change(
    zone: str, night: tuple[int, ...], morning: datetime
) -> None:
    decision = decide(said(Level.PROMPT_DAYS), State(zone=zone), local(zone, *night))

    assert decision.until == morning


@given(
    at=st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: NEW_YEAR + timedelta(minutes=minutes)),
    zone=st.sampled_from(
        [BERLIN, "America/New_York", "America/Nuuk", "Australia/Lord_Howe", "Asia/Kathmandu"]
    ),
    level=st.sampled_from(ORDINARY),
)
def test_what_is_held_is_sent_when_the_hold_ends(at: datetime, zone: str, level: Level) -> None:
    first = decide(said(level), State(zone=zone), at)

    assert first.action in (Action.SEND, Action.HOLD)
    if first.until is not None:
        assert at < first.until <= at + timedelta(hours=13)
        assert decide(said(level), State(zone=zone), first.until).action is Action.SEND


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (State(account_active=False), "account_inactive"),
        (State(stands=False), "alert_closed"),
        (State(sought_care=True), "sought_care"),
        (State(stopped_at=NOON), "already_acknowledged"),
    ],
)
def test_the_patient_is_not_told_what_is_over(level: Level, state: State, reason: str) -> None:
    decision = decide(said(level), state, NOON)

    assert (decision.action, decision.reason) == (Action.SUPPRESS, reason)


@pytest.mark.parametrize("level", LEVELS)
def test_a_message_waits_while_a_higher_alert_speaks(level: Level) -> None:
    decision = decide(said(level), State(outranked=True), NOON)

    assert (decision.action, decision.reason) == (Action.HOLD, "superseded")
    assert decision.until is not None
    assert decision.until > NOON


def test_what_came_too_late_expires() -> None:
    message = Said(
        audience="patient",
        kind="alert",
        level=Level.ROUTINE,
        step=0,
        due_at=NOON,
        expires_at=NOON,
    )

    assert decide(message, State(), NOON).action is Action.EXPIRE


@pytest.mark.parametrize("level", LEVELS)
def test_the_therapist_is_told_at_night(level: Level) -> None:
    at = local(BERLIN, 2026, 5, 4, 3, 0)

    decision = decide(said(level, audience="therapist"), State(zone=BERLIN), at)

    assert decision.action is Action.SEND


def test_the_therapist_is_told_of_a_retracted_alert_until_it_is_reviewed() -> None:
    message = said(Level.EMERGENCY_NOW, audience="therapist")

    assert decide(message, State(stands=False), NOON).action is Action.SEND
    over = decide(message, State(stands=False, review_open=False), NOON)
    assert (over.action, over.reason) == (Action.SUPPRESS, "alert_closed")


@pytest.mark.parametrize(
    ("kind", "state", "reason"),
    [
        ("alert", State(in_care=False), "care_ended"),
        ("escalation", State(in_care=False), "care_ended"),
        ("escalation", State(taken_up=True), "already_acknowledged"),
        ("escalation", State(stands=False), "alert_closed"),
        ("call_patient", State(heard=True), "already_acknowledged"),
        ("call_patient", State(taken_up=True), "already_acknowledged"),
    ],
)
def test_the_therapist_is_not_told_what_is_settled(kind: str, state: State, reason: str) -> None:
    decision = decide(said(Level.EMERGENCY_NOW, audience="therapist", kind=kind), state, NOON)

    assert (decision.action, decision.reason) == (Action.SUPPRESS, reason)


def test_an_answer_by_the_patient_does_not_stop_an_escalation() -> None:
    message = said(Level.EMERGENCY_NOW, audience="therapist", kind="escalation")

    assert decide(message, State(heard=True), NOON).action is Action.SEND


def test_an_emergency_is_repeated_after_15_minutes_1_hour_4_hours_and_then_daily() -> None:
    first = local(BERLIN, 2026, 3, 27, 12, 0)

    found = repeats(Level.EMERGENCY_NOW, first, BERLIN, at_most=6)

    assert found[:3] == [first + timedelta(minutes=m) for m in (15, 60, 240)]
    # The wall clock is kept over the change of 29 March.
    assert found[3:] == [local(BERLIN, 2026, 3, day, 16, 0) for day in (28, 29, 30)]


@pytest.mark.parametrize(
    ("first", "last"), [((2026, 5, 4, 10, 0), (2026, 5, 5)), ((2026, 5, 4, 23, 30), (2026, 5, 5))]
)
def test_an_urgent_message_is_repeated_after_2_hours_8_hours_and_at_the_next_nine(
    first: tuple[int, ...], last: tuple[int, ...]
) -> None:
    start = local(BERLIN, *first)

    found = repeats(Level.URGENT_SAME_DAY, start, BERLIN)

    assert found == [
        start + timedelta(hours=2),
        start + timedelta(hours=8),
        local(BERLIN, *last, 9, 0),
    ]


def test_a_prompt_is_repeated_daily_for_three_days() -> None:
    first = local(BERLIN, 2026, 5, 4, 12, 0)

    assert repeats(Level.PROMPT_DAYS, first, BERLIN) == [
        local(BERLIN, 2026, 5, day, 12, 0) for day in (5, 6, 7)
    ]


def test_see_a_doctor_soon_is_said_four_times_at_most() -> None:
    first = local(BERLIN, 2026, 5, 4, 12, 0)

    assert repeats(Level.SEE_DOCTOR_SOON, first, BERLIN) == [
        local(BERLIN, 2026, 5, day, 12, 0) for day in (7, 14, 21)
    ]


def test_a_routine_card_is_not_repeated() -> None:
    assert repeats(Level.ROUTINE, NOON, BERLIN) == []


def test_repeats_after_an_outage_keep_their_distance() -> None:
    late = NOON + timedelta(hours=3)

    due = next_step(said(Level.EMERGENCY_NOW, due_at=NOON), SENT, State(), late)

    assert due == late + timedelta(minutes=15)


def test_a_suppressed_message_is_not_repeated() -> None:
    closed = Decision(action=Action.SUPPRESS, reason="alert_closed")

    assert next_step(said(Level.EMERGENCY_NOW), closed, State(stands=False), NOON) is None


def test_see_a_doctor_soon_comes_back_14_days_after_it_was_seen() -> None:
    state = State(zone=BERLIN, stopped_at=NOON)
    message = said(Level.SEE_DOCTOR_SOON)
    decision = decide(message, state, NOON)

    due = next_step(message, decision, state, NOON)

    assert due == NOON + timedelta(days=14)
    assert decide(said(Level.SEE_DOCTOR_SOON, step=1), state, due).action is Action.SEND


def test_an_answered_urgent_message_does_not_come_back() -> None:
    state = State(stopped_at=NOON)
    decision = decide(said(Level.URGENT_SAME_DAY), state, NOON)

    assert next_step(said(Level.URGENT_SAME_DAY), decision, state, NOON) is None


def voice(number: int, level: Level, *, minute: int = 0, speaks: bool = True) -> Voice:
    return Voice(
        alert=UUID(int=number),
        level=level,
        rule=f"R{number}",
        opened_at=NOON + timedelta(minutes=minute),
        speaks=speaks,
    )


def test_the_highest_alert_speaks() -> None:
    low, high = voice(1, Level.ROUTINE), voice(2, Level.PROMPT_DAYS)

    assert outranks(low, [low, high])
    assert not outranks(high, [low, high])


def test_of_alerts_raised_together_exactly_one_speaks() -> None:
    together = [voice(n, Level.EMERGENCY_NOW) for n in (3, 1, 2)]

    assert [mine.rule for mine in together if not outranks(mine, together)] == ["R1"]


def test_a_new_alert_speaks_before_an_older_one_of_its_level() -> None:
    old, new = voice(1, Level.EMERGENCY_NOW), voice(2, Level.EMERGENCY_NOW, minute=5)

    assert outranks(old, [new])
    assert not outranks(new, [old])


def test_a_red_flag_speaks_where_a_higher_one_has_fallen_silent() -> None:
    silent = voice(1, Level.EMERGENCY_NOW, speaks=False)

    assert not outranks(voice(2, Level.URGENT_SAME_DAY), [silent])
    assert outranks(voice(2, Level.SEE_DOCTOR_SOON), [silent])


@given(
    st.lists(
        st.tuples(st.sampled_from(LEVELS), st.integers(0, 3), st.booleans()), min_size=1, max_size=6
    )
)
def test_somebody_always_speaks_unless_all_that_matters_was_answered(
    drawn: list[tuple[Level, int, bool]],
) -> None:
    voices = [
        voice(number, level, minute=minute, speaks=speaks)
        for number, (level, minute, speaks) in enumerate(drawn)
    ]

    heard = [mine for mine in voices if mine.speaks and not outranks(mine, voices)]

    assert len(heard) <= 1
    if any(mine.speaks and mine.level in RED_FLAGS for mine in voices):
        assert heard
