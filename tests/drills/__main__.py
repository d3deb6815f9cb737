"""`python -m tests.drills [NAME ...]`: runs the drills, each in a process of its own, and reports."""

import importlib
import pkgutil
import subprocess
import sys
import time
from collections.abc import Sequence

from tests import drills
from tests.drills import Figure


def main(arguments: Sequence[str]) -> int:
    """Runs one drill here (`--here NAME`), or the named ones (all by default) one by one."""
    if arguments[:1] == ["--here"]:
        return _run_here(arguments[1])
    names = sorted(module.name for module in pkgutil.iter_modules(drills.__path__))
    known = [name for name in names if not name.startswith("_")]
    chosen = list(arguments) or known
    unknown = sorted(set(chosen) - set(known))
    if unknown:
        sys.stderr.write(f"No drill {', '.join(unknown)}; there are {', '.join(known)}.\n")
        return 2
    failed = [name for name in chosen if _run_apart(name) != 0]
    _write(f"{len(chosen) - len(failed)} of {len(chosen)} drills held" + _listed(failed))
    return 1 if failed else 0


def _run_apart(name: str) -> int:
    command = [sys.executable, "-m", "tests.drills", "--here", name]
    return subprocess.run(command, check=False).returncode


def _run_here(name: str) -> int:
    drill = importlib.import_module(f"tests.drills.{name}")
    _write(f"== {name}: {drill.TITLE}")
    began = time.monotonic()
    figures: list[Figure] = drill.run(lambda text: _write(f"   {text}"))
    for figure in figures:
        mark = "holds" if figure.holds else "DOES NOT HOLD"
        _write(f"   {figure.name}: {figure.measured} (bound {figure.bound}) {mark}")
    _write(f"   took {time.monotonic() - began:.0f} s")
    return 0 if figures and all(figure.holds for figure in figures) else 1


def _listed(failed: list[str]) -> str:
    return f"; these did not: {', '.join(failed)}" if failed else ""


def _write(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
