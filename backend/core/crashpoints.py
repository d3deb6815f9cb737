"""Labelled places where a process may die. They do nothing, except where a drill made them deadly.

`STEPWISE_CRASH_AT` names one label and a file: the first process to come by there ends itself as
`kill -9` would, once, and leaves the file as the sign. Only with STEPWISE_CRASH_DRILL=yes, and never
in production.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path


def _pass_by(label: str) -> None:
    """Nothing happens here."""


def _deadly(place: str, sign: Path) -> Callable[[str], None]:
    def reached_in_a_drill(label: str) -> None:
        if label != place:
            return
        try:
            sign.touch(exist_ok=False)
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    return reached_in_a_drill


def _chosen() -> Callable[[str], None]:
    is_drill = os.environ.get("STEPWISE_CRASH_DRILL") == "yes"
    label, _, sign = os.environ.get("STEPWISE_CRASH_AT", "").partition("=")
    if not is_drill or not sign or os.environ.get("STEPWISE_ENV") == "production":
        return _pass_by
    return _deadly(label, Path(sign))


reached: Callable[[str], None] = _chosen()
