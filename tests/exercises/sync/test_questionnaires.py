"""Questionnaires over the public API: what is due, the answers, their scores and their changes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Patient, User
from exercises.tracking.instruments.responses import summary_of
from exercises.tracking.models import Fact
from exercises.triage.models import Alert
from tests.client import ApiClient
from tests.exercises.sync.conftest import new_id

Api = Callable[[User | Patient | None], ApiClient]
Make = Callable[..., dict[str, Any]]
Clock = Callable[[datetime], None]
NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


def form(instrument: str, answers: dict[str, Any], day: int = 0, **more: Any) -> dict[str, Any]:
    at = NOW + timedelta(days=day)
    return {
        "occurred_at": at.isoformat(),
        "tz": "Europe/Berlin",
        "local_date": at.date().isoformat(),
        "instrument": instrument,
        "version": "1",
        "answers": answers,
    } | more


def groc(change: int, day: int = 0) -> dict[str, Any]:
    return form("GROC", {"change": change}, day)


def rmdq(count: int, day: int = 0, *, submitted: bool = True) -> dict[str, Any]:
    ticked = [f"rmdq_{n:02}" for n in range(1, count + 1)]
    return form("RMDQ", {"ticked": ticked, "submitted": submitted}, day)


def psfs(day: int = 0, amends: str = "", /, **scores: int | None) -> dict[str, Any]:
    items = [{"text": t} | ({} if s is None else {"score": s}) for t, s in scores.items()]
    return form("PSFS", {"activities": items}, day, **({"amends": amends} if amends else {}))


def send(phone: ApiClient, body: dict[str, Any], fact_id: str = "") -> Any:
    return phone.put(f"me/questionnaires/{fact_id or new_id()}", body)


def listed(phone: ApiClient) -> dict[str, Any]:
    return {item["instrument"]: item for item in phone.get("me/questionnaires").json()["items"]}


def test_the_list_says_what_is_due_with_all_that_a_phone_shows(api: Api, settled: Patient) -> None:
    answer = api(settled).get("me/questionnaires")
    assert answer.status_code == 200
    items = {item["instrument"]: item for item in answer.json()["items"]}
    assert {code: item["state"] for code, item in items.items()} == {
        "PSFS": "due", "RMDQ": "due", "GROC": "upcoming",
    }  # fmt: skip
    assert (items["RMDQ"]["due_on"], items["RMDQ"]["next_on"]) == ("2026-05-04", "2026-05-18")
    assert items["RMDQ"]["until"] == "2026-05-18"
    assert items["GROC"]["next_on"] == "2026-05-11"
    assert len(items["RMDQ"]["form"]["items"]) == 24
    assert (items["PSFS"]["form"]["usual"], items["PSFS"]["form"]["most"]) == (3, 5)
    assert (items["GROC"]["form"]["min"], items["GROC"]["form"]["max"]) == (-5, 5)
    assert all(item["licence"] and item["instruction"] for item in items.values())
    withheld = {slot["code"]: slot["reason"] for slot in answer.json()["not_offered"]}
    assert "Mapi" in withheld["KOOS"]


@pytest.mark.parametrize(
    ("body", "score"),
    [
        (psfs(walk=2, stairs=4, kneel=5), ("mean", 3.67, 11, 3)),
        (psfs(walk=2, stairs=None), ("mean", 2.0, 2, 1)),
        (rmdq(7), ("count", 7.0, 7, 24)),
        (rmdq(0), ("count", 0.0, 0, 24)),
        (groc(-2), ("rating", -2.0, -2, 1)),
    ],
)
def test_the_server_scores_and_says_how(
    api: Api, settled: Patient, body: dict[str, Any], score: tuple[str, float, int, int]
) -> None:
    phone, fact_id = api(settled), new_id()
    first = send(phone, body, fact_id)
    assert first.status_code == 201
    found = first.json()["score"]
    members = (found["method"], found["value"], found["numerator"], found["denominator"])
    assert members == score
    again = send(phone, body, fact_id)
    assert again.status_code == 200
    assert again.json() == first.json() | {"status": "duplicate"}
    assert Fact.objects.filter(type="questionnaire").count() == 1
    served = phone.get(f"me/questionnaires/{fact_id}").json()
    assert served["score"] == found
    assert served["answers"] == body["answers"]
    assert served["licence"]


def test_a_partial_form_is_kept_has_no_score_and_stays_due(api: Api, settled: Patient) -> None:
    phone = api(settled)
    answer = send(phone, rmdq(5, submitted=False))
    assert answer.status_code == 201
    assert "value" not in answer.json()["score"]
    assert answer.json()["score"]["missing"] == "not_submitted"
    assert listed(phone)["RMDQ"]["state"] == "due"
    assert "last" not in listed(phone)["RMDQ"]


def test_a_form_is_done_until_it_falls_due_again_on_the_local_date(
    api: Api, settled: Patient, set_clock: Clock
) -> None:
    phone = api(settled)
    send(phone, psfs(walk=2))
    assert listed(phone)["PSFS"]["state"] == "done"
    # 17 May ends in Berlin at 22:00 UTC.
    set_clock(datetime(2026, 5, 17, 21, 59, tzinfo=UTC))
    assert listed(phone)["PSFS"]["state"] == "done"
    set_clock(datetime(2026, 5, 17, 22, 0, tzinfo=UTC))
    assert listed(phone)["PSFS"]["state"] == "due"
    assert listed(phone)["PSFS"]["due_on"] == "2026-05-18"


def test_the_local_date_is_right_on_both_sides_of_a_change_of_the_clock(
    api: Api, settled: Patient, set_clock: Clock
) -> None:
    phone = api(settled)
    # GROC day 175 is 26 October, the day after clocks went back: it begins at 23:00 UTC, not 22:00.
    set_clock(datetime(2026, 10, 25, 22, 59, tzinfo=UTC))
    assert listed(phone)["GROC"]["due_on"] == "2026-10-19"
    set_clock(datetime(2026, 10, 25, 23, 0, tzinfo=UTC))
    assert listed(phone)["GROC"]["due_on"] == "2026-10-26"


def test_the_change_since_the_first_form_says_whether_it_matters(
    api: Api, settled: Patient, set_clock: Clock
) -> None:
    phone = api(settled)
    send(phone, rmdq(12))
    assert "change" not in listed(phone)["RMDQ"]
    set_clock(NOW + timedelta(days=14))
    send(phone, rmdq(9, day=14))
    found = listed(phone)["RMDQ"]
    assert found["last"]["score"]["value"] == 9
    assert found["last"]["local_date"] == "2026-05-18"
    assert found["change"] == {
        "since": "2026-05-04", "points": -3.0, "percent": -25.0, "direction": "better",
        "meaningful": False, "recovered": False, "compared": 1, "floor": False, "ceiling": False,
    }  # fmt: skip
    send(phone, rmdq(2, day=15))
    change = listed(phone)["RMDQ"]["change"]
    assert (change["meaningful"], change["recovered"]) == (True, True)


def test_a_rating_of_change_is_measured_from_the_start_of_the_plan(
    api: Api, settled: Patient, set_clock: Clock
) -> None:
    phone = api(settled)
    set_clock(NOW + timedelta(days=8))
    send(phone, groc(3, day=8))
    change = listed(phone)["GROC"]["change"]
    assert (change["since"], change["points"], change["meaningful"]) == ("2026-05-04", 3.0, True)


def test_the_patients_own_words_stay_fixed(api: Api, settled: Patient) -> None:
    phone, first = api(settled), new_id()
    send(phone, psfs(walk=2, stairs=3), first)
    assert listed(phone)["PSFS"]["activities"] == ["walk", "stairs"]
    other = send(phone, psfs(14, walk=5, swim=5))
    assert other.status_code == 400
    (error,) = other.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/answers/activities/1/text", "other_activity")
    assert "walk; stairs" in error["message"]
    assert send(phone, psfs(14, Walk=5)).status_code == 201
    assert send(phone, psfs(walk=2, stairs=3), first).status_code == 200
    change = listed(phone)["PSFS"]["change"]
    assert (change["points"], change["compared"], change["size"]) == (3.0, 1, "large")


def test_a_correction_of_the_first_form_may_change_its_words(api: Api, settled: Patient) -> None:
    phone, first = api(settled), new_id()
    send(phone, psfs(wlak=2), first)
    assert send(phone, psfs(0, first, walk=2)).status_code == 201
    assert listed(phone)["PSFS"]["activities"] == ["walk"]


def test_a_withdrawn_form_counts_no_more(api: Api, settled: Patient) -> None:
    phone, fact_id = api(settled), new_id()
    send(phone, rmdq(12), fact_id)
    assert phone.post(f"me/questionnaires/{fact_id}/retract", {}).status_code == 201
    assert phone.post(f"me/questionnaires/{fact_id}/retract", {}).status_code == 200
    assert listed(phone)["RMDQ"]["state"] == "due"
    assert "last" not in listed(phone)["RMDQ"]


def test_feeling_clearly_worse_prompts_and_other_instruments_do_not(
    api: Api, settled: Patient
) -> None:
    phone = api(settled)
    assert send(phone, rmdq(24)).json()["advice"] is None
    assert send(phone, psfs(walk=0)).json()["advice"] is None
    assert send(phone, groc(-2)).json()["advice"] is None
    worse = send(phone, form("GROC", {"change": -3}, occurred_at="2026-05-04T10:30:00+02:00"))
    assert worse.json()["advice"]["because"][0]["rule"] == "SD-WORSEN"
    assert Alert.objects.get().rule == "SD-WORSEN"


def test_nothing_is_asked_while_the_plan_rests(api: Api, settled: Patient, symptom: Make) -> None:
    phone = api(settled)
    phone.put(f"me/symptom-reports/{new_id()}", symptom("S-SADDLE"))
    assert {item["state"] for item in listed(phone).values()} == {"paused"}


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (form("KOOS", {}), "/instrument", "not_licensed"),
        (form("HAQ", {}), "/instrument", "unknown_instrument"),
        (form("GROC", {"change": 1}, version="7"), "/version", "unknown_version"),
        (groc(6), "/answers/change", "invalid"),
        (form("RMDQ", {"ticked": ["x"], "submitted": True}), "/answers/ticked/0", "unknown_item"),
        (form("GROC", {"change": 1}, tz="Mars/Olympus"), "/tz", "unknown_zone"),
    ],
)
def test_bad_input_is_named_and_nothing_is_stored(
    api: Api, settled: Patient, body: dict[str, Any], pointer: str, code: str
) -> None:
    answer = send(api(settled), body)
    assert answer.status_code == 400
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]
    assert not Fact.objects.filter(type="questionnaire").exists()


def test_another_content_under_the_same_id_is_refused(api: Api, settled: Patient) -> None:
    phone, fact_id = api(settled), new_id()
    send(phone, rmdq(3), fact_id)
    assert send(phone, rmdq(4), fact_id).status_code == 409


def test_a_stranger_sees_no_questionnaire(
    api: Api, settled: Patient, other_patient: Patient, therapist: User
) -> None:
    fact_id = new_id()
    send(api(settled), rmdq(3), fact_id)
    path = f"me/questionnaires/{fact_id}"
    assert api(other_patient).get(path).status_code == 404
    assert api(other_patient).post(f"{path}/retract", {}).status_code == 404
    assert api(other_patient).get("me/questionnaires").json()["code"] == "no_plan"
    assert api(therapist).get("me/questionnaires").status_code == 403
    assert api(None).get("me/questionnaires").status_code == 401


def test_the_list_costs_the_same_after_a_long_history(
    api: Api, settled: Patient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    phone = api(settled)
    with CaptureQueriesContext(connection) as captured:
        phone.get("me/questionnaires")
    few = len(captured)
    for day in range(30):
        send(phone, groc(1, day=day))
        send(phone, psfs(day, walk=3))
    with django_assert_max_num_queries(few):
        assert phone.get("me/questionnaires").status_code == 200
    assert 0 < few <= 6


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (rmdq(12), "Roland-Morris Disability Questionnaire (24 statements): 12 of 24"),
        (psfs(walk=2, stairs=3), "Patient-Specific Functional Scale: 2.5 of 10"),
        (groc(-3), "Global Rating of Change (11 points): -3 (-5 to 5)"),
        (psfs(walk=None), "Patient-Specific Functional Scale: no score"),
        ({"instrument": "OLD", "answers": {}}, "OLD"),
    ],
)
def test_a_form_in_one_line(body: dict[str, Any], line: str) -> None:
    assert summary_of(body) == line
