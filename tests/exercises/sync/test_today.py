"""The one screen over the course of a plan."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from backend.accounts.models import Patient, User
from tests.client import ApiClient
from tests.exercises.sync.conftest import new_id

Api = Callable[[User | Patient | None], ApiClient]
Make = Callable[..., dict[str, Any]]
SetClock = Callable[[datetime], None]


def in_rehab(
    phone: ApiClient, pain: Make, now: datetime, set_clock: SetClock, score: int = 2
) -> datetime:
    """Fifteen days of little pain: the plan is in rehabilitation. The last of these days."""
    for day in range(15):
        moment = now + timedelta(days=day)
        set_clock(moment)
        body = pain(score=score, occurred_at=moment.isoformat(), local_date=str(moment.date()))
        assert phone.put(f"me/pain-reports/{new_id()}", body).status_code == 201
    assert phone.get("me/plan").json()["phase"] == "rehab"
    return now + timedelta(days=14)


def test_strengthening_waits_while_something_is_to_be_checked_within_days(
    api: Api,
    settled: Patient,
    pain: Make,
    symptom: Make,
    now: datetime,
    set_clock: SetClock,
) -> None:
    phone = api(settled)
    in_rehab(phone, pain, now, set_clock)
    before = {item["exercise"]: item["state"] for item in week(phone)}
    assert before["EX-10"] == before["EX-03"] == "due"
    told = phone.put(f"me/symptom-reports/{new_id()}", symptom("S-BUCKLE"))
    assert told.json()["advice"]["level"] == "prompt_days"
    after = {item["exercise"]: item["state"] for item in week(phone)}
    assert after["EX-10"] == "paused"
    assert after["EX-03"] == "due"


def test_a_dose_is_halved_after_a_bad_night_and_says_why(
    api: Api, settled: Patient, now: datetime, set_clock: SetClock
) -> None:
    phone = api(settled)
    first = next(i for i in phone.get("me/today").json()["occurrences"] if i["exercise"] == "EX-04")
    body = {
        "occurred_at": now.isoformat(),
        "tz": "Europe/Berlin",
        "local_date": str(now.date()),
        "items": [{"prescription": first["prescription"], "pain_during": 4}],
        "next_morning_increase": 2,
    }
    assert phone.put(f"me/sessions/{new_id()}", body).status_code == 201
    set_clock(now + timedelta(days=1))
    today = phone.get("me/today").json()["occurrences"]
    halved = next(item for item in today if item["exercise"] == "EX-04")
    assert halved["adjusted_because"] == "halved"
    assert halved["dose"]["reps"]["max"] * 2 == first["dose"]["reps"]["max"]


def test_a_day_far_away_or_unreadable_is_refused_clearly(api: Api, settled: Patient) -> None:
    phone = api(settled)
    for query in ("date=2030-01-01", "date=yesterday", "date=2026-13-01"):
        answer = phone.get(f"me/today?{query}")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == "/date"
    assert phone.get("me/occurrences?from=2026-05-10&to=2026-05-04").status_code == 400
    assert phone.get("me/occurrences?from=2020-01-01&to=2026-05-04").status_code == 400


def test_without_a_plan_the_screen_says_what_to_do(api: Api, patient: Patient) -> None:
    answer = api(patient).get("me/today")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_plan")


def test_the_gate_is_a_checklist_with_its_evidence(api: Api, settled: Patient, pain: Make) -> None:
    phone = api(settled)
    phone.put(f"me/pain-reports/{new_id()}", pain(score=6))
    gate = phone.get("me/plan/gate").json()
    lines = {line["code"]: line for line in gate["lines"]}
    assert (gate["target"], gate["open"]) == ("rehab", False)
    assert lines["day"] | {"text": ""} == {
        "code": "day", "met": False, "text": "", "value": 0.0, "threshold": 14.0,
    }  # fmt: skip
    assert lines["pain"]["met"] is False
    assert "value" not in lines["pain"]


def week(phone: ApiClient) -> list[dict[str, Any]]:
    """The next seven days' occurrences."""
    items: list[dict[str, Any]] = phone.get("me/occurrences").json()["items"]
    return items
