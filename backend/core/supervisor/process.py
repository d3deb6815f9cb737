"""One service as it runs: its leashed process, its log file, and when to start it again."""

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from backend.core.supervisor import leash
from backend.core.supervisor.services import Service

LOG_BYTES = 5_000_000
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STEADY = 30.0  # seconds after which a service counts as healthy, and its next crash as the first

# How Python's logging and gunicorn mark a line that is mere information; and Celery's farewell.
_ROUTINE = re.compile(rb"^.{0,60}?\b(DEBUG|INFO)\b|^worker: Warm shutdown")

Say = Callable[[str, str], None]


class Leashed:
    """Starts, reads and stops one service; `say(name, line)` shows a line on the console."""

    def __init__(self, service: Service, *, log: Path, lock: int, say: Say) -> None:
        self.service = service
        self.process: subprocess.Popen[bytes] | None = None
        self._log = log
        self._lock = lock
        self._say = say
        self._rest = b""
        self._pause = FIRST_PAUSE
        self._started_at = self._start_at = time.monotonic()

    def start(self) -> IO[bytes]:
        """Starts the process; gives its output, to be read without blocking."""
        command = [sys.executable, "-I", "-S", leash.__file__, str(self.service.grace)]
        self.process = subprocess.Popen(  # noqa: S603  (a command of ours)
            [*command, *self.service.command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(self._lock,),
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops in order
        )
        self._started_at = time.monotonic()
        output = self.process.stdout
        if output is None:
            raise RuntimeError("The process was started with a pipe as its output.")
        os.set_blocking(output.fileno(), False)
        return output

    def is_due(self) -> bool:
        """Whether it is down and its pause is over."""
        return self.process is None and time.monotonic() >= self._start_at

    def is_up(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def has_ended(self) -> bool:
        """Whether the process ended since it was started."""
        return self.process is not None and self.process.poll() is not None

    def plan_restart(self) -> None:
        """Says how the process ended and sets the pause, each twice as long as the one before."""
        code = self.process.returncode if self.process else 0
        if time.monotonic() - self._started_at > STEADY:
            self._pause = FIRST_PAUSE
        self._say(
            self.service.name, f"stopped ({_ending(code)}); starting again in {self._pause:g} s"
        )
        self._start_at = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        self.close()

    def copy_output(self, chunk: bytes) -> None:
        """Appends to the log; lines that are more than routine go to the console as well."""
        self._append(chunk)
        if not self.service.echo:
            return
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            if line.strip() and not _ROUTINE.match(line):
                self._say(self.service.name, line.decode(errors="replace").rstrip())

    def let_go(self) -> None:
        """Ends the lifeline: the leash stops the service and everything it started."""
        if self.process and self.process.stdin:
            self.process.stdin.close()

    def kill(self) -> None:
        """Kills the leash if it is still there; the kernel passes its death on to the service."""
        if self.is_up() and self.process:
            self.process.kill()
            self.process.wait()
        self.close()

    def close(self) -> None:
        """Forgets the ended process."""
        if self.process:
            for pipe in (self.process.stdin, self.process.stdout):
                with contextlib.suppress(OSError):
                    if pipe:
                        pipe.close()
        self.process = None

    def _append(self, chunk: bytes) -> None:
        if self._log.exists() and self._log.stat().st_size > LOG_BYTES:
            self._log.replace(self._log.with_suffix(".log.1"))
        with self._log.open("ab") as file:
            file.write(chunk)


def _ending(code: int) -> str:
    # The leash exits with its command's code; one that a signal ended becomes 256 minus the signal.
    if code < 0 or code > 192:
        return f"signal {-code if code < 0 else 256 - code}"
    return f"exit code {code}"
