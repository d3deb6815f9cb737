"""What a brief says of a record: counted, ordered, and nothing that was not entered."""

import string
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from msgspec import UNSET

from exercises.catalog import selectors as catalog
from exercises.plans.phases import Evidence, gate
from exercises.plans.selectors import _phase_content
from exercises.reports.brief import (
    LISTED_FROM,
    MOST_ALERTS,
    MOST_EXERCISES,
    MOST_VISITS,
    HomeCareUse,
    PainOfDay,
    brief_of,
    clipped,
)
from exercises.reports.brief_page import page_of
from exercises.reports.brief_wire import BriefSince, BriefVisit
from exercises.reports.brief_words import LANGUAGES, UNTIL, alert_words, words_in
from exercises.triage.levels import Level
from exercises.triage.models import AlertStatus, VisitOutcome
from exercises.triage.rules.pack import default_pack
from tests.exercises.reports.records import (
    DAY,
    TODAY,
    alert,
    fullest,
    occurrence,
    pains,
    record,
)


def test_the_same_record_gives_the_same_brief() -> None:
    assert brief_of(record()) == brief_of(record())
    assert page_of(brief_of(fullest())) == page_of(brief_of(fullest()))


def test_pain_is_told_by_week_and_site_with_the_days_it_stands_on() -> None:
    found = [*pains("knee", TODAY - 8 * DAY, [8, 8, 3, 4, 5]), *pains("leg", TODAY, [7])]
    before, week = brief_of(record(pains=found)).weeks
    assert (week.first, week.last) == (TODAY - 6 * DAY, TODAY)
    knee, leg = week.sites
    assert (knee.site, knee.usual, knee.worst, knee.days) == ("knee", 4.0, 5, 3)
    # One day is no mean; its entry is the worst all the same.
    assert (leg.site, leg.usual, leg.worst, leg.days) == ("leg", UNSET, 7, 1)
    assert [(one.worst, one.days) for one in before.sites] == [(8, 2)]


def test_the_worst_is_the_highest_entry_even_of_a_day_without_a_mean() -> None:
    [week] = brief_of(record(pains=[PainOfDay(TODAY, "knee", None, 9)])).weeks
    assert [(one.usual, one.worst, one.days) for one in week.sites] == [(UNSET, 9, 0)]


def test_a_long_plan_is_compared_with_its_first_week() -> None:
    start = TODAY - 100 * DAY
    found = [*pains("knee", start, [9] * 7), *pains("knee", TODAY - 6 * DAY, [2] * 7)]
    brief = brief_of(record(pains=found, since=BriefSince(plan_since=start)))
    assert [(week.first, week.sites[0].usual) for week in brief.weeks] == [
        (start, 9.0),
        (TODAY - 6 * DAY, 2.0),
    ]


def test_what_is_open_comes_first_then_the_most_urgent_and_the_rest_is_counted() -> None:
    found = [
        alert("see_doctor_soon", 1),
        alert("emergency_now", 30, "resolved"),
        alert("routine", 0),
        alert("urgent_same_day", 9, "acknowledged"),
        *(alert("prompt_days", 40 + number, "cleared") for number in range(4)),
    ]
    brief = brief_of(record(alerts=found))
    assert [(one.level, one.status) for one in brief.alerts] == [
        ("urgent_same_day", "acknowledged"),
        ("see_doctor_soon", "open"),
        ("emergency_now", "resolved"),
        ("prompt_days", "cleared"),
        ("prompt_days", "cleared"),
    ]
    assert brief.more_alerts == 2


def test_no_alert_is_never_called_an_all_clear() -> None:
    for language in LANGUAGES:
        none = page_of(brief_of(record(language=language)))
        closed = page_of(
            brief_of(record(language=language, alerts=[alert("emergency_now", 3, "resolved")]))
        )
        is_open = page_of(brief_of(record(language=language, alerts=[alert("emergency_now", 3)])))
        word = {"en": "not an all-clear", "de": "keine Entwarnung"}[language]
        assert word in none.alerts_note
        assert word in closed.alerts_note
        assert is_open.alerts_note == ""


def test_exercises_are_counted_as_everywhere_else() -> None:
    found = [
        occurrence(TODAY - 3 * DAY, "done"),
        occurrence(TODAY - 3 * DAY, "partial"),
        occurrence(TODAY - 2 * DAY, "missed"),
        occurrence(TODAY - 2 * DAY, "paused"),
        occurrence(TODAY, "missed"),
        occurrence(TODAY, "due"),
        occurrence(TODAY, "paused", "EX-02"),
    ]
    [row] = brief_of(record(occurrences=found)).exercises
    assert (row.name, row.done, row.partial, row.due, row.not_synced) == ("Quad set", 1, 1, 3, 1)
    assert row.worst_pain == 5


def test_home_care_is_told_by_kind_with_days_and_minutes() -> None:
    uses = [HomeCareUse("heat", TODAY, 15), HomeCareUse("heat", TODAY, 20)]
    [heat] = brief_of(record(uses=uses)).home_care
    assert (heat.modality, heat.times, heat.days, heat.minutes) == ("heat", 2, 1, 35)


