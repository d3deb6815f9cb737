"""A red flag in a report that is otherwise wrong is kept, judged and answered; and one bad op of a
push harms no other."""

import json
from typing import Any
from uuid import uuid4

from exercises.tracking.models import Fact, Quarantined
from exercises.triage.models import Alert
from tests.hostile import corpus
from tests.hostile.example import DAY, Example
from tests.hostile.mutations import wrong_bodies
from tests.hostile.world import World, taken_back

SADDLE = {"code": "S-SADDLE", "present": True, "attrs": {"onset": "today"}}
REPORT = DAY | {"note": "a note", "symptoms": [SADDLE], "answered_no": ["S-FEVER"]}
RULE = "RF-CES-SADDLE"


def test_a_red_flag_is_judged_however_the_rest_is_wrong(world: World) -> None:
    tried = Example("patient", "")
    for name, body in wrong_bodies(REPORT, tried, set()):
        if "/symptoms" in name and name.count("/") <= 3 and "attrs" not in name:
            continue  # there the symptom itself is gone, or is no longer there
        with taken_back():
            path = f"me/symptom-reports/{uuid4()}"
            answer = world.answer("patient", "PUT", path, body)
            said = json.loads(answer.content)
            if answer.status_code == 201:
                assert "newline" in name, name
            else:
                assert answer.status_code == 400, (name, said)
                assert Quarantined.objects.filter(pk=said["quarantined_id"]).exists(), name
            assert said["advice"]["level"] == "emergency_now", (name, said)
            assert Alert.objects.filter(level=5, status="open").count() == 1, name


def test_a_bad_op_harms_no_other_and_is_kept(world: World) -> None:
    good = [_op("pain_report", DAY | {"site": "knee", "kind": "now", "score": 3}) for _ in range(2)]
    bad = [
        *(5, None, [], "op", {}, [[]], True, {"op_id": 1}),
        *(_op("pain_report", wrong) for wrong in ({}, {"score": corpus.NUL}, {"a": {"b": [{}]}})),
        *(_op("pain_report", DAY | {"note": text}) for text in corpus.BAD_TEXTS.values()),
        *(_op("pain_report", DAY | {"score": number}) for number in corpus.BAD_NUMBERS.values()),
        *(_op(text, {}) for text in ("nonsense", "a" * 32, "../../etc", "fact; DROP TABLE")),
        *(_op("session", {"id": ident}) for ident in corpus.BAD_IDS),
        _op("symptom_report", {"symptoms": [SADDLE], f"a{corpus.NUL}": corpus.LONE_HIGH}),
    ]
    before = Fact.objects.count()
    answer = _push(world, [good[0], *bad, good[1]])
    assert answer.status_code == 200, answer.content
    said = answer.json()
    statuses = [result["status"] for result in said["results"]]
    assert statuses == ["applied", *["quarantined"] * len(bad), "applied"]
    assert all(result["problem"]["code"] for result in said["results"][1:-1])
    assert [item["level"] for item in said["advice"]] == ["emergency_now"]
    assert Fact.objects.count() == before + 2
    again = _push(world, [good[0], *bad, good[1]]).json()
    assert again["results"][0]["status"] == "duplicate"
    assert Fact.objects.count() == before + 2


def _op(kind: str, data: Any) -> dict[str, Any]:
    return {"op_id": f"op-{uuid4()}", "type": kind, "id": str(uuid4()), "data": data}


def _push(world: World, ops: list[Any]) -> Any:
    body = {"device_id": "phone-1", "device_time": "2026-05-04T08:00:00Z", "ops": ops}
    return world.answer("patient", "POST", "sync/push", json.dumps(body).encode())
