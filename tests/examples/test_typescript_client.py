"""The client of examples/typescript-client: its types fit the API as it is, and it syncs as it must."""

import json
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conformance.kit import examine, report

from tests.servers import free_port

pytestmark = pytest.mark.node

EXAMPLE = Path(__file__).parents[2] / "examples" / "typescript-client"
MODULES = EXAMPLE / "node_modules"
GENERATOR = MODULES / "openapi-typescript" / "bin" / "cli.js"
TSC = MODULES / "typescript" / "bin" / "tsc"
# The compiler complains where one of these is no error.
MUST_NOT_COMPILE = """
import type { Facts } from "./state.js";

const when = { occurred_at: "2026-05-04T09:00:00Z", tz: "UTC", local_date: "2026-05-04" };
export const reports: Facts["pain_report"][] = [
  { ...when, site: "knee", kind: "now", score: 4 },
  // @ts-expect-error
  { ...when, site: "elbow", kind: "now", score: 4 },
  // @ts-expect-error
  { ...when, site: "knee", kind: "now" },
  // @ts-expect-error
  { ...when, site: "knee", kind: "now", score: 4, mood: "good" },
];
"""


@pytest.fixture
def node() -> str:
    """The path of Node. Where the checks have to be complete, its absence is a failure."""
    found = shutil.which("node")
    missing = "Node" if found is None else "" if TSC.exists() else f"npm ci in {EXAMPLE.name}"
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"the client cannot be built without {missing}")
    if missing:
        pytest.skip(f"the client cannot be built without {missing}")
    assert found is not None
    return found


@pytest.fixture
def project(node: str, tmp_path: Path) -> Path:
    """A copy of the example with the types of the API as it is now, made as its script makes them."""
    shutil.copytree(EXAMPLE / "src", tmp_path / "src", ignore=shutil.ignore_patterns("schema.ts"))
    for name in ("package.json", "tsconfig.json"):
        shutil.copy(EXAMPLE / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(MODULES)
    scripts = json.loads((EXAMPLE / "package.json").read_text(encoding="utf-8"))["scripts"]
    _, schema, *options, output = shlex.split(scripts["types"])
    run(node, GENERATOR, EXAMPLE / schema, *options, tmp_path / output)
    return tmp_path


@pytest.fixture
def compiled(node: str, project: Path) -> Path:
    """The folder of the compiled client, reports that must not compile beside it."""
    (project / "src" / "reports.ts").write_text(MUST_NOT_COMPILE, encoding="utf-8")
    run(node, TSC, "--strict", "--project", project)
    return project / "dist"


@pytest.fixture
def adapter(node: str, compiled: Path) -> Iterator[str]:
    """The address of the running test adapter."""
    # The kit has it save several hundred times, each time down to the disk: in memory, that is quick.
    memory = Path("/dev/shm")  # noqa: S108  (a folder of our own inside it)
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as state:
        command = [node, compiled / "adapter.js", state, str(free_port())]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            try:
                yield process.stdout.readline().strip()
            finally:
                process.terminate()


def run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_compiles_strictly_against_the_api_and_syncs_as_the_kit_demands(adapter: str) -> None:
    verdicts = examine(adapter)
    assert not [verdict for verdict in verdicts if verdict.problem], report(verdicts)


@pytest.mark.parametrize("name", ["safety-evaluator", "typescript-client"])
def test_locked_packages_have_their_hash_and_no_address(name: str) -> None:
    lock = json.loads((EXAMPLE.parent / name / "package-lock.json").read_text(encoding="utf-8"))
    packages = {path: item for path, item in lock["packages"].items() if path}
    assert packages
    assert [path for path, item in packages.items() if "integrity" not in item] == []
    assert [path for path, item in packages.items() if "resolved" in item] == []
