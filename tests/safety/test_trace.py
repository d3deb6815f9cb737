"""From each statement of the sources to place, test and message; and from each hazard to a test."""

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from exercises.catalog.content import catalog
from exercises.triage.hints.shapes import hints
from exercises.triage.rules.pack import RulePack, default_pack
from exercises.triage.tracing.hazards import HazardLog, hazard_problems, read_hazards
from exercises.triage.tracing.held import known_tests, scenarios_in
from exercises.triage.tracing.trace import Trace, problems_of, read_notes, trace_of

ROOT = Path(settings.BASE_DIR)
SAFETY = ROOT / "docs" / "safety"
NOTES = read_notes(SAFETY / "trace.toml")
LOG = read_hazards(SAFETY / "hazard-log.toml")


def traced(pack: RulePack | None = None, notes: Any = NOTES) -> Trace:
    return trace_of(
        catalog=catalog(),
        pack=pack or default_pack(),
        hints=hints(),
        notes=notes,
        scenarios=scenarios_in(ROOT),
    )


def problems(pack: RulePack | None = None, notes: Any = NOTES) -> list[str]:
    pack = pack or default_pack()
    texts = {language: {*file.rules} for language, file in pack.texts.items()}
    return [*problems_of(traced(pack, notes), texts=texts, tests=known_tests(ROOT))]


def with_rule(**changes: Any) -> RulePack:
    """The pack with one rule changed."""
    pack = default_pack()
    changed = msgspec.structs.replace(pack.rules["RF-WB"], **changes)
    return replace(pack, rules={**pack.rules, "RF-WB": changed})


def with_controls(**changes: Any) -> HazardLog:
    """The hazard log with the first control of its first hazard changed."""
    first, *others = LOG.hazards
    control = msgspec.structs.replace(first.controls[0], **changes)
    hazard = msgspec.structs.replace(first, controls=(control,))
    return msgspec.structs.replace(LOG, hazards=(hazard, *others))


def test_the_committed_documents_are_what_content_and_tests_say() -> None:
    said = StringIO()
    call_command("trace", check=True, stdout=said)
    assert "183 statements, 56 rules, no gap." in said.getvalue()


def test_every_statement_lives_somewhere_and_is_held_by_a_test() -> None:
    facts = traced().facts
    assert len(facts) == 183
    assert all(fact.places and fact.tests for fact in facts)
    assert {fact.id for fact in facts if fact.dropped_because} == {*NOTES.dropped}
    leak = next(fact for fact in facts if fact.id == "A-WSD-04")
    assert leak.places["rule"] == ("RF-CES-BLADDER", "RF-CES-BOWEL")
    assert "S-BLADDER-RETENTION" in leak.places["symptom"]
    assert "warning-signs" in leak.places["article"]
    assert leak.places["question"] == ("red_flags",)
    assert leak.messages[0] == default_pack().text("RF-CES-BLADDER").title


def test_every_rule_has_sources_examples_of_both_kinds_and_words() -> None:
    rules = traced().rules
    assert len(rules) == 56
    assert all(rule.facts or rule.references for rule in rules)
    assert all(rule.fires and rule.stays_silent and rule.message for rule in rules)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"facts": (), "references": ()}, "RF-WB: a rule without a source"),
        ({"examples": ()}, "RF-WB: a rule without a test that it fires and one that it does not"),
        ({"facts": ("Z-WSD-99",)}, "a rule names Z-WSD-99, which is no statement"),
    ],
)
def test_a_rule_that_hangs_in_the_air_is_a_gap(changes: dict[str, Any], problem: str) -> None:
    assert problem in problems(with_rule(**changes))


def test_a_rule_that_loses_its_place_leaves_its_statement_behind() -> None:
    pack = default_pack()
    silent = {name: msgspec.structs.replace(rule, facts=()) for name, rule in pack.rules.items()}
    found = problems(replace(pack, rules=silent))
    assert "A-SYM-03: lives nowhere" in found
    assert "A-WSD-04: lives nowhere" not in found


def test_a_message_without_a_rule_and_a_rule_without_a_message_are_gaps() -> None:
    pack = default_pack()
    rules = {name: rule for name, rule in pack.rules.items() if name != "RF-WB"}
    assert "RF-WB: a message (de) without a rule" in problems(replace(pack, rules=rules))
    english = pack.texts["en"]
    mute = {name: text for name, text in english.rules.items() if name != "RF-WB"}
    texts = {**pack.texts, "en": msgspec.structs.replace(english, rules=mute)}
    assert "RF-WB: a rule without a message (en)" in problems(replace(pack, texts=texts))


def test_a_test_that_does_not_exist_and_a_drop_that_is_used_are_gaps() -> None:
    held_by = {**NOTES.held_by, "article": ("tests/test_house.py::test_of_nothing",)}
    notes = msgspec.structs.replace(NOTES, held_by=held_by)
    assert "article: no test tests/test_house.py::test_of_nothing" in problems(notes=notes)
    dropped = {**NOTES.dropped, "A-WSD-04": "because"}
    found = problems(notes=msgspec.structs.replace(NOTES, dropped=dropped))
    assert "A-WSD-04: dropped, and used all the same" in found
    assert "A-WSD-04: the catalogue and the trace disagree whether it is dropped" in found


def test_the_command_writes_what_it_checks(tmp_path: Path) -> None:
    call_command("trace", into=tmp_path, stdout=StringIO())
    written = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert set(written) == {"trace.md", "trace.json", "hazard-log.md"}
    assert len(json.loads(written["trace.json"])["facts"]) == 183
    (tmp_path / "trace.md").write_text("something else", "utf-8")
    errors = StringIO()
    with pytest.raises(CommandError, match="1 gaps"):
        call_command("trace", check=True, into=tmp_path, stderr=errors)
    assert "trace.md is not what content and tests say" in errors.getvalue()


def test_every_hazard_has_a_control_and_every_test_that_it_names_exists() -> None:
    assert [hazard.id for hazard in LOG.hazards] == [f"HZ-{n:02}" for n in range(1, 22)]
    assert [*hazard_problems(LOG, tests=known_tests(ROOT))] == []


def test_nobody_has_accepted_the_hazard_log_yet() -> None:
    assert (LOG.status, LOG.safety_officer) == ("draft", "")
    accepted = msgspec.structs.replace(LOG, status="accepted")
    found = [*hazard_problems(accepted, tests=known_tests(ROOT))]
    assert found == ["nobody is named who accepted the hazard log"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"tests": ("tests/test_house.py::test_of_nothing",)}, "HZ-01: no test tests/test_house"),
        ({"tests": ()}, "HZ-01: no control with a test"),
        ({"tests": ()}, "HZ-01: built without a test"),
        ({"state": "planned"}, "HZ-01: planned, and has a test already"),
    ],
)
def test_a_control_that_claims_too_much_is_named(changes: dict[str, Any], problem: str) -> None:
    found = hazard_problems(with_controls(**changes), tests=known_tests(ROOT))
    assert any(line.startswith(problem) for line in found)
