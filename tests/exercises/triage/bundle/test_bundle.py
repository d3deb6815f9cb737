"""The safety bundle itself: complete, stable, and its vectors are what the engine finds."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backend.core.wire import encode
from exercises.catalog.content import catalog
from exercises.triage.bundle.building import built, bundle, selected_country, selected_language
from exercises.triage.bundle.judging import vector
from exercises.triage.bundle.record_wire import SafetyVector
from exercises.triage.bundle.rule_wire import SafetySymptomClause
from exercises.triage.bundle.vectors.from_examples import local_record
from exercises.triage.bundle.wire import SafetyBundle
from exercises.triage.rules.pack import default_pack
from exercises.triage.rules.shapes import SymptomClause

ROOT = Path(__file__).parents[4]
PACK = default_pack()
EVENT_RULES = sorted(PACK.event_rules)
LARGEST = 400_000


def served() -> Any:
    return json.loads(built().body)


def found_by(rule: str) -> list[SafetyVector]:
    return [one for one in bundle().test_vectors if any(f.rule == rule for f in one.findings)]


def test_the_bundle_says_what_its_schema_says() -> None:
    assert msgspec.json.decode(built().body, type=SafetyBundle) == bundle()


def test_the_bundle_is_small_enough_to_keep() -> None:
    assert len(built().body) < LARGEST


def test_another_process_builds_the_same_bytes() -> None:
    script = (
        "import django; django.setup();"
        "from exercises.triage.bundle.building import built; print(built().tag, end='')"
    )
    tags = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert tags == {built().tag}


def test_the_version_names_rules_and_content() -> None:
    assert PACK.version in bundle().version
    assert catalog().version in bundle().version


def test_every_event_rule_is_in_the_bundle_and_no_other() -> None:
    assert [rule.id for rule in bundle().rules] == EVENT_RULES
    red_flags = {name for name, rule in PACK.rules.items() if name.startswith("RF-")}
    assert red_flags <= set(EVENT_RULES)


def test_every_number_that_the_bundle_names_is_given() -> None:
    names = {
        name
        for rule in served()["rules"]
        for part in flat(rule["clauses"])
        for key in ("at_least", "at_most", "within")
        if (name := part.get(key)) is not None
    }
    assert names <= bundle().constants.keys()
    assert bundle().constants["fever_c"] == 38.0
    assert bundle().constants["transient_max_minutes"] == 30


def flat(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(part for item in value.values() for part in flat(item))]
    return [part for item in value for part in flat(item)] if isinstance(value, list) else []


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_text_exists_in_every_language(language: str) -> None:
    texts, english = bundle().texts[language], bundle().texts["en"]
    assert sorted(texts.messages) == EVENT_RULES
    assert texts.questions.keys() == PACK.vocabulary.codes
    assert texts.attributes.keys() == PACK.vocabulary.attributes.keys()
    for name, attribute in PACK.vocabulary.attributes.items():
        assert sorted(texts.attributes[name].labels) == sorted(attribute.options), name
    assert texts.countries.keys() == {one.code for one in bundle().emergency_numbers.countries}
    if language != "en":
        assert [c for c, words in texts.questions.items() if words == english.questions[c]] == []
        assert [r for r, words in texts.messages.items() if words == english.messages[r]] == []


def test_every_country_has_an_emergency_number() -> None:
    numbers = bundle().emergency_numbers
    assert numbers.default == "112"
    assert len(numbers.countries) == len(catalog().emergency_numbers) > 30
    assert all(country.emergency for country in numbers.countries)


def test_the_levels_rise_and_each_asks_something() -> None:
    assert [(level.code, level.action) for level in bundle().levels] == [
        ("routine", "inform"),
        ("see_doctor_soon", "book"),
        ("prompt_days", "within_days"),
        ("urgent_same_day", "same_day"),
        ("emergency_now", "call_emergency"),
    ]


def test_the_engine_finds_in_every_vector_what_it_expects() -> None:
    for sent in served()["test_vectors"]:
        wanted = msgspec.convert(sent, SafetyVector)
        assert vector(wanted.name, wanted.record, PACK) == wanted


def test_names_and_records_of_vectors_are_distinct() -> None:
    vectors = served()["test_vectors"]
    assert len(vectors) >= 150
    assert len({one["name"] for one in vectors}) == len(vectors)
    assert len({json.dumps(one["record"]) for one in vectors}) == len(vectors)


@pytest.mark.parametrize("rule", EVENT_RULES)
def test_a_rule_fires_in_some_vectors_and_not_in_others(rule: str) -> None:
    fires = found_by(rule)
    about = {
        name
        for clause in PACK.rules[rule].clauses
        for name in (clause.codes if isinstance(clause, SymptomClause) else clause.sites)
    }
    silent = [
        one for one in bundle().test_vectors if one not in fires and about & set(reported(one))
    ]
    assert fires
    assert silent


def reported(one: SafetyVector) -> list[str]:
    codes = [item.code for report in one.record.symptom_reports for item in report.symptoms]
    return codes + [pain.site for pain in one.record.pain_reports]


@pytest.mark.parametrize("rule", EVENT_RULES)
def test_every_symptom_that_a_rule_names_makes_it_fire(rule: str) -> None:
    (sent,) = (one for one in bundle().rules if one.id == rule)
    codes = {
        code
        for clause in sent.clauses
        if isinstance(clause, SafetySymptomClause)
        for code in clause.codes
    }
    assert codes <= {code for one in found_by(rule) for code in reported(one)}


@pytest.mark.parametrize("rule", EVENT_RULES)
def test_a_rules_examples_are_vectors_and_come_out_as_they_say(rule: str) -> None:
    by_record = {encode(one.record): one for one in bundle().test_vectors}
    for example in PACK.rules[rule].examples:
        findings = by_record[encode(local_record(example))].findings
        raised = any(f.rule == rule and (f.active or rule.startswith("RF-")) for f in findings)
        assert raised is example.fires, example.says


def test_the_vectors_hold_what_is_hard_to_get_right() -> None:
    vectors = bundle().test_vectors
    assert any(one.undecided for one in vectors)
    assert any(finding.late for one in vectors for finding in one.findings)
    assert any(not finding.active for one in vectors for finding in one.findings)
    assert any(one.record.known_stable for one in vectors)
    assert any(one.record.unreadable and one.findings for one in vectors)


def test_a_selection_holds_one_country_and_one_language() -> None:
    part = msgspec.json.decode(built(country="AT", language="de").body, type=SafetyBundle)
    assert [country.code for country in part.emergency_numbers.countries] == ["AT"]
    assert part.emergency_numbers.default == "112"
    assert [*part.texts] == ["de"]
    assert part.texts["de"].countries == {"AT": "Österreich"}
    assert part.rules == bundle().rules


@pytest.mark.parametrize(
    ("asked", "selected"), [("", ""), ("at", "AT"), ("DE", "DE"), ("XX", "ZZ"), ("ZZ", "ZZ")]
)
def test_a_country_is_selected_by_its_code(asked: str, selected: str) -> None:
    assert selected_country(asked) == selected


@pytest.mark.parametrize(
    ("asked", "selected"), [("", ""), ("de", "de"), ("de-AT", "de"), ("EN-gb", "en"), ("fr", "en")]
)
def test_a_language_is_selected_by_its_tag(asked: str, selected: str) -> None:
    assert selected_language(asked) == selected