def test_visits_ahead_come_first_and_then_the_latest() -> None:
    visits = [
        BriefVisit(state="attended", on=TODAY - 20 * DAY),
        BriefVisit(state="cancelled", on=TODAY - 2 * DAY),
        BriefVisit(state="planned", on=TODAY + 5 * DAY),
        BriefVisit(state="planned", on=TODAY + DAY),
    ]
    brief = brief_of(record(visits=visits))
    days = [visit.on for visit in brief.visits]
    assert days == [TODAY + DAY, TODAY + 5 * DAY, TODAY - 2 * DAY]
    assert brief.more_visits == 1


def test_days_without_an_entry_and_days_that_are_unknown_are_two_things() -> None:
    start = TODAY - 13 * DAY
    found = brief_of(record(pains=pains("knee", start, [5] * 7), heard_on=TODAY - 3 * DAY)).missing
    assert (found.days, found.without_entry, found.not_synced) == (14, 3, 4)
    never = brief_of(record(pains=[], heard_on=None)).missing
    assert (never.without_entry, never.not_synced, never.last_synced_on) == (0, 14, UNSET)
    whole = brief_of(record()).missing
    assert (whole.without_entry, whole.not_synced) == (0, 0)


def test_without_a_plan_four_weeks_are_looked_at_and_the_page_says_so() -> None:
    brief = brief_of(record(plan=None, since=BriefSince(), occurrences=[], pains=[]))
    assert brief.missing.first == TODAY - timedelta(days=27)
    page = page_of(brief)
    assert "no plan yet" in page.phase
    assert {pair.text for pair in page.since} == {"not stated"}


def test_no_record_makes_more_than_a_page_holds() -> None:
    brief = brief_of(fullest())
    assert len(brief.alerts) == MOST_ALERTS
    assert len(brief.exercises) == MOST_EXERCISES
    assert len(brief.visits) == MOST_VISITS
    assert brief.more_exercises == 30 - MOST_EXERCISES


def test_a_long_text_is_cut_and_stays_on_one_line() -> None:
    assert clipped("a\nb\t c") == "a b c"
    assert len(clipped("x" * 500)) == 160
    assert clipped("x" * 500).endswith("…")


def test_questions_that_are_not_shared_are_said_to_be_so() -> None:
    page = page_of(brief_of(record(questions=None)))
    assert (page.questions, page.no_questions) == ((), "Not shared with the care team.")
    assert page_of(brief_of(record(questions=["Why?"]))).questions == ("Why?",)


def test_both_languages_have_the_same_words_with_the_same_numbers_in_them() -> None:
    def slots(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    english, german = (words_in(language).groups for language in LANGUAGES)
    assert english.keys() == german.keys()
    for group, words in english.items():
        assert words.keys() == german[group].keys(), group
        for word, text in words.items():
            assert slots(text) == slots(german[group][word]), (group, word)


def test_every_code_that_a_brief_can_meet_has_words() -> None:
    evidence = Evidence(
        day=0,
        days_in_phase=0,
        highest_open_level=5,
        window_mean=Fraction(9),
        improved=False,
        worst_pain_during_last_days=9,
        worst_next_morning_rise=9,
        held=True,
        unsteady=True,
    )
    found = gate("rehab", evidence, _phase_content())
    assert found is not None
    for language in LANGUAGES:
        groups = words_in(language).groups
        assert {line.code for line in found.lines} <= groups["gates"].keys()
        assert {symptom.code for symptom in catalog.symptoms()} == groups["symptoms"].keys()
        assert set(AlertStatus.values) == groups["statuses"].keys()
        assert set(VisitOutcome.values) - {"unknown"} <= groups["visits"].keys()
        assert groups["rules"].keys() <= default_pack().rules.keys()


def test_an_alert_is_told_by_what_was_reported_never_by_what_it_may_mean() -> None:
    for language in LANGUAGES:
        words = words_in(language)
        for rule, content in default_pack().rules.items():
            if Level.of(content.level) >= LISTED_FROM:
                text = alert_words(rule, [], words)
                assert text, rule
                assert "?" not in text, rule
        told = alert_words("RF-CES-SADDLE", [{"what": "symptom", "code": "S-SADDLE"}], words)
        assert (
            told
            == {
                "en": "Numb or changed feeling in the saddle area",
                "de": "Taubes oder verändertes Gefühl im Sattelbereich",
            }[language]
        )


def test_a_hostile_rule_or_symptom_is_shown_as_its_code() -> None:
    matched: list[dict[str, object]] = [{"what": "symptom", "code": "S-UNKNOWN"}]
    assert alert_words("XX-OLD", matched, words_in("en")) == "S-UNKNOWN"
    assert alert_words("XX-OLD", [], words_in("en")) == "XX-OLD"


def test_german_dates_and_numbers_are_german() -> None:
    page = page_of(brief_of(replace(record(), language="de")))
    assert page.on == "Stand 4. Mai 2026"
    assert [row.week for row in page.pain] == [f"21.{UNTIL}27. April", f"28. April{UNTIL}4. Mai"]
    assert page.pain[0].cells[0].usual == "6,0"
    assert words_in("fr").language == "en"
