"""A phone pushes what waited in its outbox."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Patient, User
from exercises.sync.models import Device, DocumentVersion
from exercises.tracking.models import DayPain, Fact
from exercises.triage.models import Visit
from tests.client import ApiClient
from tests.exercises.sync.conftest import new_id
from tests.exercises.sync.pushing import VISIT, op, push, results, statuses

Api = Callable[[User | Patient | None], ApiClient]
Make = Callable[..., dict[str, Any]]


def test_every_kind_of_fact_comes_in_with_one_push(
    api: Api, settled: Patient, pain: Make, symptom: Make
) -> None:
    moment = {name: pain()[name] for name in ("occurred_at", "tz", "local_date")}
    form = {"instrument": "GROC", "version": "1", "answers": {"change": 2}}
    report = op("pain_report", pain())
    iced = {"modality": "ice", "site": "knee", "minutes": 10, "wrapped": True}
    ops = [
        report,
        op("symptom_report", symptom("S-BUCKLE", present=False)),
        op("session", moment | {"items": [{"exercise": "EX-19"}]}),
        op("home_care", moment | iced),
        op("questionnaire", moment | form),
        op("relief_answer", moment | {"question": "relief_rest", "value": "yes"}),
        op("location", moment | {"most_distal": "knee"}),
        op("retraction", moment | {"target": report["id"]}),
    ]
    answer = push(api(settled), *ops)
    assert statuses(answer) == ["applied"] * 8
    assert [item["index"] for item in results(answer)] == [*range(8)]
    assert [item["op_id"] for item in results(answer)] == [item["op_id"] for item in ops]
    assert Fact.objects.get(id=report["id"]).retracted_by is not None
    assert answer.json()["limits"] == {"max_ops": 500, "max_bytes": 524288, "max_depth": 12}


def test_a_push_sent_again_writes_nothing_and_is_answered_as_before(
    api: Api, settled: Patient, pain: Make, symptom: Make
) -> None:
    phone = api(settled)
    ops = [
        op("pain_report", pain()),
        op("symptom_report", symptom("S-SADDLE")),
        op("symptom_report", symptom("S-SADDLE") | {"tz": "Mars/Olympus"}),
        op("visit", VISIT),
        op("mood", {"is": "fine"}),
        op("retract", {"occurred_at": "2026-05-04T08:00:00Z", "tz": "Europe/Berlin"}),
    ]
    first = push(phone, *ops)
    head = Patient.objects.get(pk=settled.pk).rev
    with CaptureQueriesContext(connection) as captured:
        again = push(phone, *ops)
    assert Patient.objects.get(pk=settled.pk).rev == head
    writes = ("INSERT", "UPDATE", "DELETE")
    assert [query["sql"] for query in captured if query["sql"].startswith(writes)] == []
    said = [
        item | {"status": "duplicate"} for item in results(first) if item["status"] == "applied"
    ]
    assert [item for item in results(again) if item["status"] == "duplicate"] == said
    assert [item for item in results(again) if item["status"] == "quarantined"] == [
        item for item in results(first) if item["status"] == "quarantined"
    ]
    assert again.json()["advice"] == first.json()["advice"] != []


def test_the_same_id_twice_in_a_batch_is_judged_like_two_pushes(
    api: Api, settled: Patient, pain: Make
) -> None:
    report = op("pain_report", pain(score=4))
    other = report | {"data": pain(score=7), "op_id": "other"}
    answer = push(api(settled), report, report, other)
    assert statuses(answer) == ["applied", "duplicate", "quarantined"]
    assert results(answer)[2]["problem"]["code"] == "different_content"
    assert DayPain.objects.get(patient=settled, site="knee").avg24_sum == 4


def test_retractions_and_corrections_act_in_whatever_order_they_come(
    api: Api, settled: Patient, pain: Make
) -> None:
    phone, moment = api(settled), {"occurred_at": "2026-05-04T08:00:00Z", "tz": "Europe/Berlin"}
    first, third = op("pain_report", pain(score=9)), op("pain_report", pain(score=8))
    second = op("pain_report", pain(score=3, amends=first["id"]))
    last = op("pain_report", pain(score=2, amends=second["id"]))
    push(phone, op("retract", moment, id=third["id"]), last)
    push(phone, third, second)
    assert statuses(push(phone, first)) == ["applied"]
    assert DayPain.objects.get(patient=settled, site="knee").avg24_sum == 2
    # Another device withdraws the same report at another moment: that says nothing new.
    later = moment | {"occurred_at": "2026-05-04T09:00:00Z"}
    assert statuses(push(phone, op("retract", later, id=third["id"]))) == ["duplicate"]


def test_a_document_edited_on_an_old_base_loses_is_kept_and_is_told(
    api: Api, settled: Patient
) -> None:
    phone, new = api(settled), op("visit", VISIT)
    rev = results(push(phone, new))[0]["rev"]
    moved = new | {"data": VISIT | {"planned_on": "2026-05-21"}, "base_rev": rev}
    assert statuses(push(phone, moved)) == ["applied"]
    late = new | {"data": VISIT | {"planned_on": "2026-05-22"}, "base_rev": rev}
    (lost,) = results(push(phone, late))
    assert (lost["status"], lost["problem"]["code"]) == ("conflict", "stale")
    assert lost["problem"]["current"]["planned_on"] == "2026-05-21"
    assert str(Visit.objects.get().planned_on) == "2026-05-21"
    assert [row.rev is None for row in DocumentVersion.objects.order_by("id")] == [
        False,
        False,
        True,
    ]
    assert statuses(push(phone, new, moved, late)) == ["duplicate", "duplicate", "conflict"]


def test_profile_and_intake_are_edited_with_their_base(api: Api, settled: Patient) -> None:
    phone, mine = api(settled), str(settled.pk)
    held = {c["entity"]: c for c in phone.get("sync/pull").json()["changes"]}
    profile = op("profile", {"name": "Ada"}, id=mine, base_rev=held["profile"]["rev"])
    intake = op("intake", {"answers": {"age": 50}}, id=mine, base_rev=held["intake"]["rev"])
    assert statuses(push(phone, profile, intake)) == ["applied", "applied"]
    assert phone.get("me").json()["name"] == "Ada"
    assert phone.get("me/intake").json()["answers"]["age"] == 50
    other = op("profile", {"name": "Bea"}, id=mine, base_rev=held["profile"]["rev"])
    wrong = op("profile", {"time_zone": "Mars"}, id=mine, base_rev=held["profile"]["rev"])
    assert statuses(push(phone, other, wrong)) == ["conflict", "conflict"]
    theirs = op("profile", {"name": "Cleo"}, base_rev=1)
    assert statuses(push(phone, theirs)) == ["quarantined"]


def test_a_red_flag_in_an_intake_that_lost_is_judged(api: Api, settled: Patient) -> None:
    late = op("intake", {"answers": {"red_flags": ["S-SADDLE"]}}, id=str(settled.pk), base_rev=1)
    answer = push(api(settled), late)
    assert statuses(answer) == ["conflict"]
    assert answer.json()["advice"][0]["level"] == "emergency_now"


def test_a_wrong_clock_is_recorded_and_no_reason_to_refuse(
    api: Api, settled: Patient, pain: Make
) -> None:
    phone = api(settled)
    answer = push(phone, op("pain_report", pain()), device_time="1970-01-01T00:00:00Z")
    skew = answer.json()["clock_skew_ms"]
    assert skew == 1777881600000
    assert Fact.objects.get(type="pain_report").clock_skew_ms == skew
    assert Device.objects.get(patient=settled).clock_skew_ms == skew
    path = f"me/pain-reports/{new_id()}"
    assert phone.put(path, pain(), X_Device_Time="2026-05-04T08:00:30Z").status_code == 201
    assert Fact.objects.get(id=path.rsplit("/", maxsplit=1)[-1]).clock_skew_ms == -30_000
    path = f"me/pain-reports/{new_id()}"
    assert phone.put(path, pain(), X_Device_Time="half past").status_code == 201
    assert Fact.objects.get(id=path.split("/")[-1]).clock_skew_ms is None


def test_a_hundred_facts_cost_as_many_queries_as_one(
    api: Api, settled: Patient, pain: Make, symptom: Make
) -> None:
    phone = api(settled)

    def queries(number: int) -> int:
        ops = [op("pain_report", pain(score=3)) for _ in range(number)]
        with CaptureQueriesContext(connection) as captured:
            assert set(statuses(push(phone, *ops))) == {"applied"}
        return len(captured)

    queries(1)
    assert queries(1) == queries(10) == queries(100) <= 25
    push(phone, op("symptom_report", symptom("S-SADDLE")))  # its advice goes with every answer
    queries(1)
    assert queries(1) == queries(10) == queries(100) <= 27


def test_all_facts_of_a_push_share_one_transaction_and_have_their_own_revisions(
    api: Api, settled: Patient, pain: Make
) -> None:
    head = Patient.objects.get(pk=settled.pk).rev
    answer = push(api(settled), *(op("pain_report", pain()) for _ in range(20)))
    revs = [item["rev"] for item in results(answer)]
    assert revs == [*range(head + 1, head + 21)]
    assert Patient.objects.get(pk=settled.pk).rev == head + 20


def test_a_device_is_written_down_once_a_minute_at_most(
    api: Api, settled: Patient, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    phone = api(settled)
    push(phone, app_version="1.2.3")
    set_clock(now + timedelta(seconds=30))
    push(phone)
    seen = Device.objects.get(patient=settled)
    assert (seen.last_push_at, seen.app_version) == (now, "1.2.3")
    set_clock(now + timedelta(minutes=2))
    push(phone)
    settled.refresh_from_db()
    assert settled.last_synced_at == now + timedelta(minutes=2)
    for _ in range(25):
        push(phone, device_id=uuid4().hex)
    assert Device.objects.filter(patient=settled).count() == 20
