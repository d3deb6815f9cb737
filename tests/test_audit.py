"""The audit never takes "could not look" for "nothing found"."""

import json

import pytest

from tests import audit
from tests.audit import Look, node_packages, own_code, python_packages

HOLE = {"name": "jam", "version": "1", "vulns": [{"id": "PYSEC-1"}]}
CLEAN = {"name": "jam", "version": "1", "vulns": []}


def test_a_look_that_found_nothing_is_clean() -> None:
    assert python_packages(json.dumps({"dependencies": [CLEAN]}), "") == Look()
    assert node_packages(json.dumps({"metadata": {"vulnerabilities": {}}}), "") == Look()
    assert own_code(json.dumps({"errors": [], "results": []}), "") == Look()


def test_what_is_found_is_named() -> None:
    assert python_packages(json.dumps({"dependencies": [HOLE]}), "").found == ("jam 1: PYSEC-1",)
    report = {"metadata": {"vulnerabilities": {}}, "vulnerabilities": {"jam": {"severity": "high"}}}
    assert node_packages(json.dumps(report), "").found == ("jam: high",)
    result = {"filename": "a.py", "line_number": 1, "test_id": "B1", "issue_text": "x"}
    assert own_code(json.dumps({"errors": [], "results": [result]}), "").found == ("a.py:1 B1 x",)


@pytest.mark.parametrize(
    ("output", "complaint"),
    [
        ("", "ERROR: jam: Dependency not found on PyPI and could not be audited"),
        ("", ""),
        ('{"dependencies": []}', ""),
        ('{"dependencies": [{"name": "jam", "skip_reason": "not found"}]}', ""),
        ('{"message": "405 Method Not Allowed"}', ""),
        ('{"error": {"summary": "ENOTFOUND"}}', ""),
        ("<html>", ""),
    ],
)
def test_whoever_could_not_look_says_so(output: str, complaint: str) -> None:
    assert python_packages(output, complaint).hindered
    assert node_packages(output, complaint).hindered


def test_not_looking_at_one_thing_fails_the_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    looks = iter([Look(hindered="no network"), *[Look(found=("a hole",))] * 9])
    monkeypatch.setattr(audit, "_run", lambda *_: next(looks))
    assert audit.main() == 2
    assert "COULD NOT LOOK: no network" in capsys.readouterr().out


def test_a_tool_that_is_missing_did_not_look() -> None:
    assert "not installed" in audit._run(own_code, "/nowhere/bandit").hindered
