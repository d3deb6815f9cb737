"""Who asks in German reads German, on every screen on which safety depends."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from backend.accounts.models import Patient, User
from tests.client import ApiClient
from tests.exercises.triage.diary import Diary, at
from tests.exercises.triage.test_visits import report

Api = Callable[[User | Patient | None], ApiClient]
GERMAN = {"Accept_Language": "de-AT, en;q=0.5"}


@pytest.fixture
def phone(
    api: Api, patient: Patient, therapist: User, set_clock: Callable[[datetime], None]
) -> ApiClient:
    """A phone whose profile speaks English."""
    set_clock(at(3, 9))
    Diary(patient)
    return api(patient)


def both(phone: ApiClient, path: str) -> tuple[Any, Any]:
    return phone.get(path).json(), phone.get(path, **GERMAN).json()


def stop_texts(items: list[Any]) -> set[str]:
    """Why to stop, of each exercise."""
    return {rule["text"] for item in items for rule in item["stop_rules"]}


def test_the_intake_asks_in_german(phone: ApiClient) -> None:
    english, german = both(phone, "me/intake")
    for asked, said in zip(english["questions"], german["questions"], strict=True):
        assert asked["text"] != said["text"], asked["id"]
        assert asked["section_title"] != said["section_title"]
        labels = [
            (a["label"], b["label"]) for a, b in zip(asked["options"], said["options"], strict=True)
        ]
        assert [a for a, b in labels if a == b and a != "Asthma"] == []
    put = phone.put("me/intake", {"answers": {"age": 45}}, **GERMAN).json()
    assert put["questions"][0]["text"] == "Wie alt sind Sie?"


def test_the_one_screen_speaks_german(phone: ApiClient) -> None:
    english, german = both(phone, "me/today")
    assert german["safety_net"].startswith("Keine Warnung heißt nicht, dass alles gut ist.")
    assert "112" in german["safety_net"]
    assert german["phase_title"] == "Zur Ruhe kommen"
    assert german["check_in"]["text"] != english["check_in"]["text"]
    lines = zip(english["next_step"]["lines"], german["next_step"]["lines"], strict=True)
    assert all(a["text"] != b["text"] for a, b in lines)
    assert both(phone, "me/plan/gate")[1]["lines"] == german["next_step"]["lines"]
    due, said = both(phone, "me/occurrences")
    assert stop_texts(english["occurrences"]).isdisjoint(stop_texts(german["occurrences"]))
    assert stop_texts(due["items"]).isdisjoint(stop_texts(said["items"]))


def test_the_plan_and_its_phases_speak_german_under_another_etag(phone: ApiClient) -> None:
    german = phone.get("me/plan", **GERMAN)
    assert stop_texts(german.json()["prescriptions"]).isdisjoint(
        stop_texts(phone.get("me/plan").json()["prescriptions"])
    )
    assert german["ETag"] != phone.get("me/plan")["ETag"]
    english, phases = both(phone, "me/plan/phases")
    for a, b in zip(english["phases"], phases["phases"], strict=True):
        assert a["summary"] != b["summary"]
        assert a["cards"] != b["cards"]


def test_home_care_refuses_in_german(phone: ApiClient) -> None:
    session = {
        "occurred_at": at(3, 8).isoformat(), "tz": "Europe/Berlin",
        "local_date": "2026-05-07", "modality": "ice", "site": "knee", "minutes": 21,
        "wrapped": False,
    }  # fmt: skip
    path = "me/home-care/00000000-0000-4000-8000-00000000000"
    said = phone.put(f"{path}1", session, **GERMAN).json()["warnings"]
    assert {item["code"]: item["text"].split()[0] for item in said} == {
        "too_long": "Nie",
        "not_wrapped": "Wickeln",
    }
    again = phone.put(f"{path}2", session | {"minutes": 5, "wrapped": True}, **GERMAN).json()
    assert [item["text"] for item in again["warnings"] if item["code"] == "too_soon"] == [
        "Lassen Sie zwischen zwei Kältepackungen mindestens 2 Stunden vergehen."
    ]


def test_advice_speaks_german_wherever_it_stands(phone: ApiClient) -> None:
    english = report(phone, "S-SADDLE").json()["advice"]
    for shown in (
        phone.get("me/today", **GERMAN).json()["advice"],
        phone.get("me/advice", **GERMAN).json()["items"][0]["advice"],
    ):
        assert shown["title"] != english["title"]
        assert shown["message"] != english["message"]
        assert shown["level"] == english["level"]
