"""Therapists order changes of a plan over the API."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import AuditEvent, Patient, User
from exercises.plans.models import PhaseChange, PlanOrder, Prescription, RecoveryPlan
from tests.client import ApiClient
from tests.exercises.triage.diary import DAY, START, Diary, at
from tests.exercises.triage.test_visits import report

Api = Callable[[User | Patient | None], ApiClient]
SetClock = Callable[[datetime], None]
VERBS = ["hold", "release_hold", "advance", "step_back", "pause", "resume"]
WHY = {"reason": "Seen in clinic"}


@pytest.fixture
def diary(patient: Patient, therapist: User) -> Diary:
    return Diary(patient)


@pytest.fixture
def doctor(api: Api, therapist: User) -> ApiClient:
    return api(therapist)


class Orders:
    """Gives orders on the plan as it stands."""

    def __init__(self, doctor: ApiClient, patient: Patient) -> None:
        self.doctor = doctor
        self.path = f"patients/{patient.pk}/plan"

    @property
    def tag(self) -> str:
        return str(self.doctor.get(self.path)["ETag"])

    def give(self, verb: str, tag: str | None = None, **body: Any) -> Any:
        return self.doctor.post(f"{self.path}/{verb}", WHY | body, If_Match=tag or self.tag)


@pytest.fixture
def orders(doctor: ApiClient, patient: Patient, diary: Diary) -> Orders:
    return Orders(doctor, patient)


def test_the_plan_is_shown_with_gate_history_and_tag(
    doctor: ApiClient, orders: Orders, patient: Patient, diary: Diary
) -> None:
    answer = doctor.get(orders.path)
    shown = answer.json()

    assert answer["ETag"] == f'"{diary.plan.pk}-1"'
    assert shown["plan"]["phase"] == "initial"
    assert shown["plan"]["prescriptions"]
    assert shown["gate"]["target"] == "rehab"
    assert {line["code"] for line in shown["gate"]["lines"]} >= {"day", "pain", "no_flare"}
    assert [change["cause"] for change in shown["changes"]] == ["start"]
    assert (shown["orders"], shown["flares"]) == ([], [])
    assert AuditEvent.objects.filter(action="plan.read", patient_id=patient.pk).count() == 1


def test_a_paused_plan_still_shows_the_therapist_its_prescriptions(orders: Orders) -> None:
    shown = orders.give("pause").json()
    assert (shown["plan"]["state"], shown["plan"]["pause_reasons"]) == ("paused", ["therapist"])
    assert shown["plan"]["prescriptions"]


def test_an_order_names_its_version_and_its_reason(doctor: ApiClient, orders: Orders) -> None:
    path, tag = f"{orders.path}/hold", orders.tag

    assert doctor.post(path, WHY).status_code == 428
    assert doctor.post(path, WHY, If_Match='"other-1"').status_code == 412
    assert doctor.post(path, WHY, If_Match=tag.replace("-1", "-2")).status_code == 412
    assert doctor.post(path, {}, If_Match=tag).json()["errors"][0]["pointer"] == "/reason"
    assert doctor.post(path, {"reason": " "}, If_Match=tag).status_code == 400
    assert doctor.post(path, WHY, If_Match=tag).status_code == 200
    assert doctor.post(path, WHY | {"reason": "Other"}, If_Match=tag).status_code == 412


@pytest.mark.parametrize("verb", VERBS)
def test_an_order_given_twice_is_carried_out_once(
    orders: Orders, patient: Patient, verb: str
) -> None:
    first = {"release_hold": "hold", "resume": "pause", "step_back": "advance"}.get(verb)
    if first:
        assert orders.give(first).status_code == 200
    tag = orders.tag
    once, again = orders.give(verb, tag), orders.give(verb, tag)

    assert (once.status_code, again.status_code) == (200, 200), once.json()
    assert once.json() == again.json()
    assert PlanOrder.objects.filter(action=verb).count() == 1
    audited = AuditEvent.objects.filter(action=f"plan.{verb}", patient_id=patient.pk)
    assert audited.count() == 1
    assert once.json()["orders"][0]["action"] == verb
    assert once.json()["orders"][0]["reason"] == WHY["reason"]
    assert once.json()["plan"]["version"] > int(tag.strip('"').rpartition("-")[2])


@pytest.mark.parametrize("verb", VERBS)
def test_who_does_not_care_for_the_patient_finds_nothing(
    api: Api, orders: Orders, patient: Patient, stranger: User, verb: str
) -> None:
    tag, path = orders.tag, f"{orders.path}/{verb}"
    missing = api(stranger).post(f"patients/{uuid4()}/plan/{verb}", WHY, If_Match=tag)
    refused = api(stranger).post(path, WHY, If_Match=tag)

    assert refused.status_code == missing.status_code == 404
    assert refused.json() | {"trace_id": ""} == missing.json() | {"trace_id": ""}
    assert api(patient).post(path, WHY, If_Match=tag).status_code == 403
    assert api(None).post(path, WHY, If_Match=tag).status_code == 401
    assert not PlanOrder.objects.exists()


def test_reading_and_looking_ahead_are_closed_to_strangers(
    api: Api, orders: Orders, patient: Patient, stranger: User
) -> None:
    for path in (orders.path, f"{orders.path}/preview?action=advance"):
        assert api(stranger).get(path).status_code == 404
        assert api(patient).get(path).status_code == 403
        assert api(None).get(path).status_code == 401


def test_without_a_plan_there_is_nothing_to_order(doctor: ApiClient, patient: Patient) -> None:
    for answer in (
        doctor.get(f"patients/{patient.pk}/plan"),
        doctor.post(f"patients/{patient.pk}/plan/hold", WHY, If_Match='"x"'),
        doctor.get(f"patients/{patient.pk}/plan/preview?action=hold"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "no_plan")


@pytest.mark.parametrize(
    ("verb", "body", "pointer"),
    [
        ("hold", {"to": "rehab"}, "/to"),
        ("hold", {"until": "2026-05-04"}, "/until"),
        ("advance", {"until": "2026-06-01"}, "/until"),
        ("advance", {"to": "gym"}, "/to"),
        ("pause", {"until": "2026-06-01"}, "/until"),
        ("resume", {"reason": "x" * 501}, "/reason"),
    ],
)
def test_what_an_order_does_not_take_is_said(
    orders: Orders, verb: str, body: dict[str, Any], pointer: str
) -> None:
    answer = orders.give(verb, **body)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("verb", "body", "code"),
    [
        ("release_hold", {}, "not_held"),
        ("step_back", {}, "first_phase"),
        ("step_back", {"to": "rehab"}, "wrong_direction"),
        ("advance", {"to": "initial"}, "already_in_phase"),
        ("resume", {}, "not_paused"),
    ],
)
def test_an_order_that_the_plan_cannot_take_is_refused(
    orders: Orders, verb: str, body: dict[str, Any], code: str
) -> None:
    answer = orders.give(verb, **body)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert not PlanOrder.objects.exists()


def test_a_hold_with_an_end_keeps_the_gate_shut_until_that_day(
    orders: Orders, diary: Diary
) -> None:
    held = orders.give("hold", until="2026-05-20")
    assert held.json()["plan"]["held"]
    diary.pains(0, [3] * 16)
    assert diary.plan.phase == "initial"
    diary.tick(16)
    assert diary.plan.phase == "rehab"


def test_a_step_back_holds_and_its_end_can_be_named(orders: Orders, diary: Diary) -> None:
    orders.give("advance")
    back = orders.give("step_back", until="2026-05-06")
    assert (back.json()["plan"]["phase"], back.json()["plan"]["held"]) == ("initial", True)
    assert diary.plan.held_until == START + 2 * DAY


def test_releasing_a_hold_lets_the_gate_decide_at_once(
    orders: Orders, diary: Diary, set_clock: SetClock
) -> None:
    orders.give("hold")
    diary.pains(0, [3] * 17)
    set_clock(at(16))
    assert diary.plan.phase == "initial"
    assert orders.give("release_hold").json()["plan"]["phase"] == "rehab"


def test_an_advance_goes_before_the_gate_and_can_skip_a_phase(
    orders: Orders, diary: Diary, therapist: User
) -> None:
    shown = orders.give("advance", to="long_term").json()
    assert (shown["plan"]["phase"], "gate" in shown) == ("long_term", False)
    change = PhaseChange.objects.latest("id")
    assert (change.cause, change.by, change.reason) == ("advance", therapist, WHY["reason"])
    assert orders.give("advance").json()["code"] == "last_phase"


@pytest.mark.parametrize("verb", ["advance", "resume"])
def test_no_order_goes_over_an_open_emergency(
    api: Api, orders: Orders, patient: Patient, verb: str
) -> None:
    orders.give("pause")
    report(api(patient), "S-SADDLE")
    answer = orders.give(verb)
    assert (answer.status_code, answer.json()["code"]) == (409, "paused_by_alert")
    preview = orders.doctor.get(f"{orders.path}/preview?action={verb}")
    assert preview.json()["code"] == "paused_by_alert"
    assert api(patient).get("me/plan").json()["state"] == "paused"


def test_resuming_ends_the_pause_for_who_is_out_of_scope(
    doctor: ApiClient, patient: Patient, therapist: User
) -> None:
    diary = Diary(patient, age=16)
    orders = Orders(doctor, patient)
    assert doctor.get(orders.path).json()["plan"]["pause_reasons"] == ["out_of_scope"]
    assert orders.give("resume").json()["plan"]["state"] == "active"
    diary.tick(1)
    assert doctor.get(orders.path).json()["plan"]["state"] == "active"


def test_a_therapists_pause_outlasts_an_alert(api: Api, orders: Orders, patient: Patient) -> None:
    from exercises.triage.models import Alert

    orders.give("pause")
    report(api(patient), "S-SADDLE")
    alert = Alert.objects.get(rule="RF-CES-SADDLE")
    orders.doctor.post(f"alerts/{alert.pk}/resolve", {"reason": "checked"})
    assert orders.doctor.get(orders.path).json()["plan"]["pause_reasons"] == ["therapist"]
    assert orders.give("pause").json()["code"] == "already_paused"


def test_a_look_ahead_shows_two_weeks_and_writes_nothing(orders: Orders, patient: Patient) -> None:
    before = [*RecoveryPlan.objects.values()], [*Prescription.objects.order_by("id").values()]
    revision = Patient.objects.get(pk=patient.pk).rev
    answer = orders.doctor.get(f"{orders.path}/preview?action=advance")
    shown = answer.json()

    assert (shown["phase"], shown["state"]) == ("rehab", "active")
    assert shown["days"] == {"start": "2026-05-04", "end": "2026-05-18"}
    assert "EX-10" in shown["added"]
    dates = {item["local_date"] for item in shown["occurrences"]}
    assert (min(dates), max(dates)) == ("2026-05-04", "2026-05-17")
    assert {item["state"] for item in shown["occurrences"]} == {"due"}
    assert (
        [*RecoveryPlan.objects.values()],
        [*Prescription.objects.order_by("id").values()],
    ) == before
    assert Patient.objects.get(pk=patient.pk).rev == revision
    after = orders.give("advance", answer["ETag"]).json()["plan"]
    assert sorted(row["exercise"] for row in after["prescriptions"]) == sorted(
        row["exercise"] for row in shown["prescriptions"]
    )


@pytest.mark.parametrize(("action", "state"), [("pause", "paused"), ("hold", "due")])
def test_a_look_ahead_at_what_changes_no_exercise(orders: Orders, action: str, state: str) -> None:
    shown = orders.doctor.get(f"{orders.path}/preview?action={action}").json()
    assert (shown["added"], shown["removed"]) == ([], [])
    assert {item["state"] for item in shown["occurrences"]} == {state}


@pytest.mark.parametrize("query", ["", "action=", "action=fly", "action=advance&to=gym"])
def test_a_look_ahead_at_nothing_known_is_refused(orders: Orders, query: str) -> None:
    assert orders.doctor.get(f"{orders.path}/preview?{query}").status_code == 400


def test_reading_costs_the_same_after_many_orders(orders: Orders) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert orders.doctor.get(path).status_code == 200
        return len(captured)

    paths = [orders.path, f"{orders.path}/preview?action=step_back&to=initial"]
    orders.give("advance")
    few = [queries(path) for path in paths]
    for _ in range(4):
        orders.give("pause")
        orders.give("resume")
    assert [queries(path) for path in paths] == few
    assert max(few) <= 25
