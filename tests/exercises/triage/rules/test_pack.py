"""A pack that does not fit together is refused, and its version names exactly what is in it."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from exercises.triage.rules.pack import CONTENT, default_pack, load_pack
from exercises.triage.rules.program import PackError

PACK = default_pack()
Edit = Callable[..., Path]


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """`edit(file, old, new)`: a copy of the product's pack with one change; returns its folder."""
    folder = tmp_path / "content"
    shutil.copytree(CONTENT, folder)

    def change(file: str, old: str, new: str) -> Path:
        path = folder / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        return folder

    return change


def test_there_are_fifty_six_rules() -> None:
    assert len(PACK.rules) == 56


def test_every_rule_names_a_source() -> None:
    assert all(rule.sources for rule in PACK.rules.values())


def test_emergency_and_urgent_alerts_are_closed_by_a_clinician_and_so_is_a_cancer_history() -> None:
    closed_by_clinician = {rule.id for rule in PACK.rules.values() if rule.clears == "clinician"}
    red_flags = {rule.id for rule in PACK.rules.values() if rule.id.startswith("RF-")}
    assert closed_by_clinician == red_flags | {"PR-ONC"}


def test_every_symptom_of_the_vocabulary_matters_to_a_rule() -> None:
    text = "".join(path.read_text("utf-8") for path in (CONTENT / "rules").glob("*.toml"))
    rules = re.sub(r"(?m)^  \{ says = .*$", "", text)
    assert {code for code in PACK.vocabulary.codes if f'"{code}"' not in rules} == set()


def test_the_same_content_has_the_same_version() -> None:
    assert load_pack(CONTENT).version == PACK.version
    assert re.fullmatch(r"2026\.\d+\+[0-9a-f]{12}", PACK.version)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("pack.toml", "few_weeks_days = 21", "few_weeks_days = 20"),
        ("rules/routine.toml", "17 years old", "seventeen years old"),
        ("texts.en.toml", "Is this still so?", "Is that still so?"),
    ],
)
def test_any_edit_changes_the_version(edit: Edit, file: str, old: str, new: str) -> None:
    assert load_pack(edit(file, old, new)).version != PACK.version


EMERGENCY, ROUTINE = "rules/emergency_now.toml", "rules/routine.toml"
TREND = "rules/prompt_days.toml"
SADDLE = '"unchanged for years", fires = false, symptoms = [{ code = "S-SADDLE"'


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("pack.toml", "few_weeks_days = 21", "few_weeks_days = 22", "few_weeks_days"),
        ("pack.toml", "few_weeks_days = 21", "few_week_days = 21", "few_week_days"),
        ("pack.toml", "fever_c = 38.0", "fever_c = 38.5", "fever_c"),
        (EMERGENCY, 'codes = ["S-SADDLE"]', 'codes = ["S-SADLE"]', "unknown symptom: 'S-SADLE'"),
        (EMERGENCY, 'attr = "new_or_changed"', 'attr = "new"', "unknown attribute new"),
        (EMERGENCY, "one_of = [true]", 'one_of = ["true"]', "value of new_or_changed"),
        (EMERGENCY, 'one_of = ["half_body"]', 'one_of = ["half"]', "extent of S-NUMB-LEG: 'half'"),
        (EMERGENCY, '"recent_pain_days"', '"recent_days"', "unknown constant recent_days"),
        (EMERGENCY, 'sites = ["back", "leg"]', 'sites = ["spine"]', "unknown site: 'spine'"),
        (EMERGENCY, 'any_of = ["cancer"]', 'any_of = ["tumour"]', "unknown history item"),
        (EMERGENCY, 'rule = "RF-INF-KNEE"', 'rule = "RF-INF-HIP"', "unknown rule RF-INF-HIP"),
        (EMERGENCY, 'rule = "RF-INF-KNEE"', 'rule = "RF-SEPSIS-KNEE"', "RF-SEPSIS-KNEE"),
        (EMERGENCY, 'id = "RF-PE"', 'id = "SD-PE"', "does not fit the level"),
        (EMERGENCY, 'id = "RF-PE"', 'id = "RF-ALI"', "RF-ALI: defined twice"),
        (EMERGENCY, 'clears = "clinician"', 'clears = "condition"', "closed by a clinician"),
        (EMERGENCY, 'level = "emergency_now"', 'level = "routine"', "does not belong in"),
        (EMERGENCY, 'references = ["N22"]', 'reference = ["N22"]', "reference"),
        (EMERGENCY, 'is = "reported"', 'is = "told"', "told"),
        (ROUTINE, 'facts = ["A-CMP-03"]', "facts = []", "RT-DATA-GAP: no source"),
        (EMERGENCY, SADDLE, SADDLE.replace("false", "true"), "one that does not"),
        (TREND, 'function = "severe_most_days"', 'function = "severe_days"', "unknown function"),
        (TREND, '"severe_recent_min"', '"severe_min"', "unknown constant severe_min"),
        (TREND, 'is = "window"', 'is = "pain", sites = [], within = "data_gap_days"', "judges none"),
        ("texts.en.toml", "[rules.RT-NIGHT]", "[rules.RT-NIGHTS]", "RT-NIGHT has a rule or a text"),
        ("texts.en.toml", "Call {emergency_number}", "Call {ambulance}", "unknown placeholder"),
        ("texts.en.toml", "Call {emergency_number}", "Call {emergency_number", "unknown placeholder"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_and_named(
    edit: Edit, file: str, old: str, new: str, complaint: str
) -> None:
    with pytest.raises(PackError, match=re.escape(complaint)):
        load_pack(edit(file, old, new))


def test_a_pack_without_english_is_refused(edit: Edit) -> None:
    folder = edit("pack.toml", "release", "release")
    (folder / "texts.en.toml").rename(folder / "texts.de.toml")
    with pytest.raises(PackError, match=r"texts\.en\.toml is missing"):
        load_pack(folder)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"pack\.toml"):
        load_pack(tmp_path)


def test_messages_name_the_numbers_of_the_country() -> None:
    for rule in PACK.rules.values():
        message = PACK.message(rule.id, emergency_number="995", urgent_number="118")
        assert "{" not in message
        if rule.level == "emergency_now":
            assert "995" in message, rule.id


def test_a_country_without_an_urgent_number_is_told_whom_to_contact() -> None:
    late = PACK.message("RF-CES-SADDLE", emergency_number="112", late=True)
    assert PACK.texts["en"].urgent_contact in late


def test_a_language_without_texts_reads_english() -> None:
    assert PACK.text("RF-PE", "xx") == PACK.text("RF-PE", "en")


@pytest.mark.parametrize("rule", PACK.rules.values(), ids=PACK.rules)
def test_a_patient_reads_neither_a_diagnosis_nor_a_dose(rule: object) -> None:
    text = PACK.text(rule.id)  # type: ignore[attr-defined]
    forbidden = (
        r"(?i)\byou (have|suffer)\b|diagnos|\bmg\b|cauda|sepsis|thrombosis|stroke|tumou?r|fracture"
    )
    assert not re.search(forbidden, f"{text.title} {text.message}")


def test_the_discreet_rule_does_not_name_what_it_is_about() -> None:
    text = PACK.text("RF-CES-SEXUAL")
    assert not re.search(r"(?i)sex|erect|genital|orgasm", f"{text.title} {text.message}")
