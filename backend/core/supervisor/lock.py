"""One supervisor for each data directory."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

# A supervisor that was killed leaves services that need this long to end, and they hold the lock.
PATIENCE = 20.0


class AlreadyRunning(Exception):
    """Another supervisor has the data directory."""


@contextlib.contextmanager
def hold(data_dir: Path, *, patience: float = PATIENCE) -> Iterator[int]:
    """Holds `data_dir` and writes `supervisor.pid` into it; gives the lock's file descriptor.

    Whoever inherits the descriptor holds the lock as well: what a killed supervisor left behind
    must be gone before the next one starts. Raises `AlreadyRunning`.
    """
    pid_file = data_dir / "supervisor.pid"
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data_dir / "supervisor.lock").open("a") as file:
        _wait_for(file.fileno(), pid_file, patience)
        pid_file.write_text(f"{os.getpid()}\n", encoding="ascii")
        try:
            yield file.fileno()
        finally:
            pid_file.unlink(missing_ok=True)


def _wait_for(lock: int, pid_file: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = _living_owner(pid_file)
            if pid is not None or time.monotonic() > deadline:
                raise AlreadyRunning(
                    f"Stepwise already runs on {pid_file.parent} (process {pid or 'unknown'}): "
                    "stop it, or give another directory in STEPWISE_DATA."
                ) from None
            time.sleep(0.2)
        else:
            return


def _living_owner(pid_file: Path) -> int | None:
    try:
        pid = int(pid_file.read_text(encoding="ascii"))
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return pid
