"""manage.py check_content: one line for each text that must not reach a patient."""

from collections.abc import Iterator
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from msgspec import structs

from exercises.catalog.catalog import Catalog
from exercises.catalog.content import catalog
from exercises.catalog.texts import PatientText
from exercises.triage.management.commands import check_content
from exercises.triage.rules.pack import default_pack


def test_all_texts_are_fit_for_patients() -> None:
    out = StringIO()

    call_command("check_content", stdout=out)

    assert "all fit for patients" in out.getvalue()
    assert "(de, en)" in out.getvalue()


def test_a_bad_text_is_named_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def texts(_: Catalog) -> Iterator[PatientText]:
        yield PatientText("articles", "posture", "Take 400 mg.")

    monkeypatch.setattr(check_content, "patient_texts", texts)
    monkeypatch.setattr(check_content, "rule_texts", lambda _: [])
    err = StringIO()

    with pytest.raises(CommandError, match="1 of 1 texts"):
        call_command("check_content", stdout=StringIO(), stderr=err)

    assert "articles at posture: holds a drug dose" in err.getvalue()


def test_every_rule_is_read_in_every_language_with_its_numbers() -> None:
    texts = [*check_content.rule_texts(default_pack())]
    alarms = {text.id for text in texts if text.is_alarm}

    for language in default_pack().texts:
        seen = {text.id for text in texts if text.language == language}
        assert default_pack().rules.keys() | {"late"} <= seen
    assert not any("{" in text.text for text in texts)
    assert {"RF-CES-BLADDER", "RF-DVT", "late"} <= alarms
    assert alarms.isdisjoint({"PR-FUNC", "RT-FLARE"})


@pytest.mark.parametrize(
    ("file", "name"),
    [("de/symptoms.toml", "S-SADDLE"), ("de/home_care.toml", "timing.too_soon_text")],
)
def test_a_safety_text_that_is_english_alone_is_named_and_fails(
    monkeypatch: pytest.MonkeyPatch, file: str, name: str
) -> None:
    words = catalog().translations["de"]
    questions = {c: w for c, w in words.symptoms.questions.items() if c != name}
    timing = structs.replace(words.home_care.timing, too_soon_text="")
    emptied = {
        "de/symptoms.toml": structs.replace(
            words, symptoms=structs.replace(words.symptoms, questions=questions)
        ),
        "de/home_care.toml": structs.replace(
            words, home_care=structs.replace(words.home_care, timing=timing)
        ),
    }
    lacking = structs.replace(catalog(), translations={"de": emptied[file]})
    monkeypatch.setattr(check_content, "catalog", lambda: lacking)
    err = StringIO()

    with pytest.raises(CommandError, match=r"^[12] of"):
        call_command("check_content", stdout=StringIO(), stderr=err)

    assert f"{file} at {name}: a safety text that is English alone" in err.getvalue()


def test_a_rule_that_speaks_english_alone_is_a_gap() -> None:
    pack = default_pack()
    german = {**pack.texts["de"].rules, "RF-WB": pack.texts["en"].rules["RF-WB"]}
    del german["RF-DVT"]
    texts = {**pack.texts, "de": structs.replace(pack.texts["de"], rules=german)}
    found = {gap.id for gap in check_content.untold_rules(replace(pack, texts=texts))}
    assert found == {"RF-WB", "RF-DVT"}
