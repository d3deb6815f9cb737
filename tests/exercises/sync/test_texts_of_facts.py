"""No text gets into a fact that the database could not look into afterwards.

PostgreSQL's `json` takes half of a character and NUL as they are written, and only fails when somebody
asks for a value inside; so they are refused before (`jsonb` refused them by itself).
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import DataError, connection, transaction

from backend.accounts.models import Patient, User
from exercises.tracking.models import Fact
from tests.client import ApiClient
from tests.exercises.sync.conftest import new_id
from tests.exercises.sync.pushing import op, push, statuses

Api = Callable[[User | Patient | None], ApiClient]
Make = Callable[..., dict[str, Any]]

HERE = "HERE"
DONE = {"sets": 1}
# Every place of a fact that takes words, and one for the names of members.
PLACES: dict[str, tuple[str, dict[str, Any]]] = {
    "note": ("pain_report", {"site": "knee", "kind": "now", "score": 1, "note": HERE}),
    "zone": ("pain_report", {"site": "knee", "kind": "now", "score": 1, "tz": HERE}),
    "site": ("pain_report", {"site": HERE, "kind": "now", "score": 1}),
    "member": ("pain_report", {"site": "knee", "kind": "now", "score": 1, HERE: 1}),
    "code": ("symptom_report", {"symptoms": [{"code": HERE, "present": True}]}),
    "attribute": (
        "symptom_report",
        {"symptoms": [{"code": "S-SADDLE", "present": True, "attrs": {"x": HERE}}]},
    ),
    "name of an attribute": (
        "symptom_report",
        {"symptoms": [{"code": "S-SADDLE", "present": True, "attrs": {HERE: 1}}]},
    ),
    "denied": ("symptom_report", {"answered_no": [HERE]}),
    "exercise": ("session", {"items": [{"exercise": HERE, "done": DONE}]}),
    "slot": ("session", {"items": [{"exercise": "EX-01", "slot": HERE, "done": DONE}]}),
    "activity": (
        "questionnaire",
        {"instrument": "PSFS", "version": "1", "answers": {"activities": [{"text": HERE}]}},
    ),
    "ticked": (
        "questionnaire",
        {"instrument": "RMDQ", "version": "1", "answers": {"ticked": [HERE], "submitted": True}},
    ),
    "answer": ("questionnaire", {"instrument": "GROC", "version": "1", "answers": {HERE: 1}}),
}
# Those of them that take any words.
FREE = ("note", "slot", "activity")
TEXTS = ["a\\u0000b", "\\ud800", "\\udfff and more", "\\udfff\\ud800"]


@pytest.mark.parametrize("place", PLACES)
def test_what_no_database_can_look_into_is_not_stored(
    api: Api, settled: Patient, pain: Make, place: str
) -> None:
    phone, (kind, data) = api(settled), PLACES[place]
    moment = {name: pain()[name] for name in ("occurred_at", "tz", "local_date")}
    sent = json.dumps(op(kind, moment | data))
    body = f'{{"device_id": "p", "device_time": "2026-05-04T08:00:00Z", "ops": [{sent}]}}'
    for text in TEXTS:
        answer = phone.post("sync/push", body.replace(HERE, text).encode())
        if answer.status_code != 400:
            assert statuses(answer) == ["quarantined"]
    assert not Fact.objects.exists()
    if place in FREE:
        fine = phone.post("sync/push", body.replace(HERE, "fine").encode())
        assert statuses(fine) == ["applied"]


@pytest.mark.parametrize(
    "more",
    [
        '"score": 1, "score": 2',
        '"score": 1, "note": "one", "n\\u006fte": "two"',
        '"score": 1' + "0" * 400,
        '"score": 1e400',
        '"score": NaN',
    ],
)
def test_what_json_does_not_say_clearly_is_not_stored(
    api: Api, settled: Patient, pain: Make, more: str
) -> None:
    rest = json.dumps({name: value for name, value in pain().items() if name != "score"})
    body = f"{rest[:-1]}, {more}}}".encode()
    assert api(settled).put(f"me/pain-reports/{new_id()}", body).status_code == 400
    assert not Fact.objects.exists()


def test_words_that_only_look_like_it_are_words(api: Api, settled: Patient, pain: Make) -> None:
    note = '\\u0000 \\ud800 \\" \\\\u0000 \u2028 \U0001f9b5 }\n{'
    phone = api(settled)
    assert statuses(push(phone, op("pain_report", pain(note=note)))) == ["applied"]
    assert Fact.objects.get(data__note=note, data__site="knee").data["note"] == note
    pulled = phone.get("sync/pull").json()["changes"]
    assert note in [change["data"].get("note") for change in pulled]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite takes it")
def test_the_orm_refuses_it_as_well(api: Api, settled: Patient, pain: Make) -> None:
    push(api(settled), op("pain_report", pain()))
    with pytest.raises(DataError), transaction.atomic():
        Fact.objects.update(data={"note": "a\u0000b"})
    more = [*Fact.objects.all(), *Fact.objects.all()]
    for place, fact in enumerate(more):
        fact.row, fact.id, fact.rev = None, uuid4(), 1000 + place
        fact.data = {"note": "a\u0000b"}
    with pytest.raises(DataError), transaction.atomic():
        Fact.objects.bulk_create(more)
