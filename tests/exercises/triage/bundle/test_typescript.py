"""The evaluator of examples/safety-evaluator, which shares no code with the server, agrees with it."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from exercises.triage.bundle.building import built, bundle
from exercises.triage.bundle.judging import vector
from exercises.triage.bundle.record_wire import SafetyFinding, SafetyRecord
from exercises.triage.rules.pack import default_pack
from exercises.triage.texts import text_of
from tests.exercises.triage.bundle.records import records

pytestmark = pytest.mark.node

HOME = Path(__file__).parents[4] / "examples" / "safety-evaluator"
TSC = HOME / "node_modules" / "typescript" / "bin" / "tsc"
LEVELS = [level.code for level in bundle().levels]
ACUTE = {"urgent_same_day", "emergency_now"}
PLACES = (("GB", "en"), ("DE", "de-AT"), ("xx", "fr"))


@pytest.fixture(scope="module")
def node() -> str:
    """The path of Node. Where the checks have to be complete, its absence is a failure."""
    found = shutil.which("node")
    missing = "Node" if found is None else "" if TSC.exists() else f"npm ci in {HOME.name}"
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"the safety evaluator cannot be built without {missing}")
    if missing:
        pytest.skip(f"the safety evaluator cannot be built without {missing}")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def compiled(node: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the compiled evaluator."""
    folder = tmp_path_factory.mktemp("safety-evaluator")
    run(node, TSC, "--project", HOME, "--outDir", folder)
    (folder / "package.json").write_text('{"type": "module"}')
    return folder


@pytest.fixture(scope="module")
def bundle_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bundle") / "bundle.json"
    path.write_bytes(built().body)
    return path


@pytest.fixture(scope="module")
def evaluator(node: str, compiled: Path, bundle_file: Path) -> Iterator["subprocess.Popen[str]"]:
    """One process that judges a record a line."""
    with subprocess.Popen(
        [node, compiled / "lines.js", bundle_file],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        yield process


def run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def judged(evaluator: "subprocess.Popen[str]", line: dict[str, Any]) -> Any:
    assert evaluator.stdin is not None
    assert evaluator.stdout is not None
    evaluator.stdin.write(json.dumps(line) + "\n")
    evaluator.stdin.flush()
    return json.loads(evaluator.stdout.readline())


def test_every_test_vector_comes_out_as_the_server_says(
    node: str, compiled: Path, bundle_file: Path
) -> None:
    told = run(node, compiled / "check.js", bundle_file)
    assert told.strip() == f"{bundle().version}: 0 of {len(bundle().test_vectors)} vectors differ"


def test_a_bundle_that_it_reads_otherwise_is_refused(
    node: str, compiled: Path, tmp_path: Path
) -> None:
    altered = json.loads(built().body)
    altered["constants"]["transient_max_minutes"] = 31
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(altered))
    done = subprocess.run(
        [node, compiled / "check.js", path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "transient_max_minutes at 31" in done.stderr


def test_the_example_of_the_readme_runs(node: str, compiled: Path, bundle_file: Path) -> None:
    told = run(node, compiled / "example.js", bundle_file)
    assert "emergency_now" in told
    assert "999" in told


@settings(
    max_examples=400,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(record=records())
def test_it_finds_in_any_record_what_the_server_finds(
    evaluator: "subprocess.Popen[str]", record: dict[str, Any]
) -> None:
    wanted = vector("", msgspec.convert(record, SafetyRecord), default_pack())
    country, language = PLACES[len(wanted.findings) % len(PLACES)]
    line = {"record": record, "country": country, "language": language}
    found = judged(evaluator, line)
    assert found["findings"] == [msgspec.structs.asdict(finding) for finding in wanted.findings]
    assert found["undecided"] == wanted.undecided
    assert found["message"] == told(wanted.findings, country, language)


def told(findings: list[SafetyFinding], country: str, language: str) -> dict[str, str] | None:
    """The server's words for the highest finding that counts."""
    counting = [finding for finding in findings if finding.active or finding.level in ACUTE]
    if not counting:
        return None
    top = min(counting, key=lambda finding: (-LEVELS.index(finding.level), finding.rule))
    base = language.partition("-")[0]
    text = text_of(top.rule, country=country, language=base, late=top.late)
    return {
        "level": top.level,
        "action": text.action,
        "title": text.title,
        "message": text.message,
        "emergencyNumber": text.emergency_number,
    }
