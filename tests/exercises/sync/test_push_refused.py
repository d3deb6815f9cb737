"""Pushes and ops that are not as they should be: named, kept, judged, and in nobody's way."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.db import DataError, OperationalError

from backend.accounts.models import Patient, User
from exercises.sync.services import at_once
from exercises.tracking.models import Fact, Quarantined
from exercises.triage import services as triage
from exercises.triage.models import Alert
from tests.client import ApiClient
from tests.exercises.sync.conftest import new_id
from tests.exercises.sync.pushing import op, push, results, statuses

Api = Callable[[User | Patient | None], ApiClient]
Make = Callable[..., dict[str, Any]]


def test_one_bad_op_in_five_hundred_keeps_no_other_out(
    api: Api, settled: Patient, pain: Make
) -> None:
    ops: list[Any] = [op("pain_report", pain(score=index % 11)) for index in range(499)]
    ops.insert(250, op("pain_report", pain(score=99)))
    answer = push(api(settled), *ops)
    assert statuses(answer).count("applied") == 499
    bad = results(answer)[250]
    assert bad["status"] == "quarantined"
    assert [error["pointer"] for error in bad["problem"]["errors"]] == ["/data/score"]
    kept = Quarantined.objects.get(pk=bad["problem"]["rejection"])
    assert (str(kept.fact_id), kept.judged) == (ops[250]["id"], False)


@pytest.mark.parametrize(
    "bad",
    [
        None,
        5,
        "text",
        [],
        {},
        {"op_id": "a"},
        {"op_id": 7, "type": "pain_report", "id": "x", "data": {}},
        {"op_id": "a", "type": ["x"], "id": {}, "data": []},
        {
            "op_id": "a\u0000",
            "type": "pain_report\ud800",
            "id": new_id(),
            "data": {"note": "\ud800"},
        },
        {"op_id": "a", "type": "pain_report", "id": new_id(), "data": {}, "surprise": 1},
        {"op_id": "a", "type": "pain_report", "id": new_id(), "data": {}, "base_rev": -1},
        {"op_id": "a", "type": "unheard_of", "id": new_id(), "data": {"x": 10**30}},
    ],
)
def test_whatever_an_op_is_it_gets_a_result_by_its_place_and_is_kept(
    api: Api, settled: Patient, pain: Make, bad: Any
) -> None:
    phone = api(settled)
    answer = push(phone, op("pain_report", pain()), bad, op("pain_report", pain()))
    assert statuses(answer) == ["applied", "quarantined", "applied"]
    listed = phone.get("sync/rejections").json()["items"]
    assert [item["id"] for item in listed] == [results(answer)[1]["problem"]["rejection"]]
    assert phone.get("sync/pull").status_code == 200
    assert statuses(push(phone, bad)) == ["quarantined"]
    assert Quarantined.objects.count() == 1


def test_a_red_flag_is_judged_whatever_is_wrong_with_its_op(
    api: Api, settled: Patient, symptom: Make
) -> None:
    said, flagged = symptom("S-SADDLE"), {"answers": {"red_flags": ["S-SADDLE"], "age": 999}}
    for number, wrong in enumerate(
        [
            op("symptom_report", said | {"tz": "nowhere"}),
            op("symptom-report", said),
            op("symptom_report", said, id="no id"),
            {"symptoms": ["S-SADDLE"]},
            op("intake", flagged, id=str(settled.pk), base_rev=settled.intake.rev),
        ]
    ):
        answer = push(api(settled), wrong)
        assert statuses(answer) == ["quarantined"], number
        assert answer.json()["advice"][0]["level"] == "emergency_now"
        assert answer.json()["advice"][0]["ops"] == [0]
    assert Alert.objects.filter(rule="RF-CES-SADDLE").exists()


def test_a_poisonous_op_is_kept_and_the_others_come_in(
    api: Api, settled: Patient, pain: Make
) -> None:
    poison = op("pain_report", pain(note="poison"))

    def unless_poisoned(real: Callable[..., Any]) -> Callable[..., Any]:
        def judge(**arguments: Any) -> Any:
            if any(fact.data.get("note") == "poison" for fact in arguments["fresh"]):
                raise DataError
            return real(**arguments)

        return judge

    with (
        patch.object(triage, "judge", unless_poisoned(triage.judge)),
        patch.object(at_once, "foresee", unless_poisoned(at_once.foresee)),
    ):
        answer = push(api(settled), op("pain_report", pain()), poison, op("pain_report", pain()))
    assert statuses(answer) == ["applied", "quarantined", "applied"]
    assert results(answer)[1]["problem"]["code"] == "internal"


@pytest.mark.parametrize("failure", [DataError, OperationalError])
def test_a_red_flag_that_cannot_be_judged_is_never_answered_as_if_it_were(
    api: Api, settled: Patient, symptom: Make, failure: type[Exception]
) -> None:
    phone, flag = api(settled), op("symptom_report", symptom("S-SADDLE"))
    with patch.object(triage, "judge", side_effect=failure):
        answer = push(phone, flag)
    assert (answer.status_code, answer.json()["retry"]) == (500, "later")
    assert push(phone, flag).json()["advice"][0]["level"] == "emergency_now"


def test_a_stranger_cannot_push_and_nobody_into_anothers_record(
    api: Api, settled: Patient, other_patient: Patient, therapist: User, pain: Make
) -> None:
    report = op("pain_report", pain(score=4))
    assert push(api(None), report).status_code == 401
    assert push(api(therapist), report).status_code == 403
    push(api(settled), report)
    assert statuses(push(api(other_patient), report | {"data": pain(score=7)})) == ["applied"]
    assert Fact.objects.get(patient=settled, type="pain_report").data["score"] == 4


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"device_id": ""}, "/device_id"),
        ({"device_id": "a b"}, "/device_id"),
        ({"device_time": "2026-05-04T08:00:00"}, "/device_time"),
        ({"ops": {}}, "/ops"),
        ({"surprise": 1}, "/surprise"),
    ],
)
def test_an_envelope_in_a_wrong_form_is_named(
    api: Api, settled: Patient, change: dict[str, Any], pointer: str
) -> None:
    answer = push(api(settled), **change)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_more_than_five_hundred_ops_are_too_many(api: Api, settled: Patient) -> None:
    answer = push(api(settled), *range(501))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_ops")
    assert statuses(push(api(settled))) == []
