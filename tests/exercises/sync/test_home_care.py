"""Home care over the public API: advice now, the diary, and warmth of the knee after heat."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Patient, User
from exercises.sync.intake_api import answer_intake
from exercises.tracking.models import Fact
from exercises.triage.models import Alert
from tests.client import ApiClient
from tests.exercises.sync.conftest import new_id

Api = Callable[[User | Patient | None], ApiClient]
Make = Callable[..., dict[str, Any]]


def session(at: datetime, **changes: Any) -> dict[str, Any]:
    return {
        "occurred_at": at.isoformat(),
        "tz": "Europe/Berlin",
        "local_date": at.date().isoformat(),
        "modality": "ice",
        "site": "knee",
        "minutes": 15,
        "wrapped": True,
    } | changes


def states(answer: Any) -> dict[str, str]:
    return {item["modality"]: item["status"] for item in answer.json()["items"]}


def test_the_day_of_onset_decides_between_cold_and_warmth(
    api: Api, settled: Patient, now: datetime
) -> None:
    phone = api(settled)
    asked = phone.get("me/home-care").json()
    assert "ask_onset" in asked
    assert states(phone.get("me/home-care")) == {"ice": "optional", "heat": "later"}
    answer_intake(patient=settled, answers={"episode_started_on": "2026-05-03"}, now=now)
    assert states(phone.get("me/home-care")) == {"ice": "default", "heat": "later"}
    answer_intake(patient=settled, answers={"episode_started_on": "2026-04-20"}, now=now)
    told = phone.get("me/home-care")
    assert states(told) == {"heat": "default", "ice": "optional"}
    assert "ask_onset" not in told.json()
    ice = told.json()["items"][1]
    assert (ice["default_minutes"], ice["max_minutes"], ice["skin_check_minutes"]) == (15, 20, 5)
    assert ice["confirm"]
    assert phone.get("me/today").json()["home_care"] == told.json()["items"]


def test_without_an_answer_a_plan_that_runs_long_enough_says_that_onset_is_past(
    api: Api, settled: Patient, set_clock: Callable[[datetime], None], now: datetime
) -> None:
    phone = api(settled)
    # The plan began on 4 May: that day is over at 22:00 UTC, and 48 hours later it is 6 May.
    boundary = datetime(2026, 5, 6, 22, 0, tzinfo=now.tzinfo)
    set_clock(boundary - timedelta(seconds=1))
    assert states(phone.get("me/home-care"))["heat"] == "later"
    set_clock(boundary)
    assert states(phone.get("me/home-care"))["heat"] == "default"


def test_the_two_days_are_48_hours_where_the_clock_changes(
    api: Api, patient: Patient, set_clock: Callable[[datetime], None], now: datetime
) -> None:
    # 28 March ends at 23:00 UTC; clocks go forward in the night to 29 March.
    began = now.replace(month=3, day=28)
    answer_intake(
        patient=patient,
        answers={
            "age": 44, "pregnant": "no", "first_episode": False, "history": [], "red_flags": [],
            "episode_started_on": "2026-03-28",
        },
        now=began,
    )  # fmt: skip
    phone = api(patient)
    set_clock(datetime(2026, 3, 30, 22, 59, 59, tzinfo=now.tzinfo))
    assert states(phone.get("me/home-care"))["ice"] == "default"
    set_clock(datetime(2026, 3, 30, 23, 0, tzinfo=now.tzinfo))
    assert states(phone.get("me/home-care"))["heat"] == "default"


def test_numb_skin_refuses_until_it_is_reported_gone(
    api: Api, settled: Patient, symptom: Make
) -> None:
    phone = api(settled)
    phone.put(f"me/symptom-reports/{new_id()}", symptom("S-NUMB-LEG", new_or_changed=False))
    for item in phone.get("me/home-care").json()["items"]:
        assert item["status"] == "blocked"
        assert [reason["code"] for reason in item["reasons"]] == ["numb_area"]
        assert item["steps"] == []
    gone = symptom("S-NUMB-LEG", present=False) | {"occurred_at": "2026-05-04T09:45:00+02:00"}
    phone.put(f"me/symptom-reports/{new_id()}", gone)
    assert "blocked" not in states(phone.get("me/home-care")).values()


def test_a_symptom_of_a_phone_whose_clock_runs_ahead_refuses_all_the_same(
    api: Api, settled: Patient, symptom: Make
) -> None:
    phone = api(settled)
    ahead = symptom("S-NUMB-LEG") | {"occurred_at": "2026-05-09T09:30:00+02:00"}
    phone.put(f"me/symptom-reports/{new_id()}", ahead)
    assert set(states(phone.get("me/home-care")).values()) == {"blocked"}


def test_a_red_hot_knee_refuses_while_its_alert_stands(
    api: Api, settled: Patient, symptom: Make
) -> None:
    phone, path = api(settled), f"me/symptom-reports/{new_id()}"
    body = symptom("S-KNEE-RED", new_or_changed=True)
    body["symptoms"].append({"code": "S-KNEE-WARM", "present": True})
    phone.put(path, body)
    assert Alert.objects.filter(rule="RF-INF-LOCAL").exists()
    reasons = phone.get("me/today").json()["home_care"][0]["reasons"]
    assert [reason["code"] for reason in reasons] == ["red_hot_knee"]
    phone.post(f"{path}/retract", {"confirmed_none": True})
    assert "blocked" not in states(phone.get("me/home-care")).values()


def test_a_cold_pack_that_was_logged_starts_the_pause(
    api: Api, settled: Patient, now: datetime
) -> None:
    phone = api(settled)
    phone.put(f"me/home-care/{new_id()}", session(now - timedelta(minutes=30)))
    ice = next(i for i in phone.get("me/home-care").json()["items"] if i["modality"] == "ice")
    assert ice["status"] == "later"
    assert ice["reasons"][0]["code"] == "too_soon"
    assert datetime.fromisoformat(ice["earliest_at"]) == now + timedelta(minutes=105)


def test_what_happened_is_kept_and_warned_of_and_a_replay_says_the_same(
    api: Api,
    settled: Patient,
    symptom: Make,
    now: datetime,
    set_clock: Callable[[datetime], None],
) -> None:
    phone, path = api(settled), f"me/home-care/{new_id()}"
    phone.put(f"me/symptom-reports/{new_id()}", symptom("S-NUMB-LEG", new_or_changed=False))
    body = session(now, minutes=40, wrapped=False)
    first = phone.put(path, body)
    assert first.status_code == 201
    codes = [warning["code"] for warning in first.json()["warnings"]]
    assert codes == ["numb_area", "too_long", "not_wrapped"]
    later = now + timedelta(days=1)
    set_clock(later)
    gone = symptom("S-NUMB-LEG", present=False) | {"occurred_at": later.isoformat()}
    phone.put(f"me/symptom-reports/{new_id()}", gone)
    again = phone.put(path, body)
    assert again.status_code == 200
    assert again.json() == first.json() | {"status": "duplicate"}
    assert Fact.objects.filter(type="home_care").count() == 1
    assert phone.get(path).json()["minutes"] == 40
    fine = phone.put(f"me/home-care/{new_id()}", session(later))
    assert fine.json()["warnings"] == []


def test_a_session_before_the_symptom_is_not_warned_of(
    api: Api, settled: Patient, symptom: Make, now: datetime
) -> None:
    phone = api(settled)
    phone.put(f"me/symptom-reports/{new_id()}", symptom("S-NUMB-LEG"))
    early = session(now - timedelta(hours=5))
    assert phone.put(f"me/home-care/{new_id()}", early).json()["warnings"] == []


def test_a_stranger_sees_no_home_care(
    api: Api, settled: Patient, other_patient: Patient, therapist: User, now: datetime
) -> None:
    path = f"me/home-care/{new_id()}"
    api(settled).put(path, session(now))
    assert api(other_patient).get(path).status_code == 404
    assert api(other_patient).post(f"{path}/retract", {}).status_code == 404
    assert api(other_patient).get("me/home-care").json()["code"] == "no_plan"
    assert api(therapist).get("me/home-care").status_code == 403
    assert api(None).get("me/home-care").status_code == 401


@pytest.mark.parametrize(
    ("change", "pointer"),
    [({"modality": "fire"}, "/modality"), ({"minutes": 241}, "/minutes"), ({"site": "x"}, "/site")],
)
def test_bad_input_is_named(
    api: Api, settled: Patient, now: datetime, change: dict[str, Any], pointer: str
) -> None:
    answer = api(settled).put(f"me/home-care/{new_id()}", session(now, **change))
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_a_retracted_session_starts_no_pause(api: Api, settled: Patient, now: datetime) -> None:
    phone, path = api(settled), f"me/home-care/{new_id()}"
    phone.put(path, session(now))
    assert states(phone.get("me/home-care"))["ice"] == "later"
    assert phone.post(f"{path}/retract", {}).status_code == 201
    assert states(phone.get("me/home-care"))["ice"] == "optional"


@pytest.mark.parametrize(
    ("ended_ago", "changes", "raised"),
    [
        (timedelta(hours=2), {}, False),
        (timedelta(hours=2, seconds=1), {}, True),
        (timedelta(minutes=1), {"site": "back"}, True),
        (timedelta(minutes=1), {"modality": "ice"}, True),
        (timedelta(minutes=-30), {}, True),  # the heat began after the knee was warm
    ],
)
def test_a_knee_that_is_warm_within_two_hours_of_heat_is_no_sign(
    api: Api,
    settled: Patient,
    symptom: Make,
    now: datetime,
    ended_ago: timedelta,
    changes: dict[str, Any],
    raised: bool,
) -> None:
    phone = api(settled)
    warm = now - timedelta(minutes=5)
    began = warm - ended_ago - timedelta(minutes=15)
    phone.put(f"me/home-care/{new_id()}", session(began, modality="heat") | changes)
    body = symptom("S-KNEE-WARM", new_or_changed=True) | {"occurred_at": warm.isoformat()}
    phone.put(f"me/symptom-reports/{new_id()}", body)
    assert Alert.objects.filter(rule="PR-KNEE-SIGN").exists() is raised
    # Judged again with every later report, it stays as it was.
    other = symptom("S-BUCKLE") | {"occurred_at": now.isoformat()}
    phone.put(f"me/symptom-reports/{new_id()}", other)
    assert Alert.objects.filter(rule="PR-KNEE-SIGN").exists() is raised


def test_the_patients_own_word_goes_before_the_diary(
    api: Api, settled: Patient, symptom: Make, now: datetime
) -> None:
    phone = api(settled)
    phone.put(f"me/home-care/{new_id()}", session(now - timedelta(minutes=40), modality="heat"))
    body = symptom("S-KNEE-WARM", new_or_changed=True, after_heat_pack=False)
    phone.put(f"me/symptom-reports/{new_id()}", body | {"occurred_at": now.isoformat()})
    assert Alert.objects.filter(rule="PR-KNEE-SIGN").exists()


def test_the_advice_costs_the_same_after_a_long_history(
    api: Api, settled: Patient, now: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    phone = api(settled)
    with CaptureQueriesContext(connection) as captured:
        phone.get("me/home-care")
    few = len(captured)
    for hours in range(1, 40):
        phone.put(f"me/home-care/{new_id()}", session(now - timedelta(hours=hours)))
    with django_assert_max_num_queries(few):
        assert phone.get("me/home-care").status_code == 200
    assert 0 < few <= 8
