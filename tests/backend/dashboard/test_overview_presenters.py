"""The parts of a patient's overview, from what is known of her."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from backend.accounts.audit_log import Actor
from backend.accounts.models import AuditEvent
from backend.dashboard.presenters.access import access_days
from backend.dashboard.presenters.body import body
from backend.dashboard.presenters.calendar import calendar, code_of, days_text
from backend.dashboard.presenters.pain import pain_course
from backend.dashboard.presenters.picture import gate_card, patterns, rejected_row, visit_row
from backend.dashboard.presenters.questionnaires import questionnaire_card
from backend.dashboard.presenters.sources import cited
from exercises.plans.models import Flare
from exercises.plans.phases import Gate, GateLine
from exercises.tracking.instruments.change import change
from exercises.tracking.instruments.content import instruments
from exercises.tracking.instruments.due import Due
from exercises.tracking.instruments.responses import Standing
from exercises.tracking.models import Fact, FactType, Quarantined
from exercises.triage.hints.matching import Known, SpinalScore, matching
from exercises.triage.hints.shapes import hints
from exercises.triage.history.days import DAY, Day, Tally
from exercises.triage.history.reading import Course, History, Span
from exercises.triage.levels import Level
from exercises.triage.models import Alert, KnownStable, Visit
from exercises.triage.picture import Picture, Questionnaire
from exercises.triage.rules.record import LocationFact, SymptomFact
from exercises.triage.symptom_states import symptom_states

TODAY = date(2026, 5, 4)
NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)
ZONE = "Europe/Berlin"


def day(back: int, tally: Tally | None = None, **pain: int) -> Day:
    values = {site: Fraction(value) for site, value in pain.items()}
    absence = None if pain else "not_logged"
    return Day(TODAY - back * DAY, "initial", False, values, absence, tally or Tally())


def history(days: Iterable[Day], **more: object) -> History:
    found = tuple(days)
    rest = {"courses": (), "changes": (), "flares": (), "alerts": (), "forms": (), **more}
    span = Span(found[0].day, found[-1].day)
    return History(span=span, heard_on=TODAY, days=found, **rest)  # type: ignore[arg-type]


def said(code: str, *, back: int = 0, present: bool = True, **attrs: object) -> SymptomFact:
    at = NOW - timedelta(days=back)
    return SymptomFact(str(back), 0, code, present, attrs, at, TODAY - back * DAY, at)


def picture(*symptoms: SymptomFact, words: tuple[KnownStable, ...] = ()) -> Picture:
    return Picture(
        symptoms=symptom_states(symptoms),
        words=words,
        reached=LocationFact("1", "calf", NOW, TODAY),
        patterns=(),
        spinal=SpinalScore((), answered=False),
        gate=None,
        questionnaires=(),
        visits=(),
        rejected=(),
    )


@pytest.mark.parametrize(
    ("tally", "code"),
    [
        (Tally(), "nothing_due"),
        (Tally(done=2), "done"),
        (Tally(done=1, missed=1), "partial"),
        (Tally(partial=2), "partial"),
        (Tally(skipped=2, missed=1), "skipped"),
        (Tally(skipped=1, missed=2), "missed"),
        (Tally(missed=2), "missed"),
        (Tally(open=1), "due"),
        (Tally(done=1, open=1), "partial"),
        (Tally(paused=2), "paused"),
        (Tally(not_synced=2), "not_synced"),
    ],
)
def test_each_day_of_the_calendar_has_a_word(tally: Tally, code: str) -> None:
    assert code_of(tally) == code


def test_a_day_says_its_numbers_and_everything_in_words() -> None:
    shown = calendar(history([day(1, Tally(done=1, skipped=1, missed=1)), day(0)]))
    cells = [cell for week in shown.weeks for cell in week.cells if cell]
    assert cells[0].count == "1/3"
    assert cells[0].detail == "Sun 3 May: 1 of 3 done, 1 skipped, 1 missed"
    assert cells[1].detail == "Mon 4 May: nothing was due"
    assert (shown.total.share, shown.total.rest) == ("1 of 3 done", "1 skipped, 1 missed")


def test_the_calendar_begins_with_the_first_week_that_asked_for_something() -> None:
    days = [day(back, Tally(done=1) if back < 3 else None) for back in range(41, -1, -1)]
    assert [week.label for week in calendar(history(days)).weeks] == ["27 Apr", "4 May"]
    assert len(calendar(history([day(b) for b in range(41, -1, -1)])).weeks) == 1


def test_a_long_span_is_told_by_weeks_and_by_exercise() -> None:
    days = [day(back, Tally(done=1)) for back in range(363, -1, -1)]
    shown = calendar(history(days, courses=(Course("EX-01", Tally(done=3, missed=1)),)))
    assert shown.weeks == ()
    assert len(shown.lines) == 52
    assert shown.lines[0].label == "28 Apr to 4 May"
    assert shown.exercises[0].share == "3 of 4 done"
    assert shown.exercises[0].label != "EX-01"


def test_stretches_of_days_are_written_short() -> None:
    assert days_text(TODAY, TODAY) == "4 May"
    assert days_text(date(2026, 5, 1), TODAY) == "1 to 4 May"
    assert days_text(date(2026, 4, 28), TODAY) == "28 Apr to 4 May"


def test_the_pain_table_of_a_year_has_a_line_for_seven_days_and_says_on_how_many() -> None:
    days = [day(back, knee=4) if back % 2 else day(back) for back in range(363, -1, -1)]
    flare = Flare(started_on=TODAY - 3 * DAY, ends_on=TODAY)
    course = pain_course(history(days, flares=(flare,)), zone=ZONE)
    assert course.by_week
    assert len(course.rows) == 52
    assert course.rows[0].values == ("4", "\N{EN DASH}", "\N{EN DASH}")
    assert course.rows[0].notes == "Flare · 3 of 7 days logged"
    wide, narrow = course.charts
    # Values that stand alone keep a mark; dates keep room between them.
    assert len(wide.lines[0].marks) == 182
    assert len(wide.dates) <= 10 > len(narrow.dates)


def test_flares_alerts_and_gaps_stand_on_the_chart_and_in_its_words() -> None:
    days = [day(back, knee=4) if back != 2 else day(back) for back in range(13, -1, -1)]
    alert = Alert(occurred_at=NOW - DAY, level=Level.ROUTINE, rule="RT-FLARE")
    flare = Flare(started_on=TODAY - DAY, ends_on=TODAY + 6 * DAY)
    shown = pain_course(history(days, alerts=(alert,), flares=(flare,)), zone=ZONE)
    chart = shown.charts[0]
    assert [flag.code for flag in chart.flags] == ["routine"]
    [span], [gap] = chart.flares, chart.gaps
    assert span.x + span.width <= chart.right
    assert gap.code == "not_logged"
    assert "Flares: 3 May to 4 May." in chart.description
    assert "Days without a value: 1 not logged." in chart.description
    assert ("not_logged", "Not logged") in chart.gap_key
    assert [(row.days, row.notes) for row in shown.rows[:2]] == [("4 May", ""), ("3 May", "")]


def test_a_symptom_stands_on_the_side_of_the_patient_where_it_is() -> None:
    shown = body(picture(said("S-KNEE-SWOLLEN", laterality="left")), zone=ZONE)
    [front] = shown.front
    # From the front, her left is on the right of the picture; from the back it is on the left.
    assert front.x > 60
    [back] = body(picture(said("S-CALF-SWELL", laterality="left")), zone=ZONE).back
    assert back.x < 60
    both = body(picture(said("S-NUMB-LEG", laterality="both", extent="below_knee")), zone=ZONE)
    assert sorted(mark.x < 60 for mark in both.back) == [False, True]


def test_since_when_a_symptom_is_there_begins_anew_after_a_no() -> None:
    shown = body(
        picture(
            said("S-NUMB-LEG", back=9),
            said("S-NUMB-LEG", back=6, present=False),
            said("S-NUMB-LEG", back=4),
            said("S-NUMB-LEG", back=1),
            said("S-SADDLE", back=1, present=False),
        ),
        zone=ZONE,
    )
    [line] = shown.present
    assert line.since == "since 30 Apr 2026, last reported 3 May"
    assert [(gone.code, gone.since) for gone in shown.absent] == [
        ("S-SADDLE", "answered no on 3 May")
    ]
    assert shown.reached == "calf (4 May)"


def test_a_known_symptom_is_a_square_with_the_clinicians_word() -> None:
    word = KnownStable(
        symptom="S-NUMB-LEG", side="left", reason="An old injury", expires_at=NOW + 30 * DAY
    )
    numb = said("S-NUMB-LEG", laterality="left")
    [line] = body(picture(numb, words=(word,)), zone=ZONE).present
    assert line.standing == "known"
    assert line.known == "Known as stable, until 3 Jun 2026: An old injury"
    other = said("S-NUMB-LEG", laterality="right")
    assert body(picture(other, words=(word,)), zone=ZONE).present[0].standing == "present"


def test_marks_at_one_place_do_not_hide_each_other_and_some_have_no_place() -> None:
    symptoms = (said("S-KNEE-RED"), said("S-KNEE-WARM"), said("S-KNEE-SWOLLEN"), said("S-FEVER"))
    shown = body(picture(*symptoms), zone=ZONE)
    assert len({(mark.x, mark.y) for mark in shown.front}) == len(shown.front) == 3
    assert len(shown.present) == 4
    assert not shown.is_empty
    assert body(picture(), zone=ZONE).is_empty


def test_the_gate_says_what_is_known_of_each_condition() -> None:
    lines = (
        GateLine("day", False, "14 days", 9, 14),
        GateLine("no_open_prompt", False, "No sign waits", int(Level.EMERGENCY_NOW), 3),
        GateLine("pain", False, "Mean pain", None, 4),
        GateLine("next_morning", True, "Next morning", None, 2),
        GateLine("not_held", True, "Not held", None, None),
    )
    card = gate_card(Gate("rehab", lines, passed=False))
    assert card is not None
    assert (card.target, card.met, card.of) == ("Rehabilitation", 2, 5)
    assert [row.evidence for row in card.rows] == [
        "Day 9",
        "Highest open: Emergency",
        "Too few days logged",
        "No session said",
        "Nobody holds it",
    ]
    assert gate_card(None) is None


def test_patterns_list_the_answers_in_the_words_of_the_questions() -> None:
    known = Known(answers={"body_map": ["thigh", "knee"]}, symptoms={"S-BUCKLE": {}})
    shown = patterns(matching(hints(), known), SpinalScore(("C-SGN-01",), answered=True))
    [card] = [one for one in shown.cards if one.title == "Pattern of the L3 root"]
    assert any("intake: body map: Thigh" in answer for answer in card.matched)
    assert any("reports: Has your knee given way under you?" in answer for answer in card.matched)
    assert card.sources[0].title
    assert (shown.spinal, len(shown.signs)) == ("1 of 7", 1)
    assert patterns((), SpinalScore((), answered=False)).spinal == "not asked"


def test_a_questionnaire_says_its_score_its_change_and_what_that_means() -> None:
    instrument = instruments().offered["RMDQ"]
    items = [item.id for item in instrument.response.items]  # type: ignore[union-attr]
    forms = tuple(
        Fact(
            type=FactType.QUESTIONNAIRE,
            local_date=TODAY - back * DAY,
            data={"instrument": "RMDQ", "answers": {"ticked": items[:count], "submitted": True}},
        )
        for back, count in ((20, 14), (2, 8))
    )
    first, last = forms
    found = change(instrument, first.data["answers"], last.data["answers"])
    standing = Standing(instrument, Due("upcoming"), first.local_date, last, found)
    card = questionnaire_card(Questionnaire(standing, forms))
    assert card.latest == "8 of 24, higher is worse"
    assert card.change == "Better by 6 (43 %) since 14 Apr: meaningful change"
    assert card.is_meaningful
    assert "meaningful from 5" in card.meaning
    assert "30 % better" in card.meaning
    assert [source.id for source in card.sources] == [*instrument.change.references]
    assert [form.day for form in card.forms] == ["2 May 2026", "14 Apr 2026"]


def test_a_questionnaire_that_nobody_answered_says_so() -> None:
    for instrument in instruments().offered.values():
        standing = Standing(instrument, Due("due", TODAY, TODAY + 7 * DAY), TODAY)
        card = questionnaire_card(Questionnaire(standing, ()))
        assert (card.latest, card.change) == ("Never answered", "")
        assert card.due == "Due since 4 May, until 11 May"


def test_a_visit_says_what_came_of_it() -> None:
    visit = Visit(
        state="attended",
        attended_on=TODAY,
        with_whom="Dr Weber",
        outcome="tests",
        outcome_text="MRI",
    )
    row = visit_row(visit)
    assert (row.state, row.when) == ("Attended", "4 May 2026")
    assert row.lines == ("With Dr Weber", "Outcome: tests ordered", "MRI")


def test_what_was_sent_is_shown_only_where_her_own_words_are_shared() -> None:
    row = Quarantined(
        type="symptom_report", raw='{"note": "x"}', problem={"code": "invalid"}, received_at=NOW
    )
    assert rejected_row(row, NOW, ZONE, notes=False).raw == ""
    shown = rejected_row(row, NOW, ZONE, notes=True)
    assert (shown.kind, shown.why, shown.raw) == ("Symptoms", "invalid", '{"note": "x"}')


def test_a_source_that_is_not_known_keeps_its_id() -> None:
    assert cited(["N31", "B-NRV-02", "Z99"])[2].title == "Z99"
    assert cited(["N31"])[0].url.startswith("https://")


def test_the_same_access_in_a_row_is_one_line() -> None:
    thea, gone = Actor(None, "Thea", "therapist"), Actor(None, "", "unknown")
    events = [AuditEvent(at=NOW - n * timedelta(hours=9), action="patient.read") for n in range(4)]
    days = access_days(events, [thea, thea, thea, gone], now=NOW, zone=ZONE)
    assert [(line.who, line.times) for shown in days for line in shown.lines] == [
        ("Thea", 2),
        ("Thea", 1),
        ("An account that is gone", 1),
    ]
