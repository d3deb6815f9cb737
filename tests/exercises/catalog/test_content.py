"""The content that ships is complete, and content that cannot be served is refused by name."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from exercises.catalog import selectors
from exercises.catalog.catalog import ContentError
from exercises.catalog.content import CONTENT_DIR, catalog, load

HISTORY = [
    "spinal_issues",
    "arthritis",
    "prior_knee_injury",
    "cancer",
    "osteoporosis",
    "long_term_steroids",
    "immunosuppressed",
    "iv_drug_use",
    "recent_spinal_procedure",
    "diabetes",
    "joint_replacement",
]
SYMPTOMS = [
    "S-BLADDER-RETENTION",
    "S-BLADDER-INCONT",
    "S-BLADDER-SENS",
    "S-BOWEL-INCONT",
    "S-BOWEL-SENS",
    "S-CONSTIPATION",
    "S-SADDLE",
    "S-SEXUAL",
    "S-LEGPAIN-BOTH",
    "S-NUMB-LEG",
    "S-TINGLE-LEG",
    "S-WEAK-LEG",
    "S-FOOTDROP",
    "S-BUCKLE",
    "S-CANT-BEAR-WEIGHT",
    "S-CANT-MOVE-KNEE",
    "S-WALK-DIFFICULT",
    "S-KNEE-RED",
    "S-KNEE-WARM",
    "S-KNEE-SWOLLEN",
    "S-KNEE-PUS",
    "S-KNEE-DEFORM",
    "S-FEVER",
    "S-RIGORS",
    "S-CALF-SWELL",
    "S-CHEST-PAIN",
    "S-BREATHLESS",
    "S-LEG-COLD-PALE",
    "S-CLAUDICATION",
    "S-REST-PAIN-FOOT",
    "S-WOUND-NONHEAL",
    "S-SKIN-BLUE",
    "S-TRAUMA",
    "S-NIGHT-PAIN",
    "S-WEIGHT-LOSS",
    "S-BACKPAIN-PROGRESSIVE",
    "S-FACE-ARM-SPEECH",
]

STRAY = """
[articles.stray]
title = "Titel"
summary = "Text."
section = [{ heading = "Kopf", text = "Text." }]
"""

Edit = Callable[[str, str, str], ContentError]


@pytest.fixture
def broken(tmp_path: Path) -> Edit:
    """Loads a copy of the content in which one text of one file was replaced."""

    def edit(file: str, old: str, new: str) -> ContentError:
        copy = tmp_path / "content"
        shutil.copytree(CONTENT_DIR, copy)
        text = (copy / file).read_text(encoding="utf-8")
        assert old in text
        (copy / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(ContentError) as caught:
            load(copy)
        return caught.value

    return edit


def test_the_whole_symptom_vocabulary_is_asked() -> None:
    assert list(catalog().symptoms) == SYMPTOMS


def test_symptoms_that_alone_are_an_emergency_are_red_flags() -> None:
    alone = [code for code in SYMPTOMS if re.match(r"S-(BLADDER|BOWEL|SADDLE|SEXUAL|FACE)", code)]

    assert len(alone) == 8
    assert all(selectors.symptom(code).red_flag for code in alone)
    assert not selectors.symptom("S-CONSTIPATION").red_flag


def test_intake_asks_for_exactly_the_history_the_rules_know() -> None:
    history = catalog().intake_questions["history"]

    assert [option.value for option in history.options] == HISTORY


def test_intake_requires_only_what_safety_cannot_do_without() -> None:
    required = {item.id for item in selectors.intake_questions() if item.required}

    assert required == {"age", "pregnant", "first_episode", "history", "red_flags"}


def test_intake_offers_every_red_flag_symptom() -> None:
    offered = [option.value for option in catalog().intake_questions["red_flags"].options]

    assert offered == [item.code for item in selectors.symptoms() if item.red_flag]


def test_intake_holds_the_seven_signs_and_the_body_map_in_order() -> None:
    questions = catalog().intake_questions

    assert [o.value for o in questions["spinal_signs"].options] == [
        f"C-SGN-0{n}" for n in range(1, 8)
    ]
    assert [o.value for o in questions["body_map"].options] == [
        "back",
        "buttock",
        "thigh",
        "knee",
        "calf",
        "foot",
        "toes",
    ]


def test_all_facts_and_references_are_there() -> None:
    assert len(catalog().facts) == 183
    assert len(catalog().references) == 63


def test_facts_that_must_not_be_served_name_no_exercise() -> None:
    dropped = {item.id for item in catalog().facts.values() if "drop" in item.uses}

    assert dropped == {"A-NOI-01", "B-TRT-00", "D-NOI-01", "E-NOI-01"}
    assert not dropped & {fact for item in selectors.exercises() for fact in item.facts}


@pytest.mark.parametrize(
    ("day", "phase"),
    [
        (-1, "initial"),
        (0, "initial"),
        (13, "initial"),
        (14, "rehab"),
        (41, "rehab"),
        (42, "long_term"),
        (4000, "long_term"),
    ],
)
def test_each_plan_day_belongs_to_one_phase(day: int, phase: str) -> None:
    assert selectors.phase_of_day(day).id == phase


def test_the_initial_phase_serves_gentle_things_only() -> None:
    codes = {*selectors.phase("initial").exercises}

    assert {"EX-01", "EX-03", "EX-04", "EX-05", "EX-20", "EX-24"} <= codes
    assert codes.isdisjoint({"EX-10", "EX-11", "EX-12", "EX-13", "EX-15", "EX-16", "EX-21"})


def test_gate_numbers_are_those_of_the_phase_machine() -> None:
    gate = selectors.gate()

    assert (gate.initial_pain_max, gate.rehab_pain_max, gate.min_days_in_phase) == (4, 3, 14)
    assert (gate.session_lookback_days, gate.pain_during_max) == (3, 5)
    assert (gate.next_morning_rise_limit, gate.review_day) == (2, 28)
    assert (gate.extended_task_after_days, gate.flare_days_max) == (7, 7)


def test_ice_is_wrapped_and_timed() -> None:
    ice = catalog().home_care["ice"]

    assert (ice.default_minutes, ice.max_minutes) == (15, 20)
    assert (ice.skin_check_minutes, ice.gap_minutes, ice.must_be_wrapped) == (5, 120, True)
    assert catalog().home_care_timing.ice_default_hours == 48


@pytest.mark.parametrize(
    ("country", "emergency", "advice"),
    [("GB", "999", "111"), ("gb", "999", "111"), ("US", "911", ""), ("AU", "000", "1800 022 222"),
     ("NZ", "111", "0800 611 116"), ("DE", "112", "116117"), ("XX", "112", ""), ("", "112", "")],
)  # fmt: skip
def test_each_country_gets_a_number_to_call(country: str, emergency: str, advice: str) -> None:
    numbers = selectors.emergency_numbers(country)

    assert (numbers.emergency, numbers.urgent_advice) == (emergency, advice)


def test_an_exercise_carries_its_own_stop_rules_before_the_general_ones() -> None:
    rules = selectors.stop_rules("EX-01")

    assert rules[0] == selectors.exercise("EX-01").stop_rules[0]
    assert len({rule.code for rule in rules}) == len(rules)
    assert "warning_sign" in {rule.code for rule in rules}


def test_an_exercise_without_own_stop_rules_still_has_the_general_ones() -> None:
    assert selectors.stop_rules("EX-06") == catalog().stop_rules


def test_an_unknown_code_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        selectors.exercise("EX-99")


def test_the_version_changes_with_any_byte_of_content(tmp_path: Path) -> None:
    copy = tmp_path / "content"
    shutil.copytree(CONTENT_DIR, copy)
    same = load(copy).version
    (copy / "facts.toml").write_text(
        (copy / "facts.toml").read_text(encoding="utf-8") + "\n", encoding="utf-8"
    )

    assert same == selectors.content_version()
    assert load(copy).version != same


@pytest.mark.parametrize(
    ("file", "old", "new", "path"),
    [
        ("exercises.toml", 'target = "Low back', 'targt = 1\ntarget = "Low back', "$.exercise[0]"),
        ("exercises.toml", "min = 3, max = 3", "min = 4, max = 3", "$.exercise[0].dose.initial"),
        ("symptoms.toml", 'group = "saddle"', 'group = "seat"', "$.symptom[6].group"),
        ("intake.toml", "required = true", "mandatory = true", "$.question[0]"),
        ("references.toml", 'id = "N01"', 'id = "Q01"', "$.reference[0].id"),
    ],
)  # fmt: skip
def test_a_key_or_value_out_of_shape_is_refused_by_place(
    broken: Edit, file: str, old: str, new: str, path: str
) -> None:
    error = broken(file, old, new)

    assert error.file == file
    assert error.path.startswith(path)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("exercises.toml", 'swap_to = ["EX-05"]', 'swap_to = ["EX-55"]', "EX-55 does not exist"),
        ("exercises.toml", 'facts = ["B-EX-01"]', 'facts = ["B-EX-91"]', "B-EX-91 does not exist"),
        ("exercises.toml", 'facts = ["B-EX-01"]', 'facts = ["A-NOI-01"]', "must not be served"),
        ("exercises.toml", 'facts = ["B-EX-01"]', "facts = []", "needs a fact"),
        ("exercises.toml", 'swap_to = ["EX-05"]', 'swap_to = ["EX-01"]', "swaps to itself"),
        ("exercises.toml", '{ code = "tingling"', '{ code = "tickling"', "tickling does not exist"),
        ("exercises.toml", 'triggers = ["walk"]', 'triggers = ["fly"]', "fly does not exist"),
        ("exercises.toml", 'code = "EX-02"', 'code = "EX-01"', "appears twice"),
        ("phases.toml", "end_day = 14", "end_day = 15", "gap or an overlap"),
        ("phases.toml", "first_day = 42", "first_day = 42\nend_day = 99", "has no end"),
        ("phases.toml", '"EX-09", "EX-14"', '"EX-09", "EX-10"', "EX-10 is listed without a dose"),
        ("phases.toml", '"EX-09", "EX-14"', '"EX-14"', "EX-09 has a dose and is not listed"),
        ("phases.toml", 'id = "rehab"', 'id = "initial"', "appears twice"),
        ("symptoms.toml", '{ name = "felt" }', '{ name = "fell" }', "fell does not exist"),
        ("symptoms.toml", 'options = ["minor"', 'options = ["tiny"', "tiny does not exist"),
        ("intake.toml", 'section = "about_you"', 'section = "x"', "x does not exist"),
        ("home_care.toml", "default_minutes = 15", "default_minutes = 21", "above max_minutes"),
        ("home_care.toml", '"S-SKIN-BLUE"', '"S-SKIN-RED"', "S-SKIN-RED does not exist"),
        ("home_care.toml", 'confirm = "Is a', 'confirm = ""#', "what must be wrapped"),
        ("symptoms.toml", 'left = "Left"', 'port = "Left"', "need one per option"),
        ("facts.toml", "[[fact]]", "[[fact", "line"),
        ("phases.toml", '"Posture"', '"Posters"', "no article is called 'Posters'"),
        ("de/intake.toml", "questions.red_flags", "questions.red_flag", "does not exist"),
        ("de/symptoms.toml", "S-SADDLE", "S-SATTEL", "S-SATTEL does not exist"),
        ("de/symptoms.toml", "left =", "links =", "links does not exist"),
        ("de/exercises.toml", "tingling_below_knee", "tingling_above", "does not exist"),
        ("de/home_care.toml", "numb_area", "numb_area_x", "numb_area_x does not exist"),
        ("de/emergency_numbers.toml", "GB =", "UK =", "UK does not exist"),
        ("de/articles.toml", "# Deutsche Artikel", f"{STRAY}#", "stray does not exist"),
    ],
)
def test_content_that_does_not_hold_together_is_refused(
    broken: Edit, file: str, old: str, new: str, message: str
) -> None:
    error = broken(file, old, new)

    assert error.file == file
    assert message in error.message


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("prevention", '"B-PRV-04"', '"B-PRV-94"', "B-PRV-94 does not exist"),
        ("prevention", '"B-PRV-04", ', "", "no article teaches B-PRV-04"),
        ("prevention", '"B-PRV-04"', '"B-PRV-04", "E-NOI-01"', "E-NOI-01 must not be served"),
        ("recovery", "reassuring = true", "reassuring = false", "reassures without saying so"),
    ],
)
def test_articles_that_do_not_hold_together_are_refused(
    broken: Edit, file: str, old: str, new: str, message: str
) -> None:
    error = broken(f"articles/{file}.toml", old, new)

    assert error.file == "articles"
    assert message in error.message


@pytest.mark.parametrize(
    ("retired", "message"),
    [
        ('retired = [{ id = "posture" }]', "is still offered"),
        ('retired = [{ id = "old", replaced_by = "none" }]', "none does not exist"),
    ],
)
def test_a_retired_article_is_gone_and_leads_somewhere(
    broken: Edit, retired: str, message: str
) -> None:
    licence = 'licence = "Stepwise content, all rights as the project"'

    error = broken("articles/recovery.toml", licence, f"{licence}\n{retired}")

    assert message in error.message


def test_an_article_of_another_topic_or_phase_is_refused_by_place(broken: Edit) -> None:
    error = broken("articles/recovery.toml", 'topic = "recovery"', 'topic = "magic"')

    assert (error.file, error.path) == ("articles/recovery.toml", "$.article[0].topic")


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ContentError) as caught:
        load(tmp_path)

    assert caught.value.file == "exercises.toml"
