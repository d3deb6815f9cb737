"""Commands that take long show on a terminal how far they are, and nothing elsewhere."""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command, load_command_class
from django.test import override_settings

from backend.accounts.erasures.services import delete_data
from backend.accounts.models import Patient
from backend.core.progress import Bar, Line

SCENARIO = {
    "id": "one",
    "profile": {"age": 44, "history": []},
    "plan": {"start_date": "2026-05-04", "timezone": "Europe/London"},
    "facts": [],
    "checkpoints": [{"at": {"day": 1, "time": "21:00"}}],
}
LONG = {
    "apply_erasures": "backend.accounts",
    "backup": "backend.core",
    "check_summaries": "exercises.triage",
    "demo": "backend.simulator",
    "export_record": "exercises.reports",
    "import_record": "exercises.reports",
    "prune": "notifications",
    "restore": "backend.core",
    "simulate": "backend.simulator",
}
Words = Callable[[str], list[str]]


class Terminal(StringIO):
    """Somebody sits in front of it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def words(patient: Patient, now: datetime, tmp_path: Path) -> Iterator[Words]:
    """What each command is called with, on a server where a patient deleted her data."""
    scenarios = tmp_path / "scenarios.json"
    scenarios.write_text(json.dumps({"scenarios": [SCENARIO]}), encoding="utf-8")
    given = {
        "backup": [str(tmp_path / "backup.zip")],
        "export_record": [str(patient.pk), str(tmp_path / "export.zip")],
        "simulate": [str(scenarios)],
    }
    with override_settings(ERASURE_LEDGER=tmp_path / "erasures.jsonl"):
        delete_data(user_id=patient.pk, now=now)
        yield lambda command: given.get(command, [])


def said(monkeypatch: pytest.MonkeyPatch, stream: StringIO, command: str, words: Words) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    call_command(command, *words(command), stdout=StringIO())
    return stream.getvalue()


# The others need a database of their own, or empty this one.
@pytest.mark.parametrize(
    "command", ["apply_erasures", "check_summaries", "export_record", "prune", "simulate"]
)
@pytest.mark.django_db
def test_a_terminal_is_told_and_a_pipe_is_not(
    command: str, words: Words, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shown = said(monkeypatch, Terminal(), command, words)
    assert "1/" in shown
    assert shown.endswith("\r\x1b[2K")
    (tmp_path / "export.zip").unlink(missing_ok=True)
    assert said(monkeypatch, StringIO(), command, words) == ""


@pytest.mark.parametrize(("command", "app"), LONG.items())
def test_each_long_command_has_a_bar_or_a_line(command: str, app: str) -> None:
    module = sys.modules[type(load_command_class(app, command)).__module__]
    assert any(found in (Bar, Line) for found in vars(module).values())
