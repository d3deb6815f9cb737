"""A red flag is read out of whatever JSON it comes in, and nothing in it can raise."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exercises.triage.levels import Level
from exercises.triage.rules.engine import evaluate
from exercises.triage.rules.pack import default_pack
from exercises.triage.rules.raw import MAX_SYMPTOMS, judge_raw, read_symptoms
from exercises.triage.rules.record import Record, SymptomFact

NOW = datetime(2026, 5, 9, 20, tzinfo=UTC)
PACK = default_pack()
CODES = sorted(PACK.vocabulary.codes)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from([*CODES, "symptoms", "code", "present", "attrs", "occurred_at", "severe"]),
    st.just("9999-12-31T23:59:59-23:00"),
)
keys = st.one_of(
    st.text(max_size=5),
    st.sampled_from(
        ["symptoms", "code", "present", "attrs", "occurred_at", "answered_no", "temp_c"]
    ),
    st.sampled_from(CODES),
)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(keys, inner, max_size=5)),
    max_leaves=25,
)


def read(raw: object) -> tuple[SymptomFact, ...]:
    return read_symptoms(raw, source_id="r", received_at=NOW, vocabulary=PACK.vocabulary)


def codes(raw: object) -> list[str]:
    return [fact.code for fact in read(raw)]


def judge(raw: object) -> set[str]:
    record = Record(now=NOW, today=NOW.date(), plan_start=date(2026, 5, 4))
    evaluation = judge_raw(raw, record=record, source_id="r", pack=PACK)
    return {finding.key for finding in evaluation.findings}


@given(anything)
@example([[[[[[[[[[[[[[[[{"code": "S-SADDLE"}]]]]]]]]]]]]]]]])
def test_nothing_that_is_json_raises(raw: object) -> None:
    for fact in read(raw):
        assert fact.code in PACK.vocabulary.codes
    judge(raw)


def test_a_number_too_long_to_print_is_unknown() -> None:
    raw = {"symptoms": [{"code": "S-FEVER", "attrs": {"temp_c": 10**5000}}]}
    assert judge(raw) == {"RT-FEVER-ALONE:r"}


@pytest.mark.parametrize(
    "raw",
    [
        {"symptoms": [{"code": "S-SADDLE", "present": True}]},
        {"symptoms": [{"code": "S-SADDLE"}]},
        {"symptoms": [{"code": " s-saddle ", "present": "false"}]},
        {"symptoms": [{"code": "S_SADDLE", "present": 0, "attrs": "new"}]},
        {"symptoms": [{"code": "S-SADDLE", "attrs": {"new_or_changed": "false"}}]},
        {"symptoms": {"code": "S-SADDLE"}},
        {"symptoms": ["S-SADDLE"]},
        {"symptoms": {"S-SADDLE": True}},
        {"symptoms": {"S-SADDLE": {"present": True}}},
        [{"code": "S-SADDLE"}],
        {"data": {"symptoms": [{"code": "S-SADDLE"}]}, "occurred_at": 7},
    ],
)
def test_a_red_flag_in_a_broken_report_is_judged(raw: object) -> None:
    assert judge(raw) == {"RF-CES-SADDLE:r"}


@pytest.mark.parametrize(
    "raw",
    [
        {"symptoms": [{"code": "S-SADDLE", "present": False}]},
        {"symptoms": {"S-SADDLE": {"present": False}}},
        {"symptoms": {"S-SADDLE": False}},
        {"answered_no": ["S-SADDLE"], "symptoms": []},
        {"note": "S-SADDLE"},
        {"symptoms": [{"code": "S-SADDLES"}]},
        "S-SADDLE",
        None,
    ],
)
def test_what_is_denied_or_only_mentioned_is_not_reported(raw: object) -> None:
    assert codes(raw) == []


def test_known_attributes_are_kept_beside_wrong_ones() -> None:
    attrs: dict[str, Any] = {"new_or_changed": False, "colour": "blue", "onset": 3}
    raw = {"symptoms": [{"code": "S-BLADDER-INCONT", "attrs": attrs}]}
    assert judge(raw) == {"RT-KNOWN:r"}


def test_one_wrong_symptom_does_not_hide_the_next() -> None:
    raw = {"symptoms": [{"code": 5}, None, {"code": "S-CHEST-PAIN"}, {"code": "S-RIGORS"}]}
    assert codes(raw) == ["S-CHEST-PAIN", "S-RIGORS"]


def test_the_number_of_symptoms_read_is_bounded() -> None:
    assert len(read({"symptoms": ["S-SADDLE"] * 10_000})) == MAX_SYMPTOMS


def test_the_time_of_the_report_is_kept_where_it_is_clear() -> None:
    raw = {"occurred_at": "2026-05-08T06:00:00+09:00", "symptoms": ["S-SADDLE"]}
    fact = read(raw)[0]
    assert fact.occurred_at == datetime(2026, 5, 7, 21, tzinfo=UTC)
    assert fact.local_date == date(2026, 5, 8)


@pytest.mark.parametrize(
    "when", ["2026-05-08T06:00:00", "yesterday", 12, None, "0001-01-01T00:00:00+00:00"]
)
def test_an_unclear_time_is_the_time_of_receipt(when: object) -> None:
    assert read({"occurred_at": when, "symptoms": ["S-SADDLE"]})[0].occurred_at == NOW


def test_a_clock_far_ahead_does_not_move_a_report_into_the_future() -> None:
    raw = {"occurred_at": "2031-01-01T00:00:00Z", "symptoms": ["S-SADDLE"]}
    assert read(raw)[0].occurred_at == NOW + timedelta(days=1)


def test_a_broken_report_is_judged_together_with_what_is_known() -> None:
    fever = SymptomFact("f", 0, "S-FEVER", True, {"temp_c": 38.4}, NOW, NOW.date(), NOW)
    record = Record(now=NOW, today=NOW.date(), plan_start=NOW.date(), symptoms=(fever,))
    evaluation = judge_raw({"symptoms": ["S-KNEE-RED"]}, record=record, source_id="r", pack=PACK)
    assert {finding.key for finding in evaluation.findings} == {"RF-INF-KNEE:f"}
    assert evaluation.level is Level.URGENT_SAME_DAY
    assert evaluate(record, PACK).level is Level.ROUTINE
