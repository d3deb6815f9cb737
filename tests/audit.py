"""`make audit`: known holes in what we depend on, and patterns in our own code that invite them.

An audit that could not look has failed, and says so: neither registry nor advisory service may be
reachable from everywhere, so this is part of no other target. Exit code 0 when everything was looked
at and nothing found, 1 when something was found, 2 when something could not be looked at.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
SECONDS = 300


@dataclass(frozen=True)
class Look:
    """What one look brought: `found` names each finding; `hindered` says why there was none."""

    found: tuple[str, ...] = ()
    hindered: str = ""


def python_packages(output: str, complaint: str) -> Look:
    """pip-audit's JSON. With --strict it gives none when a single package could not be checked."""
    try:
        packages = json.loads(output)["dependencies"]
    except (ValueError, KeyError):
        return Look(hindered=_last_line(complaint) or "pip-audit gave no report")
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if skipped or not packages:
        return Look(hindered=f"not checked: {', '.join(skipped) or 'everything'}")
    return Look(
        tuple(
            f"{package['name']} {package['version']}: {hole['id']}"
            for package in packages
            for hole in package["vulns"]
        )
    )


def node_packages(output: str, complaint: str) -> Look:
    """npm's JSON: a report has counts, anything else is a reason why there is none."""
    try:
        report = json.loads(output)
        report["metadata"]["vulnerabilities"]
    except (ValueError, KeyError, TypeError):
        return Look(hindered=_reason(output) or _last_line(complaint) or "npm gave no report")
    return Look(
        tuple(
            f"{name}: {hole['severity']}"
            for name, hole in report.get("vulnerabilities", {}).items()
        )
    )


def own_code(output: str, complaint: str) -> Look:
    """bandit's JSON; a file that it could not read is one that it did not look at."""
    try:
        report = json.loads(output)
    except ValueError:
        return Look(hindered=_last_line(complaint) or "bandit gave no report")
    if report["errors"]:
        return Look(hindered=str(report["errors"][0]))
    return Look(
        tuple(
            f"{found['filename']}:{found['line_number']} {found['test_id']} {found['issue_text']}"
            for found in report["results"]
        )
    )


def main() -> int:
    """Looks at everything, whatever the others brought."""
    looks = {"requirements.txt": _run(python_packages, *_pip_audit("requirements.txt"))}
    for lock in sorted(ROOT.glob("examples/*/package-lock.json")):
        command = ["npm", "audit", "--json", "--prefix", str(lock.parent)]
        looks[str(lock.relative_to(ROOT))] = _run(node_packages, *command)
    looks["our own code"] = _run(own_code, *_bandit())
    for name, look in looks.items():
        _say(f"== {name}: {_verdict(look)}")
        for finding in look.found:
            _say(f"   {finding}")
    if any(look.hindered for look in looks.values()):
        return 2
    return 1 if any(look.found for look in looks.values()) else 0


def _pip_audit(requirements: str) -> list[str]:
    options = ["--strict", "--require-hashes", "--disable-pip", "--progress-spinner", "off"]
    return [str(BIN / "pip-audit"), *options, "--format", "json", "-r", requirements]


def _bandit() -> list[str]:
    # Statements built from parts and directories in /tmp are answered for where ruff asks (S608, S108).
    options = ["--quiet", "--recursive", "--severity-level", "medium", "--skip", "B108,B608"]
    return [
        str(BIN / "bandit"),
        *options,
        "--format",
        "json",
        "backend",
        "exercises",
        "notifications",
    ]


def _run(read: Callable[[str, str], Look], *command: str) -> Look:
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except FileNotFoundError:
        return Look(hindered=f"{Path(command[0]).name} is not installed")
    except subprocess.TimeoutExpired:
        return Look(hindered=f"no answer within {SECONDS} seconds")
    return read(done.stdout, done.stderr)


def _verdict(look: Look) -> str:
    if look.hindered:
        return f"COULD NOT LOOK: {look.hindered}"
    return f"{len(look.found)} found" if look.found else "nothing found"


def _reason(output: str) -> str:
    try:
        report = json.loads(output)
        error = report.get("error") or {}
        return str(report.get("message") or error.get("summary") or "")
    except (ValueError, AttributeError):
        return ""


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
