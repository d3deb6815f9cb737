"""One patient's trends are judged more strictly, and never less."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.accounts.models import AuditEvent, Patient, User
from exercises.triage.levels import Level
from exercises.triage.models import Alert, ThresholdSet
from exercises.triage.rules.engine import evaluate
from exercises.triage.rules.pack import default_pack
from exercises.triage.rules.record import Record
from exercises.triage.thresholds.offered import flaws, offered, tighter
from exercises.triage.thresholds.packs import KEPT, judged, uses
from tests.client import ApiClient
from tests.exercises.triage.diary import Diary, at
from tests.exercises.triage.rules.making import pain, record, symptom
from tests.exercises.triage.rules.test_properties import records

Api = Callable[[User | Patient | None], ApiClient]
SetClock = Callable[[datetime], None]
CONSTANTS = default_pack().constants
OFFERED = offered(CONSTANTS)
LONE = {"values": {"few_weeks_days": 14}, "reason": "lives alone"}


def path(patient: Patient) -> str:
    return f"patients/{patient.pk}/thresholds"


def put(doctor: ApiClient, patient: Patient, tag: str = "", **body: Any) -> Any:
    return doctor.put(path(patient), LONE | body, If_Match=tag or doctor.get(path(patient))["ETag"])


@pytest.mark.parametrize("name", OFFERED)
def test_each_number_ends_at_its_default_and_moves_to_one_side_alone(name: str) -> None:
    item = OFFERED[name]
    assert item.default in (item.least, item.most)
    assert item.least < item.most
    assert [*flaws({name: item.least}, CONSTANTS), *flaws({name: item.most}, CONSTANTS)] == []
    outside = [*flaws({name: item.least - 1}, CONSTANTS), *flaws({name: item.most + 1}, CONSTANTS)]
    assert len(outside) == 2
    assert tighter({name: item.default}, CONSTANTS) == {}


def test_no_rule_on_single_reports_reads_anything_else_than_before() -> None:
    reports = [symptom("a", "S-SADDLE"), symptom("b", "S-KNEE-WARM", hours_ago=1)]
    fever = symptom("c", "S-FEVER", felt=True)
    one = record(*reports, fever, scores=[6] * 21, pains=(pain("p", "knee", 8),))
    tightest = {name: _tightest(name) for name in OFFERED}
    before = evaluate(one, default_pack())
    after = judged(one, tightest)
    assert [f for f in after.findings if f.kind != "trend"] == [
        f for f in before.findings if f.kind != "trend"
    ]


@given(records(), st.data())
def test_whatever_is_reported_a_tighter_number_never_lowers_a_level(
    one: Record, data: st.DataObject
) -> None:
    names = data.draw(st.sets(st.sampled_from(sorted(OFFERED)), min_size=1))
    values = {
        name: data.draw(st.integers(OFFERED[name].least, OFFERED[name].most)) for name in names
    }
    before = evaluate(one, default_pack())
    after = judged(one, tighter(values, CONSTANTS))
    assert after.level >= before.level
    for rule in KEPT:
        assert _has(after, rule) == _has(before, rule)


def test_a_finding_names_the_number_that_it_was_judged_by() -> None:
    one = record(scores=[5] * 21)
    assert "SD-PERSIST-3W" not in {f.rule for f in evaluate(one, default_pack()).findings}
    (found,) = (
        f for f in judged(one, {"few_weeks_days": 18}).findings if f.rule == "SD-PERSIST-3W"
    )
    noted = {"what": "threshold", "name": "few_weeks_days", "value": 18, "default": 21}
    assert noted in [match.as_json() for match in found.matched]
    assert "few_weeks_days" in uses("SD-PERSIST-3W")
    assert "severe_from" not in uses("SD-PERSIST-3W")


def test_a_number_counts_at_once_and_the_alert_says_so(
    api: Api, patient: Patient, therapist: User, set_clock: SetClock
) -> None:
    set_clock(at(0, 9))
    diary = Diary(patient)
    diary.pains(0, [5] * 17)
    set_clock(at(16, 18))
    doctor = api(therapist)
    assert not Alert.objects.filter(rule="SD-PERSIST-3W").exists()
    answer = put(doctor, patient)
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    alert = Alert.objects.get(rule="SD-PERSIST-3W")
    assert alert.level == Level.SEE_DOCTOR_SOON
    assert {"what": "threshold", "name": "few_weeks_days", "value": 14, "default": 21} in (
        alert.because["matched"]
    )
    assert put(doctor, patient, values={}, reason="no longer").status_code == 200
    alert.refresh_from_db()
    assert alert.status == "cleared"
    changes = doctor.get(path(patient)).json()["changes"]
    assert [(one["reason"], one["by"]) for one in changes] == [
        ("no longer", "Theo Therapist"), ("lives alone", "Theo Therapist"),
    ]  # fmt: skip
    assert AuditEvent.objects.filter(action="thresholds.set").count() == 2


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"few_weeks_days": 22}, "/values/few_weeks_days"),
        ({"few_weeks_days": 13}, "/values/few_weeks_days"),
        ({"extreme_from": 8}, "/values/extreme_from"),
        ({"few_weeks_days": "14"}, "/values"),
        ({"nothing/of~ours": 1}, "/values/nothing~1of~0ours"),
    ],
)
def test_nothing_looser_nor_past_the_floor_nor_of_a_red_flag_can_be_set(
    api: Api, patient: Patient, therapist: User, values: dict[str, Any], pointer: str
) -> None:
    answer = put(api(therapist), patient, values=values)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)
    assert not ThresholdSet.objects.exists()


def test_an_older_version_is_stale_and_the_same_again_is_harmless(
    api: Api, patient: Patient, therapist: User
) -> None:
    doctor = api(therapist)
    tag = doctor.get(path(patient))["ETag"]
    first, again = put(doctor, patient, tag), put(doctor, patient, tag)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert put(doctor, patient, tag, reason="another").status_code == 412
    assert doctor.put(path(patient), LONE).status_code == 428
    assert put(doctor, patient, reason=" ").json()["errors"][0]["pointer"] == "/reason"
    assert ThresholdSet.objects.count() == 1


def test_a_stranger_finds_nothing(
    api: Api, patient: Patient, therapist: User, stranger: User
) -> None:
    assert api(stranger).get(path(patient)).status_code == 404
    assert api(stranger).put(path(patient), LONE, If_Match='"x"').status_code == 404
    assert api(patient).get(path(patient)).status_code == 403


def _tightest(name: str) -> int:
    item = OFFERED[name]
    return item.least if item.default == item.most else item.most


def _has(evaluation: Any, rule: str) -> bool:
    return rule in {finding.rule for finding in evaluation.findings}
