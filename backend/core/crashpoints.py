"""Labelled places where a process may die. They do nothing, except in a drill.

With STEPWISE_CRASH_DRILL naming a file, the first process that reaches the label which the file
holds ends itself as `kill -9` would; the file is renamed first, so that this happens once. Never in
production.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path


def _pass_by(label: str) -> None:
    """Nothing happens here."""


def _deadly(order: Path) -> Callable[[str], None]:
    def reached_in_a_drill(label: str) -> None:
        try:
            if order.read_text(encoding="utf-8") != label:
                return
            # Whoever renames the file is the one that dies.
            order.rename(order.with_suffix(".done"))
        except OSError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    return reached_in_a_drill


def _chosen() -> Callable[[str], None]:
    order = os.environ.get("STEPWISE_CRASH_DRILL", "")
    is_production = os.environ.get("STEPWISE_ENV") == "production"
    return _deadly(Path(order)) if order and not is_production else _pass_by


reached: Callable[[str], None] = _chosen()
