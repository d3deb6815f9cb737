"""What the pages say, without a database."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from backend.dashboard.presenters.levels import badge
from backend.dashboard.presenters.matched import matched_text
from backend.dashboard.presenters.numbers import pain_line, score, share_line
from backend.dashboard.presenters.panel import heard, reason_line
from backend.dashboard.presenters.plans import dose_text, exercise_name, plan_line, times_text
from backend.dashboard.presenters.reports import report_days
from backend.dashboard.presenters.times import moment
from exercises.tracking.models import Fact, FactType
from exercises.triage.levels import Level
from exercises.triage.measures import Adherence, PainSummary, WeekMean
from exercises.triage.reasons import Reason

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
TODAY = date(2026, 5, 4)
BERLIN = "Europe/Berlin"
AMOUNT = "1 \N{MULTIPLICATION SIGN} 10, hold 5 s"


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-90), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=59), "59 min ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(hours=24), "yesterday"),
        (timedelta(hours=35), "2 days ago"),
        (timedelta(days=11), "11 days ago"),
    ],
)
def test_an_instant_is_told_by_how_long_ago_it_was(passed: timedelta, words: str) -> None:
    assert moment(NOW - passed, NOW, BERLIN).ago == words


def test_an_instant_is_exact_in_the_readers_zone() -> None:
    found = moment(datetime(2026, 5, 3, 22, 30, tzinfo=UTC), NOW, BERLIN)
    assert found.exact == "Mon 4 May 2026, 00:30"
    assert found.iso == "2026-05-04T00:30:00+02:00"


def test_every_level_has_a_word_of_its_own_and_none_reads_as_an_all_clear() -> None:
    labels = {badge(level).label for level in Level}
    assert len(labels) == len(Level)
    assert badge(Level.NONE).label == "No open alert"


@pytest.mark.parametrize(
    ("value", "text"), [(Fraction(5), "5"), (Fraction(14, 3), "4.7"), (Fraction(399, 100), "4")]
)
def test_a_score_has_one_decimal_at_most(value: Fraction, text: str) -> None:
    assert score(value) == text


def summary(week: Fraction | None, before: Fraction | None) -> PainSummary:
    return PainSummary(Fraction(5), TODAY, WeekMean(week, 6), WeekMean(before, 5))


@pytest.mark.parametrize(
    ("week", "before", "direction", "text"),
    [
        (Fraction(26, 5), Fraction(17, 5), "up", "Up 1.8 (3.4 to 5.2)"),
        (Fraction(3), Fraction(5), "down", "Down 2 (5 to 3)"),
        (Fraction(401, 100), Fraction(4), "same", "No change (4 to 4)"),
        (None, Fraction(4), "unknown", "No week to compare"),
        (Fraction(4), None, "unknown", "No week to compare"),
    ],
)
def test_a_change_of_pain_is_told_with_both_means(
    week: Fraction | None, before: Fraction | None, direction: str, text: str
) -> None:
    line = pain_line(summary(week, before), TODAY)
    assert (line.direction, line.change) == (direction, text)
    assert line.basis == "logged 5 of 7 days, then 6 of 7"


def test_the_latest_pain_says_of_which_day_it_is() -> None:
    found = summary(None, None)
    assert pain_line(found, TODAY).latest == "5/10 today"
    assert pain_line(found, TODAY + timedelta(days=1)).latest == "5/10 yesterday"
    assert pain_line(found, TODAY + timedelta(days=9)).latest == "5/10 on 4 May"
    nothing = PainSummary(None, None, WeekMean(None, 0), WeekMean(None, 0))
    assert pain_line(nothing, TODAY).latest == "No pain logged yet"


@pytest.mark.parametrize(
    ("found", "text", "note"),
    [
        (None, "No plan yet", ""),
        (Adherence(0, 0, 0, 0, 0), "Nothing was due", ""),
        (Adherence(0, 0, 0, 7, 0), "Plan paused", ""),
        (Adherence(0, 0, 0, 0, 6), "Not known, not synced", ""),
        (Adherence(9, 2, 14, 0, 0), "9 of 14 done", "2 more in part"),
        (Adherence(9, 0, 12, 1, 1), "9 of 12 done", "1 paused, 1 not synced yet"),
    ],
)
def test_a_share_names_both_numbers_or_why_it_has_none(
    found: Adherence | None, text: str, note: str
) -> None:
    line = share_line(found)
    assert (line.text, line.note) == (text, note)


def test_silence_is_told_by_its_day() -> None:
    assert heard("reported", None, NOW, BERLIN).text == "Never reported"
    long_ago = heard("reported", NOW - timedelta(days=3), NOW, BERLIN)
    assert (long_ago.text, long_ago.is_quiet) == ("Not reported since", True)
    assert long_ago.at is not None
    assert long_ago.at.day == "1 May"
    assert heard("synced", NOW, NOW, BERLIN).text == "Synced"


def test_a_reason_says_what_became_of_it() -> None:
    def line(status: Any) -> str:
        reason = Reason(UUID(int=1), "R", "Words", Level.ROUTINE, NOW, status, review_open=True)
        return reason_line(reason, NOW, BERLIN).status

    assert line("open") == ""
    assert line("acknowledged") == "acknowledged"
    assert line("retracted") == "withdrawn by the patient, still to be reviewed"


def test_a_plan_names_phase_day_and_every_reason_for_its_rest() -> None:
    line = plan_line("rehab", 21, ("alert", "therapist"))
    assert (line.phase, line.day, line.is_paused) == ("Rehabilitation", "day 21", True)
    assert line.why_paused.endswith("; a therapist paused it")
    assert plan_line(None, None, ()).phase == "No plan yet"


@pytest.mark.parametrize(
    ("dose", "text"),
    [
        (
            {"sets": {"min": 2, "max": 3}, "reps": {"min": 10, "max": 10}, "per_side": True},
            "2 to 3 \N{MULTIPLICATION SIGN} 10, each side",
        ),
        ({"sets": None, "reps": {"min": 3, "max": 5}, "hold_s": {"min": 20, "max": 20}},
         "3 to 5 repetitions, hold 20 s"),
        ({"minutes": {"min": 5, "max": 10}}, "5 to 10 min"),
        ({"sets": {"min": 2, "max": 2}, "hold_breaths": 3, "every_minutes": {"min": 30, "max": 40}},
         "2 sets, hold 3 breaths, every 30 to 40 min"),
        ({}, ""),
    ],
)  # fmt: skip
def test_a_dose_is_told_by_what_it_holds(dose: dict[str, Any], text: str) -> None:
    assert dose_text(dose) == text


def test_times_are_slots_and_days() -> None:
    assert times_text(["morning", "evening"], 0b1111111) == "morning and evening, every day"
    assert times_text(["morning"], 0b0010101) == "morning, Mon, Wed, Fri"


def test_an_exercise_that_is_no_longer_offered_keeps_its_code() -> None:
    assert exercise_name("EX-99") == "EX-99"
    assert exercise_name("EX-20") == "Walking"


@pytest.mark.parametrize(
    ("match", "text"),
    [
        (
            {"what": "pain", "site": "leg", "kind": "avg24", "score": 8, "at_least": 7,
             "local_date": "2026-05-04"},
            "Leg pain 8/10 (average of 24 hours) on 4 May; it counts from 7",
        ),
        ({"what": "age", "years": 70}, "Age 70"),
        ({"what": "rise", "before": "3.4", "now": "5.5"}, "The 7-day average rose from 3.4 to 5.5"),
        ({"what": "severe_days", "days": {"2026-05-03": "8"}, "at_least": 7},
         "Pain of 7 or more on 1 days (3 May: 8)"),
        ({"what": "elapsed", "days": 22, "at_least": 21, "modified": False},
         "22 days since care began; it counts from 21"),
        ({"what": "improved", "baseline": None, "improved": False},
         "It is not known how strong the pain was at the start"),
        ({"what": "phase_of_moon", "is_full": True}, "Phase of moon (is full: True)"),
        ({"what": "pain", "site": "leg"}, "Pain (site: leg)"),
        ({}, "Input"),
    ],
)  # fmt: skip
def test_what_matched_is_told_in_words_and_never_fails(match: dict[str, Any], text: str) -> None:
    assert matched_text(match) == text


def test_a_symptom_is_told_in_the_words_of_its_question() -> None:
    match = {
        "what": "symptom",
        "code": "S-BLADDER-RETENTION",
        "attrs": {"new_or_changed": True},
        "local_date": "2026-05-04",
    }
    text = matched_text(match)
    assert text.startswith("Reported for 4 May: Is it hard to start peeing")
    assert text.endswith("(new or changed: yes)")


def fact(kind: FactType, data: dict[str, Any], *, hours_late: int = 0) -> Fact:
    return Fact(
        type=kind,
        data=data,
        local_date=TODAY,
        occurred_at=NOW,
        received_at=NOW + timedelta(hours=hours_late),
    )


def lines_of(found: Fact, names: dict[UUID, str] | None = None) -> tuple[str, ...]:
    [day] = report_days([found], names or {}, now=NOW, zone=BERLIN)
    return day.reports[0].lines


def test_a_session_tells_what_was_prescribed_and_what_was_not() -> None:
    prescription = UUID(int=7)
    done = {"sets": 0, "reps": 10, "hold_s": 5, "minutes": 0}
    nothing = {"sets": 0, "reps": 0, "hold_s": 0, "minutes": 0}
    session = fact(
        FactType.SESSION,
        {
            "items": [
                {"prescription": str(prescription), "done": done, "pain_before": 2,
                 "pain_during": 6, "stopped_because": "pain"},
                {"exercise": "EX-20", "done": {**nothing, "minutes": 15}, "stopped_because": "none"},
                {"prescription": str(UUID(int=8)), "done": nothing, "stopped_because": "none"},
            ],
            "next_morning_increase": 2,
        },
    )  # fmt: skip
    assert lines_of(session, {prescription: "EX-01"}) == (
        f"Single knee-to-chest stretch · {AMOUNT} · pain 2 before, 6 during · stopped because of pain",
        "Walking · not prescribed · 15 min",
        "An exercise of an earlier plan",
        "Pain by next morning: +2",
    )


def test_symptoms_tell_both_answers() -> None:
    report = fact(
        FactType.SYMPTOM,
        {
            "symptoms": [{"code": "S-UNKNOWN", "present": False, "attrs": {}}],
            "answered_no": ["A", "B"],
        },
    )
    assert lines_of(report) == ("No: S-UNKNOWN", "No to 2 questions")


def test_other_reports_have_words_too() -> None:
    pain = {"site": "knee", "kind": "now", "score": 4, "most_distal": "calf", "relief_otc": "no"}
    assert lines_of(fact(FactType.PAIN, pain)) == (
        "Knee 4/10 (at that moment)", "Symptoms reach down to: calf", "Pain relief helps: no",
    )  # fmt: skip
    worse = {"instrument": "GROC", "version": "1", "answers": {"change": -3}}
    (line,) = lines_of(fact(FactType.QUESTIONNAIRE, worse))
    assert line.endswith(": -3 (-5 to 5)")
    home = {"modality": "ice", "site": "knee", "minutes": 15}
    assert lines_of(fact(FactType.HOME_CARE, home)) == ("Ice, knee, 15 min",)


def test_a_report_that_came_late_says_when_it_came() -> None:
    data = {"site": "knee", "kind": "now", "score": 4}
    [day] = report_days([fact(FactType.PAIN, data, hours_late=5)], {}, now=NOW, zone=BERLIN)
    assert day.day == "Mon 4 May"
    assert day.reports[0].received == "received Mon 4 May 2026, 15:00"
