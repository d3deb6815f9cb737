import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = "from backend.core.crashpoints import reached; reached('here'); print('alive')"


def run(order: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {"STEPWISE_CRASH_DRILL": str(order), **more}
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_whoever_comes_by_first_dies_once(tmp_path: Path) -> None:
    order = tmp_path / "order"
    order.write_text("here", encoding="utf-8")

    assert run(order).returncode == -signal.SIGKILL
    assert not order.exists()
    assert run(order).stdout == "alive\n"


@pytest.mark.parametrize(
    ("label", "environment"), [("elsewhere", {}), ("here", {"STEPWISE_ENV": "production"})]
)
def test_nobody_dies_elsewhere_or_in_production(
    tmp_path: Path, label: str, environment: dict[str, str]
) -> None:
    order = tmp_path / "order"
    order.write_text(label, encoding="utf-8")

    assert run(order, **environment).stdout == "alive\n"
    assert order.exists()
