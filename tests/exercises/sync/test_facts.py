"""The phone reports over the public API."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from backend.accounts.erasures.services import erase_person
from backend.accounts.models import Patient, User
from exercises.sync.services import at_once
from exercises.tracking.models import DayPain, Fact
from tests.client import ApiClient
from tests.exercises.sync.conftest import new_id

Api = Callable[[User | Patient | None], ApiClient]
Make = Callable[..., dict[str, Any]]


def test_a_pain_report_is_stored_once_and_served_as_it_was_sent(
    api: Api, settled: Patient, pain: Make
) -> None:
    phone, path = api(settled), f"me/pain-reports/{new_id()}"
    first = phone.put(path, pain(note="after the stairs"))
    again = phone.put(path, pain(note="after the stairs"))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["status"] == "applied"
    assert again.json() == first.json() | {"status": "duplicate"}
    assert first.json()["advice"] is None
    served = phone.get(path).json()
    assert served["score"] == 4
    assert served["note"] == "after the stairs"
    assert served["rev"] == first.json()["rev"]
    assert DayPain.objects.get(patient=settled, site="knee").avg24_sum == 4


@pytest.mark.parametrize("kind", ["pain-reports", "symptom-reports"])
def test_who_was_erased_while_her_report_was_on_its_way_is_found_no_more(
    api: Api, settled: Patient, pain: Make, symptom: Make, kind: str, now: datetime
) -> None:
    path, body = f"me/{kind}/{new_id()}", pain() if kind == "pain-reports" else symptom("S-FEVER")
    phone = api(settled)

    def take_at_once(**wanted: Any) -> Any:
        erase_person(user_id=settled.user_id, now=now)
        return at_once.take_at_once(**wanted)

    with patch("exercises.sync.services.accepting.take_at_once", take_at_once):
        answer = phone.put(path, body)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not Fact.objects.exists()


def test_another_content_under_the_same_id_is_refused_and_changes_nothing(
    api: Api, settled: Patient, pain: Make
) -> None:
    phone, path = api(settled), f"me/pain-reports/{new_id()}"
    phone.put(path, pain(score=4))
    refused = phone.put(path, pain(score=9))
    assert refused.status_code == 409
    assert refused.json()["code"] == "different_content"
    assert phone.get(path).json()["score"] == 4


def test_the_same_id_from_somebody_else_is_another_fact(
    api: Api, settled: Patient, other_patient: Patient, pain: Make
) -> None:
    path = f"me/pain-reports/{new_id()}"
    assert api(settled).put(path, pain(score=4)).status_code == 201
    assert api(other_patient).get(path).status_code == 404
    assert api(other_patient).put(path, pain(score=7)).status_code == 201
    assert api(settled).get(path).json()["score"] == 4


def test_a_stranger_cannot_read_or_retract(
    api: Api, settled: Patient, other_patient: Patient, therapist: User, pain: Make
) -> None:
    path = f"me/pain-reports/{new_id()}"
    api(settled).put(path, pain())
    assert api(other_patient).get(path).status_code == 404
    assert api(other_patient).post(f"{path}/retract", {}).status_code == 404
    assert api(therapist).get(path).status_code == 403
    assert api(None).get(path).status_code == 401


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"score": 11}, "/score"),
        ({"score": "4"}, "/score"),
        ({"score": True}, "/score"),
        ({"site": "elbow"}, "/site"),
        ({"tz": "Mars/Olympus"}, "/tz"),
        ({"occurred_at": "2026-05-04T09:30:00"}, "/occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "/occurred_at"),
        ({"local_date": "2026-02-30"}, "/local_date"),
        ({"note": "a\u0000b"}, "/note"),
        ({"surprise": 1}, "/surprise"),
    ],
)
def test_bad_fields_are_named_and_nothing_is_stored(
    api: Api, settled: Patient, pain: Make, change: dict[str, Any], pointer: str
) -> None:
    answer = api(settled).put(f"me/pain-reports/{new_id()}", pain(**change))
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert [error["pointer"] for error in body["errors"]] == [pointer]
    assert body["retry"] == "after_fix"
    assert not Fact.objects.filter(patient=settled, type="pain_report").exists()


def test_all_wrong_fields_are_named_at_once(api: Api, settled: Patient, pain: Make) -> None:
    answer = api(settled).put(f"me/pain-reports/{new_id()}", pain(score=99, site="elbow", x=1))
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/score", "/site", "/x"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b"[]",
        b'"text"',
        b"null",
        b'{"score": NaN}',
        b'{"score": ' + b"9" * 5000 + b"}",
        b'{"score": 1, "score": 2}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b'{"note": "\\ud800"}',
    ],
)
def test_a_body_that_is_not_clear_json_is_a_400(api: Api, settled: Patient, body: bytes) -> None:
    for kind in ("pain-reports", "symptom-reports", "sessions"):
        answer = api(settled).put(f"me/{kind}/{new_id()}", body)
        assert answer.status_code == 400, answer.content
        assert answer["Content-Type"] == "application/problem+json"


def test_a_huge_body_is_a_413(api: Api, settled: Patient) -> None:
    answer = api(settled).put(f"me/pain-reports/{new_id()}", b'"' + b"x" * 600_000 + b'"')
    assert answer.status_code == 413


def test_a_date_that_disagrees_is_kept_as_sent_and_flagged(
    api: Api, settled: Patient, pain: Make
) -> None:
    path = f"me/pain-reports/{new_id()}"
    api(settled).put(path, pain(local_date="2026-05-03"))
    served = api(settled).get(path).json()
    assert served["local_date"] == "2026-05-03"
    assert served["date_disagrees"] is True


def test_a_stretch_that_nobody_prescribed_can_be_logged(api: Api, settled: Patient) -> None:
    phone, path = api(settled), f"me/sessions/{new_id()}"
    body = {
        "occurred_at": "2026-05-04T09:30:00+02:00",
        "tz": "Europe/Berlin",
        "local_date": "2026-05-04",
        "items": [{"exercise": "EX-19", "done": {"sets": 2, "hold_s": 30}, "pain_during": 2}],
    }
    assert phone.put(path, body).status_code == 201
    assert phone.get(path).json()["items"][0]["exercise"] == "EX-19"
    wrong = body | {"items": [{"exercise": "EX-99"}]}
    refused = phone.put(f"me/sessions/{new_id()}", wrong)
    assert refused.json()["errors"][0]["pointer"] == "/items/0/exercise"
    both = body | {"items": [{"exercise": "EX-01", "prescription": new_id()}]}
    assert phone.put(f"me/sessions/{new_id()}", both).status_code == 400


def test_a_session_fills_todays_occurrences(api: Api, settled: Patient) -> None:
    phone = api(settled)
    due = phone.get("me/today").json()["occurrences"]
    assert due
    assert all(item["state"] == "due" and item["stop_rules"] for item in due)
    first = due[0]
    body = {
        "occurred_at": "2026-05-04T09:30:00+02:00",
        "tz": "Europe/Berlin",
        "local_date": "2026-05-04",
        "items": [{"prescription": first["prescription"], "slot": first["slot"]}],
    }
    phone.put(f"me/sessions/{new_id()}", body)
    states = {item["key"]: item["state"] for item in phone.get("me/today").json()["occurrences"]}
    assert states[first["key"]] == "done"
    assert list(states.values()).count("done") == 1


def test_pain_that_persists_for_three_weeks_raises_a_prompt(
    api: Api, settled: Patient, pain: Make, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    phone = api(settled)
    advice = []
    for day in range(22):
        set_clock(now + timedelta(days=day))
        moment = now + timedelta(days=day)
        body = pain(score=6, occurred_at=moment.isoformat(), local_date=moment.date().isoformat())
        advice.append(phone.put(f"me/pain-reports/{new_id()}", body).json()["advice"])
    assert advice[20] is None
    assert advice[21]["level"] == "see_doctor_soon"
    assert advice[21]["because"][0]["rule"] == "SD-PERSIST-3W"
    (prompt,) = phone.get("me/advice").json()["items"]
    assert prompt["state"] == "raised"
    path = f"me/advice/{prompt['id']}"
    assert phone.post(f"{path}/seen").json()["state"] == "seen"
    assert phone.post(f"{path}/response", {"answer": "will_go"}).json()["state"] == "will_go"
    assert phone.post(f"{path}/response", {"answer": "declined"}).status_code == 400


def test_a_report_costs_the_same_number_of_queries_after_a_long_history(
    api: Api, settled: Patient, pain: Make, now: datetime
) -> None:
    phone = api(settled)

    def queries(score: int) -> int:
        from django.db import connection

        with CaptureQueriesContext(connection) as captured:
            phone.put(f"me/pain-reports/{new_id()}", pain(score=score))
        return len(captured)

    queries(3)
    few = queries(3)
    assert few <= 15
    for day in range(1, 40):
        moment = now - timedelta(days=day)
        body = pain(occurred_at=moment.isoformat(), local_date=moment.date().isoformat())
        phone.put(f"me/pain-reports/{new_id()}", body)
    assert queries(3) <= few


def test_today_asks_a_bounded_number_of_queries(
    api: Api, settled: Patient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    phone = api(settled)
    # Three of them keep what was made, one says how far doses have come; `test_budgets` counts the
    # answers that are then given.
    with django_assert_max_num_queries(23):
        assert phone.get("me/today").status_code == 200
