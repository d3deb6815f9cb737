"""A phone pulls its record, page by page, and knows when its copy is right."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.models import ForeignKey, Model
from django.test.utils import CaptureQueriesContext

from backend.accounts import consents
from backend.accounts.consent_texts import consent_texts
from backend.accounts.models import Patient, Scope, User
from exercises.plans.models import Flare, RecoveryPlan
from exercises.sync import feed
from exercises.tracking.models import Fact
from exercises.triage import services as triage
from exercises.triage.models import Alert
from tests.client import ApiClient
from tests.exercises.sync.conftest import new_id
from tests.exercises.sync.pushing import op, push
from tests.phones import NoAnswer, Phone, Store, in_process

Api = Callable[[User | Patient | None], ApiClient]
Make = Callable[..., dict[str, Any]]

# Every model that hangs on a patient is in the feed, or stands here with the reason why not.
NOT_IN_THE_FEED = {
    "accounts.CalledIn": "who may help out for a week, as an alert had it",
    "accounts.CareRelationship": "served by /me; its names are other people's",
    "accounts.Consent": "served by /me/consents; a change starts every phone over",
    "conversation.CareNote": "the care team's own notes; her export has them",
    "notifications.Attempt": "the log of a delivery, under /me/notifications",
    "notifications.Delivery": "the log of a message, under /me/notifications",
    "notifications.Message": "the inbox, under /me/notifications",
    "notifications.RelayTrouble": "what the relay could not turn into messages, for operators",
    "plans.Flare": "part of the plan",
    "plans.PhaseChange": "part of the plan",
    "plans.PlanOrder": "a therapist's reasons; what they led to is in the plan",
    "plans.PlanPause": "part of the plan",
    "plans.PrescriptionOrder": "a therapist's reasons; what they led to is in the prescriptions",
    "reports.BriefLink": "served by /me/brief/links",
    "reports.BriefQuestions": "served by /me/brief/questions",
    "reports.Export": "served by /me/exports",
    "sync.Device": "served by /sync/status",
    "sync.Holding": "the checksum of the record",
    "sync.Screen": "what /me/today last answered",
    "sync.DocumentVersion": "the history of documents, kept for the record",
    "tracking.DayPain": "computed from the facts",
    "triage.AlertEvent": "the log of an alert, for messages",
    "triage.DoseCourse": "computed from the sessions",
    "triage.KnownStable": "a clinician's word; without it a phone alerts more, never less",
    "triage.NextEvaluation": "the scheduler's",
    "triage.PanelSummary": "computed from the record, for the panel",
    "triage.ThresholdSet": "a clinician's numbers; a phone judges by the rules' own, never less",
    "triage.VisitVersion": "the history of a visit, kept for the record",
}


def pulled(phone: ApiClient, query: str = "") -> dict[str, Any]:
    answer = phone.get(f"sync/pull{query}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_everything_that_belongs_to_a_patient_is_in_the_feed_or_excluded_with_a_reason() -> None:
    served = {source.rows(new_id_as_uuid()).model._meta.label for source in feed.registered()}
    hers = {model._meta.label for model in apps.get_models() if _belongs_to_a_patient(model)}
    ours = {label for label in hers if label.split(".")[0] in _our_labels()}
    assert ours - served == NOT_IN_THE_FEED.keys() & ours
    assert ours - served - NOT_IN_THE_FEED.keys() == set()
    assert served & NOT_IN_THE_FEED.keys() == set()


def test_a_phone_pulls_page_by_page_and_its_checksum_is_the_servers(
    api: Api, settled: Patient, pain: Make, symptom: Make
) -> None:
    client = api(settled)
    push(client, *(op("pain_report", pain()) for _ in range(25)))
    push(client, op("symptom_report", symptom("S-SADDLE")), op("mood", {}))
    phone = Phone(Store(device_id="one"), in_process(client), page=7)
    phone.pull()
    kinds = {entity for entity, _ in phone.store.objects}
    assert kinds >= {
        "profile", "intake", "plan", "prescription", "pain_report", "symptom_report", "alert",
        "prompt", "rejection",
    }  # fmt: skip
    whole = pulled(client, "?limit=1000")
    assert whole["more"] is False
    assert whole["checksum"] == phone.store.checksum()
    revs = [change["rev"] for change in whole["changes"]]
    assert revs == sorted(set(revs))
    later = pulled(client, f"?cursor={whole['cursor']}")
    assert (later["changes"], later["more"], later["checksum"]) == ([], False, whole["checksum"])


def test_a_fact_is_pulled_as_it_is_served_alone(api: Api, settled: Patient, pain: Make) -> None:
    client, form = api(settled), {"instrument": "GROC", "version": "1", "answers": {"change": 2}}
    moment = {name: pain()[name] for name in ("occurred_at", "tz", "local_date")}
    report, answers = op("pain_report", pain(note='"é"')), op("questionnaire", moment | form)
    push(client, report, answers, op("retraction", moment | {"target": report["id"]}))
    held = {change["id"]: change["data"] for change in pulled(client)["changes"]}
    assert held[report["id"]] == client.get(f"me/pain-reports/{report['id']}").json()
    served = client.get(f"me/questionnaires/{answers['id']}").json()
    served.pop("licence")
    assert held[answers["id"]] == served


def test_a_retracted_fact_stays_and_says_so_and_a_settled_rejection_is_a_tombstone(
    api: Api, settled: Patient, pain: Make
) -> None:
    client, report = api(settled), op("pain_report", pain())
    first = pulled(client)["cursor"]
    answer = push(client, report, op("pain_report", pain(score=99)))
    rejection = answer.json()["results"][1]["problem"]["rejection"]
    second = pulled(client, f"?cursor={first}")["cursor"]
    push(
        client, op("retract", {"occurred_at": "2026-05-04T08:00:00Z", "tz": "UTC"}, id=report["id"])
    )
    client.post(f"sync/rejections/{rejection}/discard")
    changes = {change["id"]: change for change in pulled(client, f"?cursor={second}")["changes"]}
    assert changes[report["id"]]["op"] == "upsert"
    assert "retracted_by" in changes[report["id"]]["data"]
    assert (changes[rejection]["op"], "data" in changes[rejection]) == ("tombstone", False)


def test_a_plan_is_pulled_with_its_pause_and_its_flare(
    api: Api, settled: Patient, symptom: Make
) -> None:
    client = api(settled)
    cursor = pulled(client)["cursor"]
    push(client, op("symptom_report", symptom("S-SADDLE")))
    (plan,) = (
        c["data"] for c in pulled(client, f"?cursor={cursor}")["changes"] if c["entity"] == "plan"
    )
    assert (plan["state"], plan["pause_reasons"]) == ("paused", ["alert"])
    assert [change["cause"] for change in plan["changes"]] == ["start"]
    assert not Flare.objects.exists()


@pytest.mark.parametrize("change", ["restored", "consent_changed", "ahead", "unreadable"])
def test_a_cursor_that_is_no_longer_good_is_gone_with_its_reason(
    api: Api, settled: Patient, now: datetime, change: str
) -> None:
    client = api(settled)
    cursor = pulled(client)["cursor"]
    if change == "restored":
        call_command("new_sync_epoch")
    elif change == "consent_changed":
        consents.answer(
            patient_id=settled.pk,
            scope=Scope.DIARY,
            granted=True,
            text_version=consent_texts()[Scope.DIARY].version,
            now=now,
        )
    elif change == "ahead":
        Patient.objects.filter(pk=settled.pk).update(rev=1)
    else:
        cursor = cursor[:-2] + "xx"
    answer = client.get(f"sync/pull?cursor={cursor}")
    assert (answer.status_code, answer.json()["reason"]) == (410, change)
    assert client.get("sync/pull").status_code == 200


def test_anothers_cursor_is_no_cursor_of_mine(
    api: Api, settled: Patient, other_patient: Patient
) -> None:
    cursor = pulled(api(settled))["cursor"]
    answer = api(other_patient).get(f"sync/pull?cursor={cursor}")
    assert (answer.status_code, answer.json()["reason"]) == (410, "unreadable")
    hers = {change["id"] for change in pulled(api(settled))["changes"]}
    assert hers.isdisjoint({change["id"] for change in pulled(api(other_patient))["changes"]})


def test_a_stranger_cannot_pull(api: Api, settled: Patient, therapist: User) -> None:
    assert api(None).get("sync/pull").status_code == 401
    assert api(therapist).get("sync/pull").status_code == 403
    assert api(None).get("sync/status").status_code == 401
    assert api(therapist).get("sync/status").status_code == 403


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "device_id=a%20b", "x=1"])
def test_a_query_in_a_wrong_form_is_named(api: Api, settled: Patient, query: str) -> None:
    answer = api(settled).get(f"sync/pull?{query}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_a_pull_costs_a_bounded_number_of_queries(api: Api, settled: Patient, pain: Make) -> None:
    client = api(settled)

    def queries(query: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            pulled(client, query)
        return len(captured)

    queries("")
    few = queries("")
    push(client, *(op("pain_report", pain()) for _ in range(200)))
    assert queries("") <= few + 5  # the facts, and what they add up to, once
    assert queries("") <= few + 1  # the facts
    cursor = pulled(client)["cursor"]
    assert queries(f"?cursor={cursor}") == 1


def test_a_changed_profile_and_a_therapists_order_are_pulled(
    api: Api, settled: Patient, therapist: User, now: datetime
) -> None:
    client = api(settled)
    first = pulled(client)["cursor"]
    tag = client.get("me")["ETag"]
    client.patch("me", {"name": "Ada"}, If_Match=tag)
    from exercises.triage.services.plan import Order

    plan = RecoveryPlan.objects.get(patient=settled)
    triage.order_plan(
        patient=settled,
        order=Order(action="hold", reason="wait"),
        base_versions=[plan.version],
        by=therapist,
        now=now,
    )
    changes = {c["entity"]: c["data"] for c in pulled(client, f"?cursor={first}")["changes"]}
    assert changes["profile"]["name"] == "Ada"
    assert (changes["plan"]["held"], changes["plan"]["held_reason"]) == (True, "wait")


def test_what_a_restored_database_has_lost_comes_back_from_the_phone(
    api: Api, settled: Patient, pain: Make, symptom: Make, now: datetime
) -> None:
    client = api(settled)
    calls: list[str] = []

    def call(method: str, path: str, body: dict[str, Any] | None) -> tuple[int, dict[str, Any]]:
        status, answer = in_process(client)(method, path, body)
        calls.append(f"{method} {path.partition('?')[0]} {status}")
        return status, answer

    phone = Phone(Store(device_id="one"), call)
    before = phone.record("pain_report", pain(score=1))
    phone.sync()
    kept = Patient.objects.get(pk=settled.pk).rev
    pulled_back = phone.record("pain_report", pain(score=2))
    flag = phone.record("symptom_report", symptom("S-SADDLE"))
    phone.sync()
    pushed_only = phone.record("pain_report", pain(score=3))
    phone.push()
    waiting = phone.record("pain_report", pain(score=4))
    # The backup knew of nothing after `kept`.
    Alert.objects.filter(patient=settled).delete()
    Fact.objects.filter(patient=settled, rev__gt=kept).delete()
    Patient.objects.filter(pk=settled.pk).update(rev=kept)
    call_command("new_sync_epoch")
    calls.clear()
    phone.sync()
    assert calls.count("GET sync/pull 410") == 1
    ids = {str(fact.id) for fact in Fact.objects.filter(patient=settled)}
    assert {before, pulled_back, flag, pushed_only, waiting} <= ids
    assert Alert.objects.get(patient=settled, status="open").rule == "RF-CES-SADDLE"
    assert not phone.store.outbox
    calls.clear()
    phone.sync()
    assert calls == ["GET sync/pull 200"]


def test_a_phone_that_got_no_answer_sends_the_same_again(
    api: Api, settled: Patient, pain: Make
) -> None:
    client, lost = api(settled), [True]

    def call(method: str, path: str, body: dict[str, Any] | None) -> tuple[int, dict[str, Any]]:
        answer = in_process(client)(method, path, body)
        if lost.pop() if lost else False:
            raise NoAnswer
        return answer

    phone = Phone(Store(device_id="one"), call)
    phone.record("pain_report", pain())
    with pytest.raises(NoAnswer):
        phone.sync()
    phone.edit("visit", new_id(), {"state": "planned", "tz": "UTC", "planned_on": "2026-06-01"})
    phone.sync()
    assert Fact.objects.filter(patient=settled, type="pain_report").count() == 1
    assert not phone.store.outbox


def test_status_can_be_sent_to_support(
    api: Api, settled: Patient, pain: Make, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    client = api(settled)
    push(client, op("pain_report", pain(note="secret")), op("mood", {"note": "secret"}))
    cursor = pulled(client, "?device_id=phone-1")["cursor"]
    set_clock(now + timedelta(hours=1))
    pulled(client, f"?device_id=phone-1&cursor={cursor}")
    status = client.get("sync/status")
    body = status.json()
    assert "secret" not in status.content.decode()
    assert body["pending_rejections"] == 1
    assert body["head"] == Patient.objects.get(pk=settled.pk).rev
    (device,) = body["devices"]
    assert device["device_id"] == "phone-1"
    assert device["pulled_rev"] == body["head"]
    assert body["last_push_at"] == "2026-05-04T08:00:00Z"
    assert body["last_pull_at"] == "2026-05-04T09:00:00Z"


def new_id_as_uuid() -> Any:
    from uuid import uuid4

    return uuid4()


def _our_labels() -> set[str]:
    return {
        "accounts",
        "plans",
        "tracking",
        "triage",
        "sync",
        "notifications",
        "reports",
        "conversation",
    }


def _belongs_to_a_patient(model: type[Model], seen: frozenset[type[Model]] = frozenset()) -> bool:
    """Whether its rows die with a patient's record, by however many steps."""
    if model is Patient:
        return True
    if model in seen or model is User:
        return False
    owners = [
        field.related_model
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and field.remote_field.on_delete.__name__ == "CASCADE"
    ]
    return any(_belongs_to_a_patient(owner, seen | {model}) for owner in owners)
