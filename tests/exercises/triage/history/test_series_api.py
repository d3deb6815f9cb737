"""GET me/progress, patients/{id}/series and patients/{id}/adherence."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from backend.accounts import consents
from backend.accounts.models import AuditEvent, Patient, User
from exercises.plans.models import Flare, PauseReason, PlanPause, RecoveryPlan
from exercises.tracking.models import FactType
from exercises.triage.levels import Level
from tests.backend.dashboard.records import (
    DAY,
    heard,
    make_alert,
    make_fact,
    make_pain,
    make_pain_days,
    make_plan,
    make_prescription,
    make_session,
)
from tests.client import ApiClient

Api = Callable[[User | Patient | None], ApiClient]
TODAY = date(2026, 5, 4)
WEEK = {"from": "2026-04-28", "to": "2026-05-04"}


def asked(path: str, query: dict[str, str]) -> str:
    return f"{path}?{urlencode(query)}"


@pytest.fixture
def plan(patient: Patient, now: datetime) -> RecoveryPlan:
    """Six days of a plan: done, done in part, skipped, paused, missed, and today; she synced this
    morning."""
    plan = make_plan(patient, start=TODAY - 5 * DAY, now=now - timedelta(days=5))
    row = make_prescription(plan)
    for back, told in ((5, {}), (4, {"done": {"reps": 3}}), (3, {"done": {}})):
        said: dict[str, Any] = dict(told)
        if "done" in said:
            said["done"] = {"sets": 0, "reps": 0, "hold_s": 0, "minutes": 0, **said["done"]}
        stopped = "pain" if back == 3 else "none"
        make_session(
            patient,
            day=TODAY - back * DAY,
            now=now - back * DAY,
            prescription=row.pk,
            stopped_because=stopped,
            **said,
        )
    rest = datetime(2026, 5, 1, 12, tzinfo=now.tzinfo)
    PlanPause.objects.create(
        plan=plan,
        reason=PauseReason.THERAPIST,
        started_at=rest,
        ended_at=rest + timedelta(days=1, hours=11),
    )
    make_pain(patient, day=TODAY - 5 * DAY, knee=6, leg=7)
    make_pain(patient, day=TODAY - 4 * DAY, knee=5)
    make_pain(patient, day=TODAY, knee=4, back=2)
    heard(patient, at=now)
    return plan


def test_a_phone_gets_every_day_with_a_value_or_a_reason(
    api: Api, patient: Patient, plan: RecoveryPlan
) -> None:
    answer = api(patient).get(asked("me/progress", WEEK)).json()
    assert (answer["first"], answer["last"]) == ("2026-04-28", "2026-05-04")
    assert answer["synced_on"] == "2026-05-04"
    points = {point.pop("date")[-2:]: point for point in answer["pain"]["days"]}
    assert points == {
        "28": {"absence": "nothing_due"},
        "29": {"knee": 6.0, "leg": 7.0, "index": 7.0},
        "30": {"knee": 5.0, "index": 5.0},
        "01": {"absence": "not_logged"},
        "02": {"absence": "not_logged"},
        "03": {"absence": "not_logged"},
        "04": {"knee": 4.0, "back": 2.0, "index": 4.0},
    }
    assert answer["pain"]["logged"] == {"numerator": 3, "denominator": 7}
    [week] = answer["pain"]["weeks"]
    assert (week["knee"], week["index"]) == (5.0, 5.33)
    assert "leg" not in week
    assert answer["phases"] == [{"phase": "initial", "since": "2026-04-29"}]


def test_each_day_of_exercises_is_told_apart(
    api: Api, patient: Patient, plan: RecoveryPlan
) -> None:
    exercise = api(patient).get(asked("me/progress", WEEK)).json()["exercise"]
    days = {day["date"][-2:]: day for day in exercise["days"]}
    assert {day: found.get("absence") for day, found in days.items()} == {
        "28": "nothing_due",
        "29": None,
        "30": None,
        "01": None,
        "02": "paused",
        "03": "not_logged",
        "04": None,
    }
    assert days["29"]["done"] == {"numerator": 1, "denominator": 1}
    assert [days[day][what] for day, what in (("30", "partial"), ("01", "skipped"))] == [1, 1]
    assert (days["04"]["open"], days["04"]["done"]["denominator"]) == (1, 0)
    assert exercise["total"]["done"] == {"numerator": 1, "denominator": 4}
    [course] = exercise["exercises"]
    assert course["exercise"] == "EX-01"
    assert course["name"]
    assert course["paused"] == 1


def test_what_a_silent_phone_did_not_tell_is_not_known(
    api: Api, patient: Patient, plan: RecoveryPlan, now: datetime
) -> None:
    heard(patient, at=now - timedelta(days=1))
    answer = api(patient).get(asked("me/progress", WEEK)).json()
    assert answer["pain"]["days"][5]["absence"] == "not_synced"
    assert answer["exercise"]["days"][5]["absence"] == "not_synced"


def test_the_therapist_sees_the_same_days_with_what_stood_over_them(
    api: Api, therapist: User, patient: Patient, plan: RecoveryPlan, now: datetime
) -> None:
    Flare.objects.create(plan=plan, started_on=TODAY - DAY, ends_on=TODAY + DAY)
    make_alert(patient, now=now - DAY, level=Level.ROUTINE)
    mine = api(patient).get(asked("me/progress", WEEK)).json()
    client = api(therapist)
    series = client.get(asked(f"patients/{patient.pk}/series", WEEK)).json()
    share = client.get(asked(f"patients/{patient.pk}/adherence", WEEK)).json()
    assert series["pain"] == mine["pain"]
    assert share["days"] == mine["exercise"]["days"]
    assert series["flares"] == [{"start": "2026-05-03", "end": "2026-05-05"}]
    assert series["alerts"] == [{"date": "2026-05-03", "level": "routine", "rule": "RT-DATA-GAP"}]
    for action in ("series.read", "adherence.read"):
        assert AuditEvent.objects.filter(action=action, patient_id=patient.pk).count() == 1


def test_the_score_of_each_form_comes_with_what_it_is_made_of(
    api: Api, patient: Patient, plan: RecoveryPlan, now: datetime
) -> None:
    make_fact(
        patient,
        kind=FactType.QUESTIONNAIRE,
        day=TODAY,
        now=now,
        data={"instrument": "GROC", "version": "1", "answers": {"change": 3}},
    )
    assert api(patient).get("me/progress").json()["questionnaires"] == [
        {
            "instrument": "GROC",
            "date": "2026-05-04",
            "value": 3.0,
            "numerator": 3,
            "denominator": 1,
        }
    ]


def test_a_patient_without_a_plan_has_days_on_which_nothing_was_due(
    api: Api, patient: Patient
) -> None:
    answer = api(patient).get("me/progress").json()
    assert len(answer["pain"]["days"]) == 42
    assert {day["absence"] for day in answer["pain"]["days"]} == {"nothing_due"}
    assert answer["exercise"]["total"]["done"] == {"numerator": 0, "denominator": 0}


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"from": "2026-05-05"}, "/from"),
        ({"from": "2025-05-03"}, "/from"),
        ({"from": "soon"}, "/from"),
        ({"to": "0001-01-01"}, "/to"),
    ],
)
def test_a_span_that_makes_no_sense_is_refused(
    api: Api, patient: Patient, query: dict[str, str], pointer: str
) -> None:
    answer = api(patient).get(asked("me/progress", query))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_no_day_after_today_is_answered(api: Api, patient: Patient) -> None:
    answer = (
        api(patient).get(asked("me/progress", {"from": "2026-05-01", "to": "2026-06-01"})).json()
    )
    assert answer["last"] == "2026-05-04"
    assert len(answer["pain"]["days"]) == 4


@pytest.mark.parametrize("what", ["series", "adherence", "timeline"])
def test_strangers_find_nothing_and_an_unshared_diary_stays_closed(
    api: Api, therapist: User, stranger: User, patient: Patient, now: datetime, what: str
) -> None:
    path = f"patients/{patient.pk}/{what}"
    assert api(stranger).get(path).status_code == 404
    assert api(patient).get(path).status_code == 403
    consents.answer(patient_id=patient.pk, scope="diary", granted=False, text_version=1, now=now)
    refused = api(therapist).get(path)
    assert (refused.status_code, refused.json()["code"]) == (403, "diary_not_shared")


def test_a_year_costs_the_same_queries_as_a_week(
    api: Api,
    therapist: User,
    patient: Patient,
    plan: RecoveryPlan,
    now: datetime,
    django_assert_max_num_queries: Any,
    django_assert_num_queries: Any,
) -> None:
    clients = (api(patient), "me/progress"), (api(therapist), f"patients/{patient.pk}/series")
    for number, (client, path) in enumerate(clients):
        client.get(asked(path, WEEK))
        with django_assert_max_num_queries(18) as counted:
            client.get(asked(path, WEEK))
        for _ in range(3):
            make_alert(patient, now=now)
        make_pain_days(patient, last=TODAY - (100 + number) * DAY, knee=[3])
        with django_assert_num_queries(len(counted)):
            client.get(asked(path, {"from": "2025-05-05"}))
