"""The timer rules of home care: both sides of every boundary, and a reason for every refusal."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pytest

from exercises.triage.home_care import Advice, Offer, Situation, Use, advise, warnings
from exercises.triage.home_care_loading import guide

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
GUIDE = guide("en")


def situation(
    *,
    since: timedelta | None = timedelta(days=9),
    symptoms: Collection[str] = (),
    rules: Collection[str] = (),
    uses: tuple[Use, ...] = (),
) -> Situation:
    onset = None if since is None else NOW - since
    return Situation(onset=onset, symptoms=symptoms, rules=rules, uses=uses)


def used(modality: str, ended_ago: timedelta, minutes: int = 15) -> Use:
    return Use(modality, NOW - ended_ago - minutes * MINUTE, NOW - ended_ago)


def states(advice: Advice) -> dict[str, str]:
    return {offer.modality.id: offer.status for offer in advice.offers}


def offer(advice: Advice, modality: str) -> Offer:
    return next(found for found in advice.offers if found.modality.id == modality)


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (timedelta(0), {"ice": "default", "heat": "later", "contrast": "later"}),
        (48 * HOUR - SECOND, {"ice": "default", "heat": "later", "contrast": "later"}),
        (48 * HOUR, {"heat": "default", "ice": "optional", "contrast": "optional"}),
        (90 * 24 * HOUR, {"heat": "default", "ice": "optional", "contrast": "optional"}),
        (-5 * HOUR, {"ice": "default", "heat": "later", "contrast": "later"}),
        (None, {"ice": "optional", "heat": "later", "contrast": "later"}),
    ],
)
def test_cold_is_the_default_for_48_hours_and_warmth_after(
    since: timedelta | None, expected: dict[str, str]
) -> None:
    advice = advise(GUIDE, situation(since=since), NOW)
    assert states(advice) == expected
    first = advice.offers[0]
    assert first.status == "default" or since is None


def test_what_comes_later_says_when_and_why() -> None:
    heat = offer(advise(GUIDE, situation(since=40 * HOUR), NOW), "heat")
    assert heat.earliest == NOW + 8 * HOUR
    assert [reason.code for reason in heat.reasons] == ["too_early"]


def test_while_nobody_knows_when_it_began_the_question_is_asked() -> None:
    advice = advise(GUIDE, situation(since=None), NOW)
    assert advice.ask_onset == GUIDE.timing.ask_onset_text
    heat = offer(advice, "heat")
    assert (heat.earliest, heat.reasons[0].code) == (None, "onset_unknown")
    assert advise(GUIDE, situation(), NOW).ask_onset == ""


def test_the_timers_are_those_of_the_specification() -> None:
    ice = offer(advise(GUIDE, situation(), NOW), "ice").modality
    assert (ice.default_minutes, ice.max_minutes, ice.skin_check_minutes) == (15, 20, 5)
    assert (ice.gap_minutes, ice.must_be_wrapped) == (120, True)
    assert ice.confirm
    heat = offer(advise(GUIDE, situation(), NOW), "heat").modality
    assert 15 <= heat.default_minutes <= heat.max_minutes == 20


@pytest.mark.parametrize(
    ("ago", "status"), [(2 * HOUR, "optional"), (2 * HOUR - SECOND, "later"), (-HOUR, "later")]
)
def test_two_hours_pass_between_two_cold_packs(ago: timedelta, status: str) -> None:
    advice = advise(GUIDE, situation(uses=(used("ice", ago),)), NOW)
    assert states(advice) == {"heat": "default", "ice": status, "contrast": status}
    if status == "later":
        ice = offer(advice, "ice")
        assert ice.earliest == NOW - ago + 2 * HOUR
        assert ice.reasons[0].code == "too_soon"


def test_the_pause_counts_from_the_last_cold_pack_and_warmth_needs_none() -> None:
    uses = (used("ice", 9 * HOUR), used("ice", HOUR), used("heat", MINUTE))
    advice = advise(GUIDE, situation(uses=uses), NOW)
    assert offer(advice, "ice").earliest == NOW + HOUR
    assert offer(advice, "heat").status == "default"


@pytest.mark.parametrize(
    ("symptoms", "rules", "codes"),
    [
        ({"S-NUMB-LEG"}, set(), {"numb_area"}),
        ({"S-SADDLE"}, set(), {"numb_area"}),
        ({"S-CLAUDICATION"}, {"SD-CLAUD"}, {"poor_circulation"}),
        (set(), {"PR-VASC"}, {"poor_circulation"}),
        (set(), {"RF-ALI"}, {"poor_circulation"}),
        ({"S-KNEE-PUS"}, set(), {"open_wound"}),
        ({"S-WOUND-NONHEAL"}, set(), {"open_wound", "poor_circulation"}),
        (set(), {"RF-INF-KNEE"}, {"red_hot_knee"}),
        (set(), {"RF-INF-LOCAL"}, {"red_hot_knee"}),
        (set(), {"RF-SEPSIS-KNEE"}, {"red_hot_knee"}),
    ],
)
def test_every_refusal_has_its_reason(symptoms: set[str], rules: set[str], codes: set[str]) -> None:
    advice = advise(GUIDE, situation(symptoms=symptoms, rules=rules), NOW)
    assert set(states(advice).values()) == {"blocked"}
    for found in advice.offers:
        assert {reason.code for reason in found.reasons} == codes
        assert all(reason.text for reason in found.reasons)


def test_other_symptoms_and_alerts_refuse_nothing() -> None:
    told = situation(symptoms={"S-TINGLE-LEG", "S-BUCKLE"}, rules={"PR-KNEE-SIGN", "SD-PERSIST-3W"})
    assert states(advise(GUIDE, told, NOW))["heat"] == "default"


def test_a_refusal_goes_before_every_clock() -> None:
    told = situation(since=None, symptoms={"S-NUMB-LEG"}, uses=(used("ice", HOUR),))
    ice = offer(advise(GUIDE, told, NOW), "ice")
    assert (ice.status, [reason.code for reason in ice.reasons]) == ("blocked", ["numb_area"])


@pytest.mark.parametrize(
    ("modality", "minutes", "wrapped", "codes"),
    [
        ("ice", 20, True, []),
        ("ice", 21, True, ["too_long"]),
        ("ice", 15, False, ["not_wrapped"]),
        ("ice", 30, False, ["too_long", "not_wrapped"]),
        ("heat", 20, False, []),
        ("heat", 21, False, ["too_long"]),
    ],
)
def test_what_was_not_well_done_is_said(
    modality: str, minutes: int, wrapped: bool, codes: list[str]
) -> None:
    use = Use(modality, NOW, NOW + minutes * MINUTE)
    found = warnings(GUIDE, situation(), use, wrapped=wrapped)
    assert [reason.code for reason in found] == codes


def test_a_session_that_was_refused_or_came_too_soon_is_warned_of() -> None:
    use = Use("ice", NOW, NOW + 10 * MINUTE)
    told = situation(rules={"RF-INF-KNEE"}, uses=(used("ice", HOUR),))
    found = warnings(GUIDE, told, use, wrapped=True)
    assert [reason.code for reason in found] == ["red_hot_knee", "too_soon"]
