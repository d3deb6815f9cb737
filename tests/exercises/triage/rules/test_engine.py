"""What a finding says, when it is late, when it ends, and what is left undecided."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from exercises.tracking.trends import Values
from exercises.triage.levels import Level
from exercises.triage.rules.engine import Evaluation, Finding, evaluate, highest
from exercises.triage.rules.pack import default_pack
from exercises.triage.rules.record import GrocScore, KnownStable, Profile, Record
from tests.exercises.triage.rules.making import NOW, pain, record, symptom

PACK = default_pack()
TINGLE: dict[str, Any] = {"laterality": "right", "severity": "mild", "course": "stable"}


def judge(known: Record) -> Evaluation:
    return evaluate(known, PACK)


def keys(known: Record) -> list[str]:
    return [finding.key for finding in judge(known).findings]


def finding(known: Record, key: str) -> Finding:
    return next(item for item in judge(known).findings if item.key == key)


def test_an_event_finding_is_keyed_by_its_report() -> None:
    assert keys(record(symptom("a", "S-SADDLE"), symptom("b", "S-SADDLE", hours_ago=1))) == [
        "RF-CES-SADDLE:a",
        "RF-CES-SADDLE:b",
    ]


def test_several_symptoms_of_one_report_are_one_finding_a_rule() -> None:
    known = record(symptom("a", "S-BLADDER-INCONT"), symptom("a", "S-BLADDER-RETENTION", order=1))
    assert keys(known) == ["RF-CES-BLADDER:a"]
    matched = finding(known, "RF-CES-BLADDER:a").matched
    assert [match.values["code"] for match in matched] == [
        "S-BLADDER-INCONT",
        "S-BLADDER-RETENTION",
    ]


def test_a_combination_is_keyed_on_the_fever_whichever_came_first() -> None:
    for fever_ago, sign_ago in ((30, 1), (1, 30)):
        known = record(
            symptom("fever", "S-FEVER", hours_ago=fever_ago, temp_c=38.4),
            symptom("sign", "S-KNEE-RED", hours_ago=sign_ago),
        )
        assert keys(known) == ["RF-INF-KNEE:fever"]
        assert finding(known, "RF-INF-KNEE:fever").source_ids == ("fever", "sign")


def test_two_signs_are_keyed_on_the_later_one() -> None:
    known = record(symptom("b", "S-KNEE-RED", hours_ago=5), symptom("a", "S-KNEE-WARM"))
    assert keys(known) == ["RF-INF-LOCAL:a"]


def test_findings_come_highest_first_and_the_level_is_the_highest() -> None:
    known = record(
        symptom("a", "S-CONSTIPATION"), symptom("b", "S-CALF-SWELL"), symptom("c", "S-BUCKLE")
    )
    assert keys(known) == ["RF-DVT:b", "PR-BUCKLE:c", "RT-CONSTIPATION:a"]
    assert judge(known).level is Level.URGENT_SAME_DAY


def test_nothing_known_is_no_level() -> None:
    assert judge(record(scores=[0] * 21)).level is Level.NONE
    assert highest([]) is Level.NONE


def test_what_matched_can_be_written_as_json() -> None:
    known = record(
        symptom("a", "S-FEVER", temp_c=38.0, note="private"),
        symptom("b", "S-KNEE-SWOLLEN", new_or_changed=True),
        scores=[8] * 21,
        pains=(pain("p", "knee", 9, relief_rest="no"),),
        profile=Profile(age=17, history=frozenset({"cancer", "immunosuppressed"})),
    )
    for item in judge(known).findings:
        text = json.dumps([match.as_json() for match in item.matched])
        assert "private" not in text


def test_a_red_flag_counts_in_full_up_to_ninety_days_late() -> None:
    ninety = 90 * 24
    known = record(symptom("a", "S-SADDLE", hours_ago=ninety, received_hours_ago=0))
    assert not finding(known, "RF-CES-SADDLE:a").late
    assert judge(known).level is Level.EMERGENCY_NOW


def test_a_red_flag_later_than_that_is_same_day_and_asks_again() -> None:
    known = record(symptom("a", "S-SADDLE", hours_ago=90 * 24 + 1, received_hours_ago=0))
    late = finding(known, "RF-CES-SADDLE:a")
    assert late.late
    assert late.level is Level.URGENT_SAME_DAY


def test_lateness_is_how_old_the_report_was_when_it_came_not_how_old_it_is() -> None:
    known = record(symptom("a", "S-SADDLE", hours_ago=200 * 24))
    assert finding(known, "RF-CES-SADDLE:a").level is Level.EMERGENCY_NOW


def test_a_clock_that_runs_ahead_does_not_make_a_report_late() -> None:
    known = record(symptom("a", "S-SADDLE", hours_ago=-400 * 24, received_hours_ago=0))
    assert not finding(known, "RF-CES-SADDLE:a").late


def test_a_symptom_reported_gone_ends_its_finding() -> None:
    known = record(symptom("a", "S-BUCKLE", hours_ago=48), symptom("b", "S-BUCKLE", present=False))
    evaluation = judge(known)
    assert evaluation.standing("PR-BUCKLE:a") == "ended"
    assert evaluation.level is Level.NONE


def test_a_red_flag_reported_gone_still_raises() -> None:
    known = record(symptom("a", "S-SADDLE", hours_ago=48), symptom("b", "S-SADDLE", present=False))
    gone = finding(known, "RF-CES-SADDLE:a")
    assert not gone.active
    assert gone.raises


@pytest.mark.parametrize(("side", "standing"), [("left", "holds"), ("right", "ended")])
def test_gone_on_one_side_says_nothing_of_the_other(side: str, standing: str) -> None:
    known = record(
        symptom("a", "S-TINGLE-LEG", hours_ago=48, **TINGLE),
        symptom("b", "S-TINGLE-LEG", present=False, laterality=side),
    )
    assert judge(known).standing("PR-NEURO-NEW:a") == standing


def test_gone_before_it_was_reported_does_not_end_it() -> None:
    known = record(symptom("a", "S-BUCKLE"), symptom("b", "S-BUCKLE", present=False, hours_ago=3))
    assert judge(known).standing("PR-BUCKLE:a") == "holds"


def test_an_alert_whose_report_is_not_in_the_record_is_left_alone() -> None:
    assert judge(record()).standing("PR-BUCKLE:elsewhere") == "undecided"


def test_a_trend_without_enough_days_is_undecided_not_over() -> None:
    evaluation = judge(record(scores=[6] * 12))
    assert evaluation.standing("SD-PERSIST-3W") == "ended"
    silent = replace(record(scores=[6] * 12), plan_start=date(2026, 5, 2))
    assert judge(silent).standing("SD-PERSIST-3W") == "undecided"


def test_silence_does_not_end_severe_pain() -> None:
    known = record(scores=[3] * 10, pains=(pain("p", "knee", 8, hours_ago=120, relief_rest="no"),))
    assert judge(known).standing("PR-PAIN-SEVERE") == "undecided"


def test_better_days_end_severe_pain() -> None:
    assert judge(record(scores=[8] * 17 + [3] * 4)).standing("PR-PAIN-SEVERE") == "ended"


def test_a_profile_rule_ends_with_its_reason() -> None:
    known = record(profile=Profile(age=17, history=frozenset({"pregnant"})))
    assert {"EL-SCOPE:age", "EL-SCOPE:history:pregnant"} <= set(keys(known))
    assert judge(record()).standing("EL-SCOPE:age") == "ended"


def test_a_known_symptom_raises_nothing_and_ends_what_it_raised() -> None:
    word = KnownStable("S-TINGLE-LEG", NOW - timedelta(hours=24))
    known = record(
        symptom("before", "S-TINGLE-LEG", hours_ago=48, **TINGLE),
        symptom("after", "S-TINGLE-LEG", **TINGLE),
        known_stable=(word,),
    )
    assert keys(known) == ["PR-NEURO-NEW:before"]
    assert judge(known).standing("PR-NEURO-NEW:before") == "ended"


@pytest.mark.parametrize(
    "change",
    [
        {"severity": "severe"},
        {"severity": "moderate"},
        {"course": "worsening"},
        {"onset": "sudden"},
        {"laterality": "left"},
        {"extent": "below_knee"},
    ],
)
def test_what_is_worse_or_elsewhere_is_not_the_known_symptom(change: dict[str, str]) -> None:
    known = record(
        symptom("before", "S-TINGLE-LEG", hours_ago=48, extent="patch", **TINGLE),
        symptom("after", "S-TINGLE-LEG", **{"extent": "patch", **TINGLE, **change}),
        known_stable=(KnownStable("S-TINGLE-LEG", NOW - timedelta(hours=24)),),
    )
    assert "PR-NEURO-NEW:after" in keys(known)


def test_a_symptom_of_unknown_course_is_not_the_known_one() -> None:
    known = record(
        symptom("after", "S-TINGLE-LEG", laterality="right", severity="mild"),
        known_stable=(KnownStable("S-TINGLE-LEG", NOW - timedelta(hours=24)),),
    )
    assert "PR-NEURO-NEW:after" in keys(known)


def test_a_known_symptom_never_hides_a_red_flag() -> None:
    known = record(
        symptom("a", "S-BLADDER-INCONT"),
        known_stable=(KnownStable("S-BLADDER-INCONT", NOW - timedelta(hours=24)),),
    )
    assert keys(known) == ["RF-CES-BLADDER:a"]


def test_a_report_made_under_a_word_that_has_expired_stays_covered() -> None:
    word = KnownStable("S-TINGLE-LEG", NOW - timedelta(days=18))
    known = record(symptom("a", "S-TINGLE-LEG", hours_ago=17 * 24, **TINGLE), known_stable=(word,))
    assert "PR-NEURO-NEW:a" not in keys(known)


def test_a_word_may_end_early() -> None:
    at = NOW - timedelta(hours=48)
    word = KnownStable("S-TINGLE-LEG", at, expires_at=at + timedelta(hours=24))
    known = record(symptom("a", "S-TINGLE-LEG", **TINGLE), known_stable=(word,))
    assert keys(known) == ["PR-NEURO-NEW:a"]


def test_a_report_that_was_under_way_when_the_clinician_spoke_is_not_covered() -> None:
    word = KnownStable("S-TINGLE-LEG", NOW - timedelta(hours=24))
    late = symptom("late", "S-TINGLE-LEG", hours_ago=48, received_hours_ago=0, **TINGLE)
    assert keys(record(late, known_stable=(word,))) == ["PR-NEURO-NEW:late"]


def test_a_milder_rule_does_not_appear_because_its_context_was_left_out() -> None:
    both = symptom("a", "S-TINGLE-LEG", hours_ago=15 * 24, laterality="both")
    assert keys(record(both)) == ["RF-NEURO-BILAT-SENS:a"]
    partly = record(both, pains_since=NOW - timedelta(days=15))
    assert keys(partly) == []
    assert judge(partly).standing("RF-NEURO-BILAT-SENS:a") == "undecided"


def test_a_sign_is_not_single_because_its_companion_was_left_out() -> None:
    sign = symptom("a", "S-KNEE-WARM", hours_ago=24)
    partly = record(sign, symptoms_since=NOW - timedelta(hours=47))
    assert keys(partly) == []
    assert judge(partly).standing("PR-KNEE-SIGN:a") == "undecided"
    assert keys(record(sign, symptoms_since=NOW - timedelta(hours=72))) == ["PR-KNEE-SIGN:a"]


def test_an_injury_is_dated_by_what_the_patient_says_of_it() -> None:
    hurt = symptom("t", "S-TRAUMA", severity="significant", when="2026-05-09")
    assert "RF-TRAUMA:s" not in keys(record(hurt, symptom("s", "S-KNEE-SWOLLEN")))
    later = replace(hurt, attrs={"severity": "significant", "when": "2026-05-10"})
    assert "RF-TRAUMA:s" in keys(record(later, symptom("s", "S-KNEE-SWOLLEN")))


def test_an_unknown_symptom_is_passed_over() -> None:
    assert keys(record(symptom("a", "S-HEADACHE"))) == []


def test_the_latest_rating_of_change_counts() -> None:
    worse = GrocScore("g1", -4, NOW - timedelta(days=7))
    better = GrocScore("g2", 1, NOW)
    assert "SD-WORSEN" in keys(record(scores=[3] * 21, groc=(worse,)))
    assert "SD-WORSEN" not in keys(record(scores=[3] * 21, groc=(better, worse)))


def test_a_year_of_days_is_loaded_only_for_a_fresh_rise() -> None:
    def loads(scores: list[int | None]) -> list[int]:
        known = record(scores=scores)
        asked: list[int] = []

        def load(first: date, last: date) -> Values:
            asked.append((last - first).days + 1)
            return known.daily_values(first, last)

        judge(replace(known, daily_values=load))
        return asked

    steady: list[int | None] = [3] * 21
    assert max(loads(steady)) == 28
    assert max(loads([*[0] * 19, 5, 5])) == 365


def test_home_treatment_before_the_plan_starts_the_clock_and_later_does_not() -> None:
    def elapsed(since: date | None) -> bool:
        profile = Profile(home_care_since=since)
        return "SD-PERSIST-3W" in keys(record(scores=[6] * 21, profile=profile))

    assert not elapsed(None)
    assert elapsed(date(2026, 5, 3))
    assert not elapsed(date(2026, 5, 10))


def test_the_first_report_of_the_day_does_not_decide_a_flare_before_it_is_made() -> None:
    evaluation = judge(record(scores=[3] * 19 + [7]))
    assert evaluation.standing("RT-FLARE") == "undecided"
