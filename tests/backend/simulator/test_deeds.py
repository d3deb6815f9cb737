"""What a scenario's people do reaches the same services as the doors, and says what was refused."""

from typing import Any

import msgspec
import pytest

from backend.simulator.forms import NoSuchForm, answers_with, version_of
from backend.simulator.scenario import Scenario
from backend.simulator.services import Played, simulate
from backend.simulator.steps import steps_of
from exercises.tracking.instruments.answers import answer_problems
from exercises.tracking.instruments.content import instruments
from exercises.tracking.instruments.scoring import score


def played(*facts: dict[str, Any], days: int = 1) -> Played:
    raw = {
        "id": "one",
        "profile": {"age": 44, "history": []},
        "plan": {"start_date": "2026-05-04", "timezone": "Europe/London"},
        "facts": [{"id": f"f{index}"} | fact for index, fact in enumerate(facts)],
        "checkpoints": [{"at": on(day, "21:00")} for day in range(days)],
    }
    return simulate(msgspec.convert(raw, Scenario))


def on(day: int, time: str = "10:00") -> dict[str, Any]:
    return {"day": day, "time": time}


def leak(day: int) -> dict[str, Any]:
    return {"type": "symptom", "code": "S-BLADDER-INCONT", "present": True, "at": on(day, "09:00")}


def override(day: int, action: str, **more: str) -> dict[str, Any]:
    return {
        "type": "phase_override",
        "action": action,
        "reason": "seen today",
        "at": on(day),
    } | more


def ack(day: int, rule: str, value: str) -> dict[str, Any]:
    return {"type": "patient_ack", "rule": rule, "value": value, "at": on(day)}


def aching(day: int, scores: list[int]) -> dict[str, Any]:
    series = {"type": "pain_series", "site": "knee", "from_day": day, "time": "19:00"}
    return series | {"scores": scores}


def phases(found: Played) -> list[str]:
    return [seen.phase for seen in found.checkpoints]


def test_setting_a_phase_is_the_therapists_order(db: None) -> None:
    found = played(override(1, "set", to="long_term"), override(2, "set", to="initial"), days=3)
    assert phases(found) == ["initial", "long_term", "initial"]
    assert found.notes == []


def test_an_order_that_the_product_refuses_is_said_in_words(db: None) -> None:
    found = played(
        leak(1), override(1, "set", to="rehab"), override(0, "set", to="initial"), days=2
    )
    assert phases(found) == ["initial", "initial"]
    assert found.notes == [
        ("f2", "The plan is in that phase already."),
        ("f1", "An emergency or urgent alert is open; resolve it first."),
    ]


def test_a_hold_keeps_a_plan_in_its_phase_until_it_is_released(db: None) -> None:
    calm = aching(0, [5] * 7 + [2] * 10)
    held = played(calm, override(3, "hold"), override(16, "release"), days=17)
    assert phases(held)[14:] == ["initial", "initial", "rehab"]
    assert phases(played(calm, days=15))[14] == "rehab"


def test_an_order_sent_twice_is_carried_out_once(db: None) -> None:
    close = {"type": "clinician", "action": "resolve", "rule": "RF-CES-BLADDER", "id": "once"}
    again = leak(2) | {"id": "second"}
    found = played(leak(1), close | {"at": on(1)}, again, close | {"at": on(2)}, days=3)
    assert [seen.level for seen in found.checkpoints] == ["none", "none", "emergency_now"]


@pytest.mark.parametrize("value", ["seen", "booked"])
def test_a_doctors_visit_ends_the_advice_to_see_one_soon(db: None, value: str) -> None:
    found = played(aching(0, [5] * 23), ack(22, "SD-PERSIST-3W", value), days=23)
    assert [seen.level for seen in found.checkpoints[21:]] == ["see_doctor_soon", "none"]


def test_an_acknowledged_urgent_alert_stays_open_and_is_no_longer_repeated(db: None) -> None:
    swollen = {"type": "symptom", "code": "S-CALF-SWELL", "present": True, "at": on(1, "09:30")}
    found = played(swollen, ack(1, "RF-DVT", "acknowledged"), days=3)
    seen = found.checkpoints[2]
    assert seen.level == "urgent_same_day"
    said = [one for one in seen.notifications if one.audience == "patient" and one.sent_at]
    assert {one.sent_at for one in said} == {seen.alerts[0].opened_at}


def test_ice_heat_and_questionnaires_are_taken_in(db: None) -> None:
    found = played(
        {"type": "homecare", "modality": "heat", "minutes": 15, "at": on(1)},
        {"type": "homecare", "modality": "ice", "minutes": 10, "at": on(1, "18:00")},
        {"type": "prom", "instrument": "GROC", "score": 2, "at": on(1)},
        {"type": "prom", "instrument": "PSFS", "score": 4.33, "at": on(1)},
        {"type": "prom", "instrument": "RMDQ", "score": 11, "at": on(1)},
    )
    assert found.notes == []


def test_a_questionnaire_that_is_not_on_offer_is_refused_in_the_products_words(db: None) -> None:
    found = played({"type": "prom", "instrument": "KOOS", "score": 60, "at": on(0)})
    ((name, words),) = found.notes
    assert (name, words.partition(":")[0]) == ("f0", "refused, /instrument")


def test_a_score_that_no_form_has_is_said(db: None) -> None:
    found = played({"type": "prom", "instrument": "RMDQ", "score": 25, "at": on(0)})
    assert found.notes[0][1].startswith("no form of RMDQ has the score 25")


@pytest.mark.parametrize(
    ("instrument", "wanted"),
    [
        ("GROC", -5),
        ("RMDQ", 0),
        ("RMDQ", 24),
        ("PSFS", 0),
        ("PSFS", 10),
        ("PSFS", 4.33),
        ("PSFS", 6.8),
    ],
)
def test_a_form_has_the_score_it_was_filled_in_for(instrument: str, wanted: float) -> None:
    answers = answers_with(instrument, wanted)
    assert answer_problems(instrument, version_of(instrument), answers) == []
    found = score(instruments().offered[instrument], answers).value
    assert found is not None
    assert abs(float(found) - wanted) <= 0.01


@pytest.mark.parametrize(("instrument", "wanted"), [("PSFS", 11), ("PSFS", 1.63), ("RMDQ", 3.5)])
def test_no_form_is_made_up_for_a_score_that_cannot_be(instrument: str, wanted: float) -> None:
    with pytest.raises(NoSuchForm):
        answers_with(instrument, wanted)


def test_two_reports_under_one_id_are_left_to_the_product() -> None:
    raw = {
        "id": "one",
        "profile": {"age": 44},
        "plan": {"start_date": "2026-05-04", "timezone": "Europe/London"},
        "facts": [leak(1) | {"id": "s"}, leak(1) | {"id": "s", "received": on(3)}],
        "checkpoints": [],
    }
    assert len(steps_of(msgspec.convert(raw, Scenario))) == 2
