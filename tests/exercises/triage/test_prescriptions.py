"""Therapists write prescriptions over the API."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.accounts.models import AuditEvent, Patient, User
from backend.accounts.revisions import revision
from exercises.plans import services as plan_services
from exercises.plans.models import Prescription, PrescriptionOrder
from tests.client import ApiClient
from tests.exercises.triage.desk import BRIDGE, CALF, HIP, STRETCH, TWICE, WHY, Desk, to_rehab
from tests.exercises.triage.diary import DAY, START, Diary, at
from tests.exercises.triage.test_visits import report

Api = Callable[[User | Patient | None], ApiClient]
SetClock = Callable[[datetime], None]


@pytest.fixture
def diary(patient: Patient, therapist: User, set_clock: SetClock) -> Diary:
    set_clock(at(0, 9))
    return Diary(patient)


@pytest.fixture
def desk(api: Api, therapist: User, patient: Patient, diary: Diary) -> Desk:
    return Desk(api(therapist), patient)


def test_a_change_of_dose_is_a_new_row_and_a_new_version_of_the_plan(
    desk: Desk, diary: Diary, patient: Patient, set_clock: SetClock
) -> None:
    set_clock(at(3, 9))
    before, version = desk.of(STRETCH), diary.plan.version
    answer = desk.change(STRETCH, dose={"reps": {"min": 2, "max": 4}}, slots=["evening"])

    assert answer.status_code == 200, answer.json()
    made = answer.json()
    assert made["prescription"]["id"] != before["prescription"]["id"]
    assert made["prescription"]["dose"]["reps"] == {"min": 2, "max": 4}
    assert made["prescription"]["dose"]["hold_s"] == before["prescription"]["dose"]["hold_s"]
    assert made["prescription"]["dose"]["times_per_day"] == {"min": 1, "max": 1}
    assert made["prescription"]["slots"] == ["evening"]
    assert made["prescription"]["starts_on"] == "2026-05-07"
    assert made["written_by"]
    old = Prescription.objects.get(pk=before["prescription"]["id"])
    assert (old.ends_on, old.dose["reps"]) == (START + 3 * DAY, before_reps(before))
    assert diary.plan.version == version + 1
    order = PrescriptionOrder.objects.get()
    assert (order.action, order.reason, str(order.made_id)) == (
        "change", WHY["reason"], made["prescription"]["id"],
    )  # fmt: skip
    audited = AuditEvent.objects.filter(action="prescription.change", patient_id=patient.pk)
    assert audited.count() == 1
    assert desk.doctor.get(desk.path).json()["orders"][0]["exercise"] == STRETCH


def before_reps(shown: dict[str, Any]) -> dict[str, int]:
    return dict(shown["prescription"]["dose"]["reps"])


def test_a_whole_prescription_is_put(desk: Desk) -> None:
    path = desk.one(STRETCH)
    whole = WHY | {
        "exercise": STRETCH, "dose": {"reps": {"min": 5, "max": 5}}, "slots": ["midday"],
        "weekdays": [4, 0],
    }  # fmt: skip
    missing = desk.doctor.put(path, WHY | {"exercise": STRETCH}, If_Match=desk.tag(path))
    assert {e["pointer"] for e in missing.json()["errors"]} == {"/dose", "/slots", "/weekdays"}
    shown = desk.doctor.put(path, whole, If_Match=desk.tag(path)).json()["prescription"]
    assert (shown["weekdays"], shown["slots"]) == ([0, 4], ["midday"])
    assert shown["dose"]["days_per_week"] == {"min": 2, "max": 2}


def test_an_exercise_is_added_exchanged_and_ended(desk: Desk, diary: Diary) -> None:
    to_rehab(diary)
    added = desk.add(CALF)
    assert added.status_code == 201, added.json()
    assert added.json()["prescription"]["dose"]["hold_s"] == {"min": 30, "max": 30}
    assert desk.add(CALF).json()["code"] == "already_prescribed"

    swapped = desk.change(CALF, exercise="EX-19")
    assert swapped.json()["prescription"]["exercise"] == "EX-19"
    ended = desk.retire("EX-19", ends_on="2026-05-06").json()
    assert ended["prescription"]["ends_on"] == "2026-05-06"
    shown = {item["prescription"]["exercise"] for item in desk.items}
    assert CALF not in shown
    assert "EX-19" in shown
    actions = PrescriptionOrder.objects.order_by("id").values_list("action", flat=True)
    assert [*actions] == ["add", "swap", "retire"]


@pytest.mark.parametrize("verb", ["add", "change", "retire"])
def test_an_order_sent_twice_is_carried_out_once(desk: Desk, diary: Diary, verb: str) -> None:
    to_rehab(diary)
    path, tag = desk.path, desk.tag(desk.plan)
    body = WHY | {"exercise": CALF}
    if verb != "add":
        path, body = desk.one(STRETCH), WHY | ({"dose": TWICE} if verb == "change" else {})
        tag = desk.tag(path)
    send = desk.doctor.patch if verb == "change" else desk.doctor.post
    where = f"{path}/retire" if verb == "retire" else path
    once, again = send(where, body, If_Match=tag), send(where, body, If_Match=tag)

    assert once.status_code == again.status_code
    assert once.status_code in (200, 201), once.json()
    assert once.json() == again.json()
    assert PrescriptionOrder.objects.count() == 1
    other = send(where, body | {"reason": "Another"}, If_Match=tag)
    assert other.status_code == 412


def test_an_order_names_the_version_that_it_was_given_on(desk: Desk) -> None:
    path = desk.one(STRETCH)
    assert desk.doctor.patch(path, WHY | {"dose": TWICE}).status_code == 428
    assert desk.doctor.patch(path, WHY | {"dose": TWICE}, If_Match='"x-1"').status_code == 412
    assert desk.doctor.post(f"{path}/retire", WHY).status_code == 428
    assert desk.doctor.post(desk.path, WHY | {"exercise": CALF}).status_code == 428
    desk.change(STRETCH, dose=TWICE)
    ended = desk.doctor.patch(path, WHY | {"dose": TWICE}, If_Match=desk.tag(path))
    assert (ended.status_code, ended.json()["code"]) == (409, "ended")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"reason": " "}, "/reason"),
        ({"exercise": "EX-99"}, "/exercise"),
        ({"dose": {"reps": {"min": 1, "max": 31}}}, "/dose/reps"),
        ({"dose": {"reps": {"min": 0, "max": 5}}}, "/dose/reps"),
        ({"dose": {"reps": {"min": 6, "max": 5}}}, "/dose/reps"),
        ({"dose": {"hold_s": {"min": 10, "max": 61}}}, "/dose/hold_s"),
        ({"dose": {"weight": 5}}, "/dose/weight"),
        ({"starts_on": "2026-05-03"}, "/starts_on"),
        ({"slots": ["night"]}, "/slots"),
        ({"slots": []}, "/slots"),
        ({"weekdays": [7]}, "/weekdays"),
        ({"overrides": {"tingling": " "}}, "/overrides/tingling"),
    ],
)
def test_what_no_plan_could_take_is_said(desk: Desk, body: dict[str, Any], pointer: str) -> None:
    answer = desk.change(STRETCH, **body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)
    assert not PrescriptionOrder.objects.exists()


def test_what_the_catalogue_forbids_is_refused_with_its_reason(
    desk: Desk, api: Api, patient: Patient, set_clock: SetClock
) -> None:
    set_clock(at(1, 9))
    desk.retire("EX-02")
    report(api(patient), "S-TINGLE-LEG")
    refused = desk.add("EX-02", overrides={"tingling": "She can bear it"})
    assert (refused.status_code, refused.json()["code"]) == (409, "contraindicated")
    (error,) = refused.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/exercise", "tingling")
    assert "tingles" in error["message"]


def test_what_the_source_leaves_to_a_clinician_she_may_go_past_with_a_reason(
    api: Api, patient: Patient, therapist: User, set_clock: SetClock
) -> None:
    set_clock(at(0, 9))
    Diary(patient, replaced_joints=["hip"], history=["joint_replacement"])
    desk = Desk(api(therapist), patient)
    refused = desk.add(HIP)
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["pointer"]) == (409, "/overrides/hip_replacement")
    allowed = desk.add(HIP, overrides={"hip_replacement": "Examined, agreed with the surgeon"})
    assert allowed.status_code == 201, allowed.json()
    shown = desk.doctor.get(desk.path).json()["orders"][0]
    assert shown["overrides"] == {"hip_replacement": "Examined, agreed with the surgeon"}


def test_an_exercise_of_another_phase_needs_a_reason_and_a_dose(desk: Desk) -> None:
    assert desk.add(BRIDGE).json()["errors"][0]["pointer"] == "/overrides/other_phase"
    past = {"overrides": {"other_phase": "Used to load"}}
    assert desk.add(BRIDGE, **past).json()["code"] == "dose_required"
    added = desk.add(BRIDGE, dose={"reps": {"min": 4, "max": 6}}, **past)
    assert added.status_code == 201, added.json()


def test_while_an_emergency_is_open_nothing_is_prescribed_but_all_may_end(
    desk: Desk, api: Api, patient: Patient
) -> None:
    report(api(patient), "S-SADDLE")
    assert desk.change(STRETCH, dose=TWICE).json()["code"] == "paused_by_alert"
    assert desk.add(CALF).json()["code"] == "paused_by_alert"
    assert desk.retire(STRETCH).status_code == 200


def test_a_look_ahead_shows_fourteen_days_and_writes_nothing(desk: Desk, diary: Diary) -> None:
    to_rehab(diary)
    rows = Prescription.objects.count()
    asked = desk.doctor.post(f"{desk.path}/preview", {"exercise": CALF})
    shown = asked.json()
    assert asked.status_code == 200, shown
    assert (shown["plan"]["added"], shown["plan"]["removed"]) == ([CALF], [])
    assert sum(item["exercise"] == CALF for item in shown["plan"]["occurrences"]) == 14
    row = desk.of(STRETCH)["prescription"]["id"]
    ending = desk.doctor.post(f"{desk.path}/preview", {"prescription": row, "retire": True})
    assert ending.json()["plan"]["removed"] == [STRETCH]
    changed = desk.doctor.post(
        f"{desk.path}/preview",
        {"prescription": row, "slots": ["evening"], "starts_on": "2026-05-06"},
    ).json()["plan"]
    slots = [
        (o["local_date"], o["slot"]) for o in changed["occurrences"] if o["exercise"] == STRETCH
    ]
    assert ("2026-05-05", "morning") in slots
    assert ("2026-05-06", "morning") not in slots
    assert desk.doctor.post(f"{desk.path}/preview", {}).status_code == 400
    assert (Prescription.objects.count(), PrescriptionOrder.objects.count()) == (rows, 0)


def test_her_word_goes_before_the_template_of_the_next_phase(desk: Desk, diary: Diary) -> None:
    desk.change(STRETCH, dose={"reps": {"min": 2, "max": 2}})
    desk.retire(HIP)
    to_rehab(diary, day=14)
    on = START + 14 * DAY
    rows = {row.exercise: row for row in diary.plan.prescriptions.exclude(ends_on__lte=on)}
    assert HIP not in rows
    assert rows[STRETCH].dose["reps"] == {"min": 2, "max": 2}
    assert {row.exercise for row in rows.values()} == rows.keys()
    looked = desk.doctor.get(f"{desk.plan}/preview?action=step_back").json()
    with revision(diary.patient.pk) as rev:
        plan_services.change_phase(
            plan=diary.plan, phase="initial", cause="flare", on_date=on, by=None, reason="",
            rev=rev, now=at(14),
        )  # fmt: skip
    back = diary.plan.prescriptions.filter(ends_on=None, exercise=STRETCH).get()
    assert back.by is None
    assert HIP not in looked["added"]


def test_during_a_flare_what_is_written_rests_with_the_others(desk: Desk, diary: Diary) -> None:
    to_rehab(diary)
    with revision(diary.patient.pk) as rev:
        plan_services.start_flare(plan=diary.plan, started_on=START, served_from=START, rev=rev)
    added = desk.add(CALF).json()["prescription"]
    assert added["breaks"] == [{"start": "2026-05-04", "end": "2026-05-11"}]
    changed = desk.change(BRIDGE, dose=TWICE).json()["prescription"]
    assert changed["breaks"] == added["breaks"]
    served = next(row for row in Prescription.objects.exclude(flare=None))
    path = f"{desk.path}/{served.pk}"
    refused = desk.doctor.patch(path, WHY | {"dose": TWICE}, If_Match=desk.tag(path))
    assert (refused.status_code, refused.json()["code"]) == (409, "of_a_flare")


def test_a_change_may_begin_later(desk: Desk, diary: Diary) -> None:
    made = desk.change(STRETCH, dose=TWICE, starts_on=(START + timedelta(days=5)).isoformat())
    assert made.json()["prescription"]["starts_on"] == "2026-05-09"
    rows = diary.plan.prescriptions.filter(exercise=STRETCH).order_by("starts_on")
    assert [(row.starts_on, row.ends_on) for row in rows] == [
        (START, START + 5 * DAY),
        (START + 5 * DAY, None),
    ]
