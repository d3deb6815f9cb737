"""What the server could not accept is kept, listed, and put right or given up by the patient."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import AuditEvent, Patient, User
from exercises.tracking.models import Fact, Quarantined
from exercises.triage.models import Alert
from tests.client import ApiClient
from tests.exercises.sync.conftest import new_id
from tests.exercises.sync.pushing import VISIT, op, push, results, statuses

Api = Callable[[User | Patient | None], ApiClient]
Make = Callable[..., dict[str, Any]]


def rejected(phone: ApiClient, bad: dict[str, Any]) -> str:
    """The id under which a bad op is kept."""
    (result,) = results(push(phone, bad))
    assert result["status"] == "quarantined"
    found: str = result["problem"]["rejection"]
    return found


def test_a_rejection_is_listed_as_it_was_sent_and_repaired_under_its_own_id(
    api: Api, settled: Patient, pain: Make
) -> None:
    phone, bad = api(settled), op("pain_report", pain(score=99))
    rejection = rejected(phone, bad)
    (listed,) = phone.get("sync/rejections").json()["items"]
    assert listed["data"] == bad["data"]
    assert (listed["object"], listed["op_id"], listed["type"]) == (
        bad["id"],
        bad["op_id"],
        "pain_report",
    )
    path = f"sync/rejections/{rejection}/repair"
    done = phone.post(path, {"data": pain(score=9)})
    assert (done.status_code, done.json()["status"], done.json()["id"]) == (
        200,
        "applied",
        bad["id"],
    )
    assert Fact.objects.get(id=bad["id"]).data["score"] == 9
    assert phone.get("sync/rejections").json()["items"] == []
    again = phone.post(path, {"data": pain(score=9)})
    assert (again.status_code, again.json()["status"]) == (200, "duplicate")
    assert statuses(push(phone, bad)) == ["discarded"]
    assert AuditEvent.objects.filter(action="rejection.repaired").count() == 1


def test_what_contradicts_a_known_id_is_repaired_under_a_new_one(
    api: Api, settled: Patient, pain: Make
) -> None:
    phone, first = api(settled), op("pain_report", pain(score=1))
    push(phone, first)
    rejection = rejected(phone, first | {"data": pain(score=2)})
    path, data = f"sync/rejections/{rejection}/repair", pain(score=2)
    taken = phone.post(path, {"data": data})
    assert (taken.status_code, taken.json()["code"]) == (409, "different_content")
    assert phone.post(path, {"data": data, "id": new_id()}).json()["status"] == "applied"
    assert phone.post(path, {"data": data, "id": new_id()}).json()["code"] == "settled"


def test_an_unknown_type_and_a_document_can_be_repaired(api: Api, settled: Patient) -> None:
    phone, bad = api(settled), op("appointment", VISIT)
    rejection = rejected(phone, bad)
    done = phone.post(f"sync/rejections/{rejection}/repair", {"data": VISIT, "type": "visit"})
    assert done.json()["status"] == "applied"
    assert phone.get(f"me/visits/{bad['id']}").status_code == 200
    edit = {"data": VISIT | {"planned_on": "2026-06-01"}, "type": "visit"}
    other = rejected(phone, op("visit", VISIT | {"state": "dreamt"}, id=bad["id"]))
    lost = phone.post(f"sync/rejections/{other}/repair", edit)
    assert (lost.status_code, lost.json()["current"]["planned_on"]) == (409, "2026-05-20")
    won = phone.post(f"sync/rejections/{other}/repair", edit | {"base_rev": done.json()["rev"]})
    assert won.json()["status"] == "applied"


def test_a_repair_that_is_wrong_again_says_what_is_wrong(
    api: Api, settled: Patient, pain: Make, symptom: Make
) -> None:
    phone = api(settled)
    rejection = rejected(phone, op("pain_report", pain(score=99)))
    path = f"sync/rejections/{rejection}/repair"
    wrong = phone.post(path, {"data": pain(score=98)})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (400, "/data/score")
    assert Quarantined.objects.count() == 1
    flag = {"data": symptom("S-SADDLE") | {"tz": "nowhere"}, "type": "symptom_report"}
    judged = phone.post(path, flag)
    assert (judged.status_code, judged.json()["advice"]["level"]) == (400, "emergency_now")
    assert phone.post(path, {"data": []}).status_code == 400
    assert phone.post(path).status_code == 400


def test_a_discarded_red_flag_leaves_the_list_and_stays_on_record(
    api: Api, settled: Patient, symptom: Make
) -> None:
    phone, bad = api(settled), op("symptom_report", symptom("S-SADDLE") | {"tz": "nowhere"})
    rejection = rejected(phone, bad)
    for _ in range(2):
        assert phone.post(f"sync/rejections/{rejection}/discard").status_code == 204
    assert phone.get("sync/rejections").json()["items"] == []
    assert Quarantined.objects.get(pk=rejection).discarded_at is not None
    alert = Alert.objects.get()
    assert (alert.status, alert.review_open) == ("open", True)
    again = push(phone, bad)
    assert statuses(again) == ["discarded"]
    assert again.json()["advice"][0]["level"] == "emergency_now"
    assert phone.post(
        f"sync/rejections/{rejection}/repair", {"data": symptom("S-SADDLE")}
    ).json()["code"] == "settled"  # fmt: skip


def test_a_repaired_red_flag_keeps_its_one_alert(api: Api, settled: Patient, symptom: Make) -> None:
    phone, bad = api(settled), op("symptom_report", symptom("S-SADDLE") | {"tz": "nowhere"})
    rejection = rejected(phone, bad)
    done = phone.post(f"sync/rejections/{rejection}/repair", {"data": symptom("S-SADDLE")})
    assert done.json()["advice"]["level"] == "emergency_now"
    assert Alert.objects.filter(rule="RF-CES-SADDLE").count() == 1
    assert phone.post(f"sync/rejections/{rejection}/discard").json()["code"] == "settled"


@pytest.mark.parametrize("verb", ["repair", "discard"])
def test_a_strangers_rejection_is_not_there(
    api: Api, settled: Patient, other_patient: Patient, therapist: User, pain: Make, verb: str
) -> None:
    rejection = rejected(api(settled), op("pain_report", pain(score=99)))
    path, body = f"sync/rejections/{rejection}/{verb}", None if verb == "discard" else {"data": {}}
    assert api(other_patient).post(path, body).status_code == 404
    assert api(therapist).post(path, body).status_code == 403
    assert api(None).post(path, body).status_code == 401
    assert api(other_patient).get("sync/rejections").json()["items"] == []
    assert Quarantined.objects.get().is_settled is False


def test_rejections_come_in_pages_with_a_bounded_number_of_queries(
    api: Api, settled: Patient
) -> None:
    phone = api(settled)
    push(phone, *(op("mood", {"is": number}) for number in range(30)))
    with CaptureQueriesContext(connection) as captured:
        first = phone.get("sync/rejections?limit=20").json()
    assert len(captured) <= 6
    rest = phone.get(f"sync/rejections?limit=20&cursor={first['next_cursor']}").json()
    assert [item["data"]["is"] for item in first["items"] + rest["items"]] == [*range(30)]
    assert rest["next_cursor"] is None
