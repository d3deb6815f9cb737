"""GET /patients and /patients/{id}."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from backend.accounts.models import AuditEvent, Clinic, Patient, User
from exercises.triage.levels import Level
from tests.backend.dashboard.records import (
    heard,
    make_alert,
    make_pain_days,
    make_plan,
    make_prescription,
    make_session,
)
from tests.client import ApiClient
from tests.factories import make_care, make_patient

Api = Callable[[User | Patient | None], ApiClient]
TODAY = date(2026, 5, 4)


@pytest.fixture
def five(therapist: User, clinic: Clinic, now: datetime) -> list[Patient]:
    """Four more patients, "P0" to "P3", beside `patient`."""
    patients = [make_patient(now=now, name=f"P{number}") for number in range(4)]
    for one in patients:
        make_care(patient=one, therapist=therapist, clinic=clinic, now=now)
    return patients


def test_a_patient_is_listed_with_level_reasons_and_numbers(
    api: Api, therapist: User, patient: Patient, other_patient: Patient, now: datetime
) -> None:
    plan = make_plan(patient, start=TODAY - timedelta(days=12), now=now)
    make_prescription(plan)
    make_pain_days(patient, last=TODAY, knee=[4] * 7 + [5] * 6 + [6])
    alert = make_alert(patient, now=now)
    heard(patient, at=now)
    answer = api(therapist).get("patients")
    assert answer.status_code == 200
    [item] = answer.json()["items"]
    [reason] = item["reasons"]
    assert reason.pop("title")
    assert reason == {
        "alert": str(alert.pk),
        "rule": "RF-CES-BLADDER",
        "level": "emergency_now",
        "since": "2026-05-04T08:00:00Z",
        "status": "open",
        "review_open": True,
    }
    assert (item["id"], item["name"]) == (str(patient.pk), "Pia Patient")
    assert (item["level"], item["phase"], item["day"]) == ("emergency_now", "initial", 12)
    assert item["pain"] == {
        "latest": 6.0,
        "latest_on": "2026-05-04",
        "week": {"mean": 5.14, "logged_days": 7},
        "previous_week": {"mean": 4.0, "logged_days": 7},
        "change": 1.14,
    }
    assert item["adherence"] == {"done": 0, "partial": 0, "due": 6, "paused": 0, "not_synced": 0}
    assert item["last_report_at"] == "2026-05-04T08:00:00Z"


def test_what_is_not_known_is_absent(api: Api, therapist: User, patient: Patient) -> None:
    [item] = api(therapist).get("patients").json()["items"]
    assert item["level"] == "none"
    assert item["reasons"] == []
    assert not {"phase", "day", "adherence", "last_report_at", "last_synced_at"} & item.keys()
    assert item["pain"] == {"week": {"logged_days": 0}, "previous_week": {"logged_days": 0}}


def test_pages_follow_each_other_without_gap_or_repeat(
    api: Api, therapist: User, patient: Patient, five: list[Patient]
) -> None:
    client, seen, cursor = api(therapist), [], ""
    while True:
        page = client.get(f"patients?sort=name&limit=2{cursor}").json()
        seen += [item["name"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == ["P0", "P1", "P2", "P3", "Pia Patient"]


def test_a_list_that_moved_between_two_pages_loses_nobody(
    api: Api, therapist: User, patient: Patient, five: list[Patient], now: datetime
) -> None:
    client = api(therapist)
    first = client.get("patients?limit=2").json()
    make_alert(five[1], now=now)  # the last one read rises to the top
    second = client.get(f"patients?cursor={first['next_cursor']}").json()
    seen = {item["name"] for page in (first, second) for item in page["items"]}
    assert seen == {"P0", "P1", "P2", "P3", "Pia Patient"}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("level=prompt_days", ["P1"]),
        ("level=none&q=P", ["P0", "P2", "P3", "Pia Patient"]),
        ("q=pia", ["Pia Patient"]),
        ("unread=true", ["P1"]),
        ("silent=true", ["P2"]),
        ("phase=initial", ["P3"]),
        ("plan=active", ["P3"]),
        ("plan=paused", []),
        ("on_behalf=covered", []),
        ("on_behalf=own&unread=false&limit=1", ["P0"]),
    ],
)
def test_the_list_is_filtered_by_named_fields(
    api: Api,
    therapist: User,
    patient: Patient,
    five: list[Patient],
    now: datetime,
    query: str,
    names: list[str],
) -> None:
    make_alert(five[1], now=now, level=Level.PROMPT_DAYS)
    heard(five[2], at=now - timedelta(days=2))
    make_plan(five[3], start=TODAY, now=now)
    items = api(therapist).get(f"patients?sort=name&{query}").json()["items"]
    assert [item["name"] for item in items] == names


@pytest.mark.parametrize(
    "query",
    ["sort=shoe_size", "limit=0", "cursor=nonsense", "level=9", "phase=x", "plan=x", "silent=1",
     "unread=yes", "on_behalf=me"],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_400(api: Api, therapist: User, query: str) -> None:
    answer = api(therapist).get(f"patients?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/{query.split('=', maxsplit=1)[0]}"


def test_a_cursor_of_another_order_is_refused(
    api: Api, therapist: User, patient: Patient, five: list[Patient]
) -> None:
    client = api(therapist)
    cursor = client.get("patients?sort=name&limit=2").json()["next_cursor"]
    assert client.get(f"patients?sort=risk&cursor={cursor}").status_code == 400


def test_each_patient_shown_is_audited_and_no_other(
    api: Api, therapist: User, patient: Patient, five: list[Patient]
) -> None:
    api(therapist).get("patients?sort=name&limit=2")
    rows = AuditEvent.objects.filter(action="panel.read", actor_id=therapist.pk)
    assert {row.patient_id for row in rows} == {five[0].pk, five[1].pk}


def test_one_patient_has_series_prescriptions_and_reports(
    api: Api, therapist: User, patient: Patient, now: datetime
) -> None:
    plan = make_plan(patient, start=TODAY - timedelta(days=12), now=now)
    row = make_prescription(plan)
    make_session(patient, day=TODAY, now=now, prescription=row.pk)
    make_pain_days(patient, last=TODAY - timedelta(days=1), knee=[5])
    heard(patient, at=now)
    answer = api(therapist).get(f"patients/{patient.pk}")
    found = answer.json()
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert (found["id"], found["plan_state"], found["held"]) == (str(patient.pk), "active", False)
    assert found["pain_days"][-2:] == [
        {"date": "2026-05-03", "knee": 5.0},
        {"date": "2026-05-04", "absence": "not_logged"},
    ]
    [course] = found["prescriptions"]
    assert (course["prescription"]["exercise"], course["week"]["done"]) == ("EX-01", 1)
    assert [report["type"] for report in found["reports"]] == ["session"]
    assert AuditEvent.objects.filter(action="patient.read", patient_id=patient.pk).count() == 1


def test_a_stranger_finds_nobody(api: Api, stranger: User, patient: Patient) -> None:
    client = api(stranger)
    assert client.get("patients").json() == {"items": [], "next_cursor": None}
    assert client.get(f"patients/{patient.pk}").status_code == 404
    assert not AuditEvent.objects.filter(patient_id=patient.pk).exists()


@pytest.mark.parametrize("path", ["patients", "patients/0190a000-0000-7000-8000-000000000000"])
def test_only_therapists_may_ask(api: Api, patient: Patient, path: str) -> None:
    assert api(patient).get(path).status_code == 403
    assert api(None).get(path).status_code == 401


def test_queries_do_not_grow_with_the_caseload(
    api: Api,
    therapist: User,
    patient: Patient,
    clinic: Clinic,
    now: datetime,
    django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
) -> None:
    def fill(number: int) -> None:
        for index in range(number):
            one = make_patient(now=now)
            make_care(patient=one, therapist=therapist, clinic=clinic, now=now)
            make_prescription(make_plan(one, start=TODAY - timedelta(days=9), now=now))
            make_pain_days(one, last=TODAY - timedelta(days=30 * (index % 2)), knee=[3, 4])
            make_alert(one, now=now, level=Level.PROMPT_DAYS)

    client = api(therapist)
    client.get("patients")
    # Whom she reaches, the tally, the page; her session, her role and the audit.
    with django_assert_max_num_queries(6):
        client.get("patients")
    fill(2)
    with django_assert_max_num_queries(20) as counted:
        client.get("patients")
    fill(18)
    with django_assert_num_queries(len(counted)):
        client.get("patients")
    with django_assert_max_num_queries(6):
        client.get("patients")
