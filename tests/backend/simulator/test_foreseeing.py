"""What will ring in the days to come is what then rings."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import AuditEvent, Patient, User
from exercises.tracking.models import Fact
from exercises.triage.models import Alert
from notifications.models import Message
from notifications.reminders import services
from tests.client import ApiClient
from tests.notifications.reminders.running import Run

pytestmark = pytest.mark.django_db
Api = Callable[[User | Patient | None], ApiClient]
PATH = "simulations"
RED_FLAG = {
    "id": "s",
    "type": "symptom",
    "code": "S-BLADDER-INCONT",
    "present": True,
    "attrs": {"new_or_changed": True},
}


@pytest.fixture
def run(patient: Patient, now: datetime) -> Run:
    """`patient` has a plan that began today; 10:00 in Berlin."""
    return Run(patient=patient, now=now)


def rings(answer: Any, **wanted: str) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.json()
    return [
        ring
        for ring in answer.json()["rings"]
        if all(ring[name] == value for name, value in wanted.items())
    ]


def test_two_weeks_are_foreseen_with_instant_and_local_time(api: Api, run: Run) -> None:
    answer = api(run.patient).post(PATH, {})

    check_ins = rings(answer, kind="daily_check_in")
    assert len(check_ins) == 14
    assert check_ins[0] | {"reminder": ""} == {
        "reminder": "",
        "kind": "daily_check_in",
        "slot": "19:30",
        "local_date": "2026-05-04",
        "due_at": "2026-05-04T17:30:00Z",
        "local": "2026-05-04T19:30",
        "zone": "Europe/Berlin",
        "channels": ["in_app", "push"],
        "decision": "send",
        "reason": "due",
        "held": [],
        "said_at": "2026-05-04T17:30:00Z",
        "speaks_for": [],
    }
    assert rings(answer, kind="exercise", slot="midday")[0]["reason"] == "nothing_due"
    weekly = rings(answer, kind="weekly_check_in", decision="send")
    assert [ring["local_date"] for ring in weekly] == ["2026-05-11"]


def test_what_is_foreseen_is_what_rings(api: Api, run: Run) -> None:
    _ring_at(run, "07:00", "22:30")
    answer = api(run.patient).post(PATH, {"days": 3})
    foreseen = {
        (ring["kind"], ring["local_date"], ring["slot"]): (
            ring["decision"],
            ring["reason"],
            ring.get("said_at"),
        )
        for ring in rings(answer)
        if ring["reason"] not in ("nothing_due", "asked_another_day")
        and "in_app" in ring["channels"]
    }
    run.to(run.now + timedelta(days=3))

    said = {}
    for message in Message.objects.filter(level=0).prefetch_related("deliveries"):
        for one in message.deliveries.all():
            if one.channel == "in_app":
                at = f"{one.sent_at:%Y-%m-%dT%H:%M:%SZ}" if one.sent_at else None
                said[message.kind, str(message.local_date), message.about] = (
                    one.decision,
                    one.reason,
                    at,
                )
    assert {key: foreseen[key] for key in said} == said
    assert len(said) >= 9


def test_quiet_hours_and_their_end_are_told(api: Api, run: Run) -> None:
    _ring_at(run, "07:00")

    first = rings(api(run.patient).post(PATH, {}), kind="daily_check_in")[0]

    assert first["held"] == [{"until": "2026-05-05T06:00:00Z", "reason": "quiet_hours"}]
    assert first["said_at"] == "2026-05-05T06:00:00Z"


def test_nothing_is_written(api: Api, run: Run) -> None:
    client = api(run.patient)
    before = _rows()
    facts = [RED_FLAG | {"at": {"day": 2, "time": "12:00"}}]

    assert client.post(PATH, {"facts": facts}).status_code == 200

    assert _rows() == before


def test_a_red_flag_that_is_supposed_silences_what_comes_after_it(api: Api, run: Run) -> None:
    facts = [RED_FLAG | {"at": {"day": 2, "time": "12:00"}}]

    found = rings(api(run.patient).post(PATH, {"facts": facts}), kind="daily_check_in")

    assert [(ring["local_date"][-2:], ring["reason"]) for ring in found[:4]] == [
        ("04", "due"),
        ("05", "due"),
        ("06", "red_flag_open"),
        ("07", "red_flag_open"),
    ]


def test_pain_that_is_supposed_to_be_logged_is_not_asked_for_again(api: Api, run: Run) -> None:
    facts = [
        {
            "id": "p",
            "type": "pain",
            "site": "knee",
            "score": 3,
            "kind": "avg24",
            "at": {"day": 1, "time": "18:00"},
        }
    ]

    found = rings(api(run.patient).post(PATH, {"facts": facts}), kind="daily_check_in")

    assert [ring["reason"] for ring in found[:3]] == ["due", "already_done", "due"]


def test_a_fixed_clock_in_the_future_is_taken(api: Api, run: Run) -> None:
    answer = api(run.patient).post(PATH, {"start": "2026-10-24T12:00:00+02:00", "days": 2})

    found = rings(answer, kind="daily_check_in")
    assert [ring["due_at"] for ring in found] == ["2026-10-24T17:30:00Z", "2026-10-25T18:30:00Z"]


def test_a_therapist_asks_for_her_patient_and_it_is_audited(
    api: Api, run: Run, therapist: User
) -> None:
    answer = api(therapist).post(PATH, {"patient": str(run.patient.pk)})

    assert len(rings(answer, kind="daily_check_in")) == 14
    assert AuditEvent.objects.filter(
        action="reminders.simulated", patient_id=run.patient.pk
    ).exists()


@pytest.mark.parametrize("who", ["stranger", "other_patient"])
def test_a_stranger_finds_nobody(
    api: Api, run: Run, who: str, request: pytest.FixtureRequest
) -> None:
    client = api(request.getfixturevalue(who))

    answer = client.post(PATH, {"patient": str(run.patient.pk)})

    assert answer.status_code == (404 if who == "stranger" else 403)
    assert api(None).post(PATH, {}).status_code == 401


def test_without_a_plan_there_is_nothing_to_foresee(api: Api, patient: Patient) -> None:
    answer = api(patient).post(PATH, {})

    assert (answer.status_code, answer.json()["code"]) == (404, "no_plan")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"days": 0}, "/days"),
        ({"days": 15}, "/days"),
        ({"start": "2026-05-04T08:00:00"}, "/start"),
        ({"start": "2030-05-04T08:00:00Z"}, "/start"),
        ({"patient": "me"}, "/patient"),
        ({"facts": [{"type": "dream"}]}, "/facts/0"),
        ({"facts": [RED_FLAG]}, "/facts/0"),
        ({"facts": [{}] * 51}, "/facts"),
        ({"more": 1}, "/more"),
    ],
)
def test_a_bad_question_is_refused_by_field(
    api: Api, run: Run, body: dict[str, Any], pointer: str
) -> None:
    answer = api(run.patient).post(PATH, body)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_asked_again_it_says_the_same(api: Api, run: Run) -> None:
    client = api(run.patient)

    assert client.post(PATH, {}).json() == client.post(PATH, {}).json()


def test_two_weeks_cost_no_more_queries_than_a_day(api: Api, run: Run) -> None:
    client = api(run.patient)

    def queries(days: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.post(PATH, {"days": days})
        return len(captured)

    assert queries(1) == queries(14) <= 28


def _ring_at(run: Run, *times: str) -> None:
    row = run.reminder("daily_check_in")
    content = services.ReminderContent(
        enabled=True,
        times=tuple((at, at) for at in times),
        weekdays=127,
        channels=("in_app", "push"),
    )
    services.change_reminder(
        patient=run.patient, reminder=row.pk, content=content, base=row.version, now=run.now
    )


def _rows() -> tuple[int, ...]:
    patient = Patient.objects.get()
    counts = [model.objects.count() for model in (Fact, Alert, Message, User, AuditEvent)]
    return (patient.rev, *counts)
