"""Requests made from the API's own schema, sent to the running product on PostgreSQL.

A fuzzer makes valid and broken requests of every operation, as a patient, as a therapist and with
no credential. What comes back must be stated in the schema, in status, type and shape, and never a
server error.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.drills import Figure, Say
from tests.e2e.processes import ROOT, Product, running_product
from tests.servers import servers

TITLE = "the API answers whatever its schema lets one ask"
EXAMPLES = 12
AT_LEAST = 1000
SECONDS_A_ROLE = 90
HOOKS = "tests.drills._printable_headers"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)


def run(say: Say) -> list[Figure]:
    """Three roles, one after the other, against one product."""
    with servers() as (environment, _missing):
        os.environ.update(environment)
        with running_product(env={"STEPWISE_DEMO": "no"}) as product:
            tokens = _tokens(product)
            return [
                _fuzz(product, role, tokens.get(role), say)
                for role in ("nobody", "patient", "therapist")
            ]


def _tokens(product: Product) -> dict[str, str]:
    made = subprocess.run(
        [sys.executable, "manage.py", "demo", "--json"],
        cwd=ROOT,
        env=product.environment,
        capture_output=True,
        check=True,
        timeout=300,
    )
    demo = json.loads(made.stdout)
    return {
        "patient": demo["patients"][0]["session_token"],
        "therapist": demo["therapists"][0]["session_token"],
    }


def _fuzz(product: Product, role: str, token: str | None, say: Say) -> Figure:
    with tempfile.TemporaryDirectory(prefix="stepwise-fuzz-") as directory:
        report = Path(directory) / "report.json"
        headers = ["--header", f"X-Session-Token: {token}"] if token else []
        done = subprocess.run(
            [*_command(product, report), *headers],
            cwd=ROOT,
            env=os.environ | {"PYTHONWARNINGS": "ignore", "SCHEMATHESIS_HOOKS": HOOKS},
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS_A_ROLE * 4,
        )
        found = json.loads(report.read_text(encoding="utf-8"))
    if done.returncode != 0:
        say(done.stdout[-6000:] + done.stderr[-1000:])
    tried, wrong = found["test_cases"]["generated"], found["test_cases"]["with_failures"]
    reached = found["operations"]["tested"]
    return Figure(
        name=f"answers to {role} that are a server error or not as the schema says",
        measured=f"{wrong} of {tried}, {reached} of {found['operations']['total']} operations",
        bound=f"0 of at least {AT_LEAST}, all operations",
        holds=done.returncode == 0
        and tried >= AT_LEAST
        and reached == found["operations"]["total"],
    )


def _command(product: Product, report: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "schemathesis.cli", "run"),
        f"{product.base_url}/api/v1/schema",
        *("--checks", ",".join(CHECKS), "--mode", "all", "--phases", "examples,coverage,fuzzing"),
        *("--max-examples", str(EXAMPLES), "--seed", "7", "--workers", "2"),
        *("--max-time", str(SECONDS_A_ROLE), "--continue-on-failure", "--no-color"),
        *("--report", "json", "--report-json-path", str(report)),
        *("--request-timeout", "20"),
    ]
