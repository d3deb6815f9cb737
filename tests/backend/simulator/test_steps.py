"""A scenario's history as steps: order, moments, ids (pure)."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec

from backend.simulator.deeds import Misreport, Tell
from backend.simulator.scenario import Scenario
from backend.simulator.steps import intake_of, plan_start, steps_of


def scenario(*facts: dict[str, Any], **changes: Any) -> Scenario:
    raw = {
        "id": "one",
        "profile": {"age": 44, "history": ["diabetes", "pregnant"], "home_care_since_day": -9},
        "plan": {"start_date": "2026-03-27", "timezone": "Europe/London"},
        "facts": list(facts),
        "checkpoints": [],
    }
    return msgspec.convert(raw | changes, Scenario)


def pain(name: str, at: dict[str, Any], **more: Any) -> dict[str, Any]:
    base = {"id": name, "type": "pain", "site": "knee", "score": 4, "kind": "avg24", "at": at}
    return base | more


def bodies(found: Scenario) -> list[Any]:
    deeds = [step.deed for step in steps_of(found)]
    return [report.body for deed in deeds if isinstance(deed, Tell) for report in deed.reports]


def test_the_intake_is_answered_as_day_0_begins() -> None:
    assert plan_start(scenario().plan) == datetime(2026, 3, 27, tzinfo=UTC)
    assert intake_of(scenario()) == {
        "age": 44,
        "pregnant": "yes",
        "history": ["diabetes"],
        "first_episode": False,
        "red_flags": [],
        "home_care_since": "2026-03-18",
    }


def test_a_wall_time_that_the_clocks_skip_is_the_next_minute_that_exists() -> None:
    (body,) = bodies(scenario(pain("p", {"day": 2, "time": "01:30"})))
    assert body.occurred_at == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert (body.local_date, body.tz) == (date(2026, 3, 29), "Europe/London")


def test_an_instant_belongs_to_the_date_where_the_patient_was() -> None:
    at = {"utc": "2026-03-30T23:30:00Z", "tz": "Asia/Tokyo"}
    (body,) = bodies(scenario(pain("p", at)))
    assert (body.local_date, body.tz) == (date(2026, 3, 31), "Asia/Tokyo")


def test_facts_come_in_the_order_of_receipt_and_of_the_file() -> None:
    found = scenario(
        pain("late", {"day": 1, "time": "09:00"}, received={"day": 3, "time": "08:00"}, score=1),
        pain("third", {"day": 3, "time": "08:00"}, score=2),
        pain("first", {"day": 2, "time": "08:00"}, score=3),
    )
    assert [body.score for body in bodies(found)] == [3, 1, 2]


def test_reports_of_one_instant_come_together() -> None:
    at = {"day": 1, "time": "09:00"}
    (step,) = steps_of(scenario(pain("a", at), pain("b", at, site="leg")))
    assert isinstance(step.deed, Tell)
    assert len(step.deed.reports) == 2


def test_nothing_reaches_the_server_before_the_plan() -> None:
    (step,) = steps_of(scenario(pain("p", {"day": -3, "time": "09:00"})))
    assert step.at == datetime(2026, 3, 27, tzinfo=UTC)
    (body,) = bodies(scenario(pain("p", {"day": -3, "time": "09:00"})))
    assert body.local_date == date(2026, 3, 24)


def test_a_series_is_one_entry_a_day_and_a_retraction_finds_each() -> None:
    series = {"id": "p", "type": "pain_series", "site": "leg", "from_day": 1, "time": "19:00"}
    retract = {"id": "r", "type": "retract", "target": "p.2", "at": {"day": 9, "time": "08:00"}}
    found = scenario(series | {"scores": [5, None, 3]}, retract)
    reports = [
        report
        for step in steps_of(found)
        if isinstance(step.deed, Tell)
        for report in step.deed.reports
    ]
    assert [report.body.local_date.day for report in reports] == [28, 30, 5]
    assert reports[2].body.target == reports[1].id


def test_the_same_id_in_another_scenario_is_another_fact() -> None:
    one = scenario(pain("p", {"day": 1, "time": "09:00"}))
    other = scenario(pain("p", {"day": 1, "time": "09:00"}), id="other")
    ids = {
        report.id
        for found in (one, other)
        for step in steps_of(found)
        if isinstance(step.deed, Tell)
        for report in step.deed.reports
    }
    assert len(ids) == 2


def test_a_report_of_invalid_form_stands_apart_with_its_errors() -> None:
    at = {"day": 1, "time": "09:00"}
    wrong = {"id": "s", "type": "symptom", "code": "S-SADDLE", "present": True, "at": at}
    one, other = steps_of(scenario(pain("p", at), wrong | {"attrs": {"new": True}}))
    assert isinstance(one.deed, Tell)
    assert isinstance(other.deed, Misreport)
    assert other.deed.errors
