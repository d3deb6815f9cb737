"""Short histories of patients, day by day: what stands open, and what fired on the way."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from exercises.triage.levels import Level
from exercises.triage.rules.pack import default_pack
from exercises.triage.rules.record import KnownStable, PainFact, Profile, SymptomFact
from tests.exercises.triage.rules.player import Arrival, Player

START = date(2026, 3, 20)
# The clocks go forward on day 9 of these histories.
ZONE = ZoneInfo("Europe/Berlin")
MILD: dict[str, Any] = {"laterality": "left", "severity": "mild", "course": "stable"}


def at(day: int, clock: str = "19:00", zone: ZoneInfo = ZONE) -> datetime:
    """A local wall time, as an instant."""
    moment = datetime.combine(START + timedelta(days=day), time.fromisoformat(clock), zone)
    return moment.astimezone(UTC)


def scores(*daily: int | None, clock: str = "19:00", zone: ZoneInfo = ZONE) -> list[Arrival]:
    return [
        Arrival(when, "pains", PainFact(f"p{day}", "knee", "avg24", score, when, on, when))
        for day, score in enumerate(daily)
        if score is not None
        for when, on in [(at(day, clock, zone), START + timedelta(days=day))]
    ]


def symptom(
    source: str, code: str, day: int, *, received: datetime | None = None, **attrs: Any
) -> Arrival:
    when, present = at(day, "10:00"), attrs.pop("present", True)
    on = START + timedelta(days=day)
    arrived = received or when
    fact = SymptomFact(source, 0, code, present, attrs, when, on, arrived)
    return Arrival(arrived, "symptoms", fact)


def play(arrivals: Sequence[Arrival], until: datetime, **more: Any) -> Player:
    player = Player(default_pack(), START, more.pop("zone", ZONE), Profile(44, **more))
    player.play(arrivals, until)
    return player


def test_steady_pain_is_prompted_when_day_twenty_one_begins_and_not_before() -> None:
    steady = scores(*[5] * 21)
    assert play(steady, at(20, "23:59")).level() is Level.NONE
    assert play(steady, at(21, "00:00")).fired() == {"SD-PERSIST-3W"}


@pytest.mark.parametrize("name", ["Pacific/Auckland", "America/Los_Angeles", "Asia/Kolkata"])
def test_the_days_are_the_patients_own(name: str) -> None:
    zone = ZoneInfo(name)
    steady = scores(*[5] * 21, zone=zone)
    assert not play(steady, at(20, "23:59", zone), zone=zone).fired()
    assert play(steady, at(21, "00:00", zone), zone=zone).fired() == {"SD-PERSIST-3W"}


def test_persistence_with_a_modifier_is_prompted_on_day_fourteen() -> None:
    steady, modified = scores(*[5] * 15), {"history": frozenset({"prior_knee_injury"})}
    assert "SD-PERSIST-3W" not in play(steady, at(13, "23:00"), **modified).fired()
    assert "SD-PERSIST-3W" in play(steady, at(14, "01:00"), **modified).fired()


def test_persistence_clears_when_the_pain_eases() -> None:
    eased = scores(*[6] * 22, *[3] * 8)
    player = play(eased, at(29, "23:00"))
    assert player.fired() == {"SD-PERSIST-3W"}
    assert player.level() is Level.NONE


def test_persistence_does_not_clear_in_silence() -> None:
    player = play(scores(*[6] * 22), at(40))
    assert player.level() is Level.SEE_DOCTOR_SOON
    assert player.fired() == {"SD-PERSIST-3W", "RT-DATA-GAP"}


def test_what_a_clinician_resolved_is_raised_again_after_two_weeks() -> None:
    history = [*scores(*[5] * 41), Arrival(at(22), "resolve", "SD-PERSIST-3W")]
    assert len(play(history, at(36, "18:59")).alerts) == 1
    assert len(play(history, at(36, "19:00")).alerts) == 2


def test_severe_pain_is_prompted_once_while_it_lasts_and_anew_when_it_returns() -> None:
    history = scores(*[8] * 6, *[2] * 6, *[8] * 4)
    prompts = [a for a in play(history, at(15)).alerts if a.rule == "PR-PAIN-SEVERE"]
    assert [alert.status for alert in prompts] == ["cleared", "open"]


def test_tingling_prompts_ends_when_gone_and_prompts_anew() -> None:
    history = [
        symptom("a", "S-TINGLE-LEG", 2, **MILD),
        symptom("b", "S-TINGLE-LEG", 4, present=False),
        symptom("c", "S-TINGLE-LEG", 6, **MILD),
    ]
    assert play(history, at(3)).level() is Level.PROMPT_DAYS
    assert play(history, at(5)).level() is Level.NONE
    assert [a.key for a in play(history, at(6)).alerts] == ["PR-NEURO-NEW:a", "PR-NEURO-NEW:c"]


def test_tingling_known_to_the_clinician_is_quiet_for_two_weeks() -> None:
    word = Arrival(at(3), "known_stable", KnownStable("S-TINGLE-LEG", at(3)))
    history = [
        *scores(*[2] * 19),
        *(symptom(f"s{day}", "S-TINGLE-LEG", day, **MILD) for day in (2, 6, 10)),
        word,
        symptom("after", "S-TINGLE-LEG", 18, **MILD),
    ]
    assert [a.key for a in play(history, at(17)).alerts] == ["PR-NEURO-NEW:s2"]
    assert play(history, at(17)).level() is Level.NONE
    assert {a.key for a in play(history, at(18)).alerts} > {"PR-NEURO-NEW:after"}


def test_numbness_that_stays_is_one_alert_however_often_it_is_reported() -> None:
    history = [symptom(f"s{day}", "S-NUMB-LEG", day, new_or_changed=False) for day in range(20)]
    player = play(history, at(20))
    assert [alert.key for alert in player.alerts] == ["RT-DATA-GAP", "SD-NUMB-PERSIST"]


def test_a_red_flag_that_arrives_behind_newer_reports_is_an_emergency_at_once() -> None:
    flag = symptom("late", "S-BOWEL-INCONT", 2, received=at(9, "08:00"))
    history = [*scores(*[2] * 9), flag]
    assert play(history, at(9, "07:59")).level() is Level.NONE
    assert play(history, at(9, "08:00")).level() is Level.EMERGENCY_NOW


def test_the_same_report_twice_is_one_alert() -> None:
    once = symptom("a", "S-CALF-SWELL", 3)
    assert len(play([once, once], at(4)).alerts) == 1


def test_a_red_flag_reported_again_after_it_was_resolved_is_a_new_alert() -> None:
    history = [
        symptom("a", "S-SADDLE", 2),
        Arrival(at(3), "resolve", "RF-CES-SADDLE"),
        symptom("b", "S-SADDLE", 5),
    ]
    assert play(history, at(4)).level() is Level.NONE
    assert play(history, at(5)).level() is Level.EMERGENCY_NOW


def test_a_retracted_red_flag_no_longer_counts() -> None:
    history = [symptom("a", "S-SADDLE", 2), Arrival(at(2, "10:04"), "retract", "a")]
    player = play(history, at(2, "10:05"))
    assert player.level() is Level.NONE
    assert [alert.status for alert in player.alerts] == ["retracted"]


def test_a_red_flag_never_clears_by_itself() -> None:
    history = [symptom("a", "S-SADDLE", 2), symptom("b", "S-SADDLE", 3, present=False)]
    assert play(history, at(30)).level() is Level.EMERGENCY_NOW


def test_a_second_knee_sign_turns_a_prompt_into_a_same_day_alert() -> None:
    history = [symptom("a", "S-KNEE-WARM", 2), symptom("b", "S-KNEE-RED", 3)]
    player = play(history, at(4))
    assert {alert.key: alert.status for alert in player.alerts} == {
        "PR-KNEE-SIGN:a": "cleared",
        "RF-INF-LOCAL:b": "open",
    }


def test_cancer_in_the_history_stays_closed_once_a_clinician_has_closed_it() -> None:
    history = [Arrival(at(2), "resolve", "PR-ONC")]
    player = play(history, at(6), history=frozenset({"cancer"}))
    assert [alert.status for alert in player.alerts] == ["resolved"]


def test_pain_back_twice_within_a_year_asks_for_a_visit() -> None:
    history = scores(*[4] * 4, *[0] * 16, 5, 5, *[1] * 16, 6, 6)
    assert "SD-RECUR" not in play(history, at(37)).fired()
    player = play(history, at(39))
    assert player.fired() >= {"RT-RECUR", "SD-RECUR"}
    standing = {alert.rule for alert in player.alerts if alert.status == "open"}
    assert "SD-RECUR" in standing
    assert "RT-RECUR" not in standing


def test_a_stable_patient_of_six_weeks_gets_few_alerts() -> None:
    player = play(scores(*[3] * 42), at(41, "23:00"))
    assert len(player.alerts) == 1
