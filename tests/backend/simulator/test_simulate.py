"""The command: what it prints, what it refuses, and that it keeps nothing."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from backend.accounts.models import AuditEvent, Clinic, Patient, User
from exercises.tracking.models import Fact
from exercises.triage.models import Alert
from notifications.models import Message

PLAN = {"start_date": "2026-05-04", "timezone": "Europe/London"}
LEAK = {
    "id": "s1",
    "type": "symptom",
    "code": "S-BLADDER-INCONT",
    "present": True,
    "attrs": {},
    "at": {"day": 1, "time": "03:00"},
}
RECORD = (User, Patient, Clinic, Fact, Alert, Message, AuditEvent)


def story(*facts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": "one",
        "profile": {"age": 44, "history": []},
        "plan": PLAN,
        "facts": list(facts),
        "checkpoints": [{"at": {"day": 1, "time": "21:00"}}],
    } | changes


def written(path: Path, *scenarios: dict[str, Any]) -> str:
    file = path / "scenarios.json"
    file.write_text(json.dumps({"scenarios": scenarios}), encoding="utf-8")
    return str(file)


def run(data: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "PYTHONWARNINGS")
    }
    return subprocess.run(
        [sys.executable, "manage.py", "simulate", *arguments],
        cwd=settings.BASE_DIR,
        env=environment | {"STEPWISE_DATA": str(data)},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def simulated(file: str) -> tuple[dict[str, Any], str]:
    out, err = StringIO(), StringIO()
    call_command("simulate", file, json=True, stdout=out, stderr=err)
    result: dict[str, Any] = json.loads(out.getvalue())
    return result, err.getvalue()


def test_it_runs_on_an_empty_directory_and_prints_json_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    scenarios = [story(LEAK, id=f"story-{number}") for number in range(13)]
    done = run(data, "-", "--json", stdin=json.dumps({"scenarios": scenarios}))
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert [one["id"] for one in found["scenarios"]] == [one["id"] for one in scenarios]
    assert {one["checkpoints"][0]["level"] for one in found["scenarios"]} == {"emergency_now"}
    assert {path.name for path in data.glob("**/*")} <= {"secret_key"}


def test_a_checkpoint_says_what_was_raised_and_what_was_said(tmp_path: Path, db: None) -> None:
    found, _ = simulated(written(tmp_path, story(LEAK)))
    assert set(found) == {"rules_version", "scenarios"}
    (seen,) = found["scenarios"][0]["checkpoints"]
    assert {name: seen[name] for name in ("at", "level", "plan_state", "phase")} == {
        "at": "2026-05-05T20:00:00Z",
        "level": "emergency_now",
        "plan_state": "paused",
        "phase": "initial",
    }
    assert seen["therapist_review_open"] is False
    (alert,) = seen["alerts"]
    assert (alert["rule"], alert["level"], alert["status"], alert["opened_at"]) == (
        "RF-CES-BLADDER",
        "emergency_now",
        "open",
        "2026-05-05T02:00:00Z",
    )
    assert alert["because"][0]["matched"]
    first, second = [said for said in seen["notifications"] if said["audience"] == "patient"][:2]
    assert first == {
        "audience": "patient",
        "kind": "alert",
        "rule": "RF-CES-BLADDER",
        "due_at": "2026-05-05T02:00:00Z",
        "sent_at": "2026-05-05T02:00:00Z",
        "decision": "send",
        "reason": "at_any_hour",
    }
    assert second["sent_at"] == "2026-05-05T02:15:00Z"
    assert {"alert", "escalation"} <= {
        said["kind"] for said in seen["notifications"] if said["audience"] == "therapist"
    }


def test_it_keeps_nothing_in_the_database_it_is_pointed_at(
    tmp_path: Path, patient: Patient
) -> None:
    before = [model.objects.count() for model in RECORD]
    simulated(written(tmp_path, story(LEAK)))
    assert [model.objects.count() for model in RECORD] == before


def test_checkpoints_are_answered_in_the_order_of_the_file(tmp_path: Path, db: None) -> None:
    late, early = {"day": 2, "time": "21:00"}, {"day": 0, "time": "21:00"}
    asked = story(LEAK, checkpoints=[{"at": late}, {"at": early}])
    found, _ = simulated(written(tmp_path, asked))
    levels = [seen["level"] for seen in found["scenarios"][0]["checkpoints"]]
    assert levels == ["emergency_now", "none"]


def test_what_the_product_does_not_take_is_said_beside_the_result(tmp_path: Path, db: None) -> None:
    at = {"day": 1, "time": "10:00"}
    facts = [
        {"id": "k", "type": "patient_ack", "rule": "RF-DVT", "value": "sought_care", "at": at},
        {"id": "c", "type": "clinician", "action": "resolve", "rule": "RF-DVT", "at": at},
        {"id": "x", "type": "exercise", "code": "EX-99", "at": at},
    ]
    found, errors = simulated(written(tmp_path, story(*facts)))
    assert found["scenarios"][0]["checkpoints"][0]["level"] == "none"
    assert [line.partition(":")[0] for line in errors.splitlines()] == [
        "one, k",
        "one, c",
        "one, x",
    ]


def test_without_json_it_prints_a_table(tmp_path: Path, db: None) -> None:
    out = StringIO()
    call_command("simulate", written(tmp_path, story(LEAK)), stdout=out)
    assert "emergency_now    paused  initial    RF-CES-BLADDER open" in out.getvalue()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"facts": [LEAK | {"recieved": LEAK["at"]}]}, "unknown field `recieved`"),
        (
            {"facts": [LEAK | {"type": "wish"}]},
            "Invalid value 'wish' - at `$.scenarios[0].facts[0]",
        ),
        ({"facts": [LEAK | {"at": {"day": 1}}]}, "a moment is {day, time} or {utc, tz}"),
        ({"facts": [LEAK | {"at": {"day": 1, "time": "25:00"}}]}, "$.scenarios[0].facts[0].at"),
        ({"plan": PLAN | {"timezone": "Europe/Atlantis"}}, "'Europe/Atlantis' is not an IANA"),
        ({"profile": {"age": 200, "history": []}}, "$.scenarios[0].profile.age"),
        ({"profile": {"age": 44, "history": ["gout"]}}, "Invalid enum value 'gout'"),
        ({"checkpoints": None}, "$.scenarios[0].checkpoints"),
    ],
)
def test_a_file_of_another_form_is_refused_with_the_place_and_the_reason(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("simulate", written(tmp_path, story(LEAK, **changes)), json=True)
    assert words in str(refused.value)
    assert refused.value.returncode == 2


def test_two_scenarios_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="the same id"):
        call_command("simulate", written(tmp_path, story(), story()))


def test_a_file_that_is_not_there_ends_with_exit_code_2(tmp_path: Path) -> None:
    done = run(tmp_path, "nowhere.json", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nowhere.json: No such file" in done.stderr


def test_a_scenario_that_breaks_the_product_does_not_cost_the_others(
    tmp_path: Path, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backend.simulator import playing

    sound = playing.simulate

    def broken(scenario: Any) -> Any:
        if scenario.id == "bad":
            raise ZeroDivisionError
        return sound(scenario)

    monkeypatch.setattr(playing, "simulate", broken)
    out, err = StringIO(), StringIO()
    file = written(tmp_path, story(id="bad"), story(id="good"))
    with pytest.raises(CommandError, match="Not every scenario"):
        call_command("simulate", file, json=True, stdout=out, stderr=err)
    assert [one["id"] for one in json.loads(out.getvalue())["scenarios"]] == ["good"]
    assert "bad could not be played" in err.getvalue()
