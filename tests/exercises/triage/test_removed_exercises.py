"""What bad mornings took out waits for a therapist, who brings it back or ends it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import AuditEvent, Patient, User
from backend.accounts.revisions import revision
from exercises.plans import services as plan_services
from exercises.plans.models import PrescriptionOrder
from tests.client import ApiClient
from tests.exercises.triage.desk import BRIDGE, CALF, STRETCH, TWICE, WHY, Desk, to_rehab
from tests.exercises.triage.diary import DAY, START, Diary, at

Api = Callable[[User | Patient | None], ApiClient]
SetClock = Callable[[datetime], None]


@pytest.fixture
def diary(patient: Patient, therapist: User, set_clock: SetClock) -> Diary:
    set_clock(at(0, 9))
    return Diary(patient)


@pytest.fixture
def desk(api: Api, therapist: User, patient: Patient, diary: Diary) -> Desk:
    return Desk(api(therapist), patient)


@pytest.fixture
def removed(desk: Desk, diary: Diary, set_clock: SetClock) -> Desk:
    """In rehabilitation, with one exercise taken out after two bad mornings."""
    to_rehab(diary)
    diary.session(1, BRIDGE, during=3, morning=2)
    diary.session(2, BRIDGE, during=3, morning=2)
    set_clock(at(3, 9))
    return desk


def test_an_exercise_taken_out_is_a_task_until_she_prescribes_it_again(
    removed: Desk, diary: Diary, api: Api, patient: Patient
) -> None:
    assert removed.of(BRIDGE)["adjusted_because"] == "removed"
    (task,) = removed.tasks()
    assert (task["code"], task["exercise"], task["since"]) == (
        "exercise_removed", BRIDGE, "2026-05-06",
    )  # fmt: skip
    assert "Glute bridge" in task["text"]
    assert task["prescription"] == removed.of(BRIDGE)["prescription"]["id"]
    due = [o["exercise"] for o in api(patient).get("me/today").json()["occurrences"]]
    assert BRIDGE not in due

    again = removed.change(BRIDGE, dose={"reps": {"min": 4, "max": 5}}, weekdays=[*range(7)])
    assert again.status_code == 200, again.json()
    assert "adjusted_because" not in again.json()
    assert removed.tasks() == []
    due = [o["exercise"] for o in api(patient).get("me/today").json()["occurrences"]]
    assert BRIDGE in due


def test_the_task_is_done_when_she_confirms_the_removal_and_stays_done(
    removed: Desk, diary: Diary
) -> None:
    assert removed.retire(BRIDGE).status_code == 200
    assert removed.tasks() == []
    with revision(diary.patient.pk) as rev:
        plan_services.change_phase(
            plan=diary.plan, phase="long_term", cause="gate", on_date=START + 42 * DAY, by=None,
            reason="", rev=rev, now=at(42),
        )  # fmt: skip
    standing = diary.plan.prescriptions.exclude(ends_on__lte=START + 42 * DAY)
    assert BRIDGE not in {row.exercise for row in standing}


def test_an_order_of_the_plan_does_not_do_the_task_of_an_exercise(removed: Desk) -> None:
    tag = removed.tag(removed.plan)
    assert removed.doctor.post(f"{removed.plan}/hold", WHY, If_Match=tag).status_code == 200
    assert [task["code"] for task in removed.tasks()] == ["exercise_removed"]


def test_who_does_not_care_for_the_patient_finds_nothing(
    api: Api, removed: Desk, patient: Patient, stranger: User
) -> None:
    path, tag = removed.one(STRETCH), removed.tag(removed.plan)
    calls: list[tuple[str, str, Any]] = [
        ("get", removed.path, None),
        ("get", path, None),
        ("post", removed.path, WHY | {"exercise": CALF}),
        ("patch", path, WHY | {"dose": TWICE}),
        ("post", f"{path}/retire", WHY),
        ("post", f"{removed.path}/preview", {"exercise": CALF}),
    ]
    for verb, where, body in calls:
        for who, status in ((stranger, 404), (patient, 403), (None, 401)):
            send = getattr(api(who), verb)
            answer = send(where) if body is None else send(where, body, If_Match=tag)
            assert answer.status_code == status, (verb, where, who)
    assert api(stranger).get("tasks").json()["items"] == []
    assert not PrescriptionOrder.objects.exists()
    gone = removed.doctor.get(f"{removed.path}/{uuid4()}")
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")


def test_tasks_come_in_pages_and_each_look_is_audited(removed: Desk, diary: Diary) -> None:
    diary.session(1, "EX-11", during=3, morning=2)
    diary.session(2, "EX-11", during=3, morning=2)
    first = removed.doctor.get("tasks?limit=1").json()
    rest = removed.doctor.get(f"tasks?limit=1&cursor={first['next_cursor']}").json()
    assert [task["exercise"] for task in (*first["items"], *rest["items"])] == [BRIDGE, "EX-11"]
    assert rest["next_cursor"] is None
    assert AuditEvent.objects.filter(action="tasks.read").count() == 2


def test_reading_costs_the_same_however_much_is_prescribed(removed: Desk, diary: Diary) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert removed.doctor.get(path).status_code == 200
        return len(captured)

    before = queries(removed.path), queries("tasks")
    for exercise in ("EX-11", "EX-13", "EX-16"):
        removed.change(exercise, dose=TWICE)
        diary.session(1, exercise, during=3, morning=2)
        diary.session(2, exercise, during=3, morning=2)
    assert (queries(removed.path), queries("tasks")) == before
    assert max(before) < 20
