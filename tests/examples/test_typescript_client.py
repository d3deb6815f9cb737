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

# The network ends between push and pull, the app before its person has looked.
ADVICE_IN_A_TUNNEL = """
import { NoAnswer, Phone, type Server, type State } from "./index.js";

let saved = "null";
const storage = {
  load: async () => (JSON.parse(saved) as State | null) ?? undefined,
  save: async (state: State) => void (saved = JSON.stringify(state)),
};
let pushes = 0;
const server = {
  push: async ({ ops: [op] }: { ops: { op_id: string }[] }) => {
    pushes += 1;
    const results = [{ index: 0, op_id: op?.op_id, status: "applied", rev: 7 }];
    return { results, advice: [{ level: "emergency_now" }] };
  },
  pull: async () => Promise.reject(new NoAnswer()),
} as unknown as Server;
const shown: (string | undefined)[] = [];
const open = () => Phone.open(storage, server, "phone", (all) => shown.push(all[0]?.level));

const phone = await open();
await phone.record("symptom_report", {
  occurred_at: "2026-05-04T09:00:00Z", tz: "UTC", local_date: "2026-05-04",
  symptoms: [{ code: "S-SADDLE", present: true }],
});
const ends = await Promise.allSettled([phone.sync(), phone.sync()]);
const reasons = ends.map((end) => end.status === "rejected" && end.reason instanceof NoAnswer);
await (await open()).seen();
await open();
console.log(JSON.stringify({ pushes, shown, reasons }));
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
    """The folder of the compiled client, with what these tests try with it."""
    for name, text in (("reports", MUST_NOT_COMPILE), ("tunnel", ADVICE_IN_A_TUNNEL)):
        (project / "src" / f"{name}.ts").write_text(text, encoding="utf-8")
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


def run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_compiles_strictly_syncs_as_the_kit_demands_and_shows_advice_at_once(
    node: str, compiled: Path, adapter: str
) -> None:
    # One test, since compiling takes most of its time.
    told = json.loads(run(node, compiled / "tunnel.js"))
    assert told["shown"] == ["emergency_now"] * 2, "at once, and again when it was not seen"
    assert (told["pushes"], told["reasons"]) == (1, [True, True]), "the second sync joins the first"
    verdicts = examine(adapter)
    assert not [verdict for verdict in verdicts if verdict.problem], report(verdicts)


@pytest.mark.parametrize("name", ["safety-evaluator", "typescript-client"])
def test_locked_packages_have_their_hash_and_no_address(name: str) -> None:
    lock = json.loads((EXAMPLE.parent / name / "package-lock.json").read_text(encoding="utf-8"))
    packages = {path: item for path, item in lock["packages"].items() if path}
    assert packages
    assert [path for path, item in packages.items() if "integrity" not in item] == []
    assert [path for path, item in packages.items() if "resolved" in item] == []
