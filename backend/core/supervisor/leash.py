"""Holds one service, so that nothing of it outlives the supervisor.

Run as `python leash.py GRACE COMMAND...` with the read end of a pipe as standard input. The
supervisor keeps the write end and never writes: when the pipe ends, because the supervisor closed
it or was killed, the command gets SIGTERM, and after GRACE seconds it and everything it started
get SIGKILL. That holds for processes that moved to another session, too, since on Linux they
become this process's children when their parent dies. Standard library alone: it starts in
milliseconds.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LIFELINE = 0


def main(grace: float, command: list[str]) -> int:
    """Runs `command` until it ends or the lifeline does; its exit code (negative: by a signal)."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    bell = _signals_as_bytes(signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
    child = subprocess.Popen(  # noqa: S603  (the supervisor's own command)
        command,
        stdin=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=_die_with_the_leash,  # noqa: PLW1509  (there is one thread)
    )
    code = _wait_while_held(child.pid, bell)
    if code is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGTERM)
        code = _wait_until(time.monotonic() + grace, child.pid, bell)
    _kill_the_rest(child.pid)
    child.returncode = -signal.SIGKILL if code is None else code
    return child.returncode


def _wait_while_held(pid: int, bell: int) -> int | None:
    while True:
        readable, _, _ = select.select([LIFELINE, bell], [], [])
        rung = os.read(bell, 512) if bell in readable else b""
        code = _reap(pid)
        if code is not None:
            return code
        if LIFELINE in readable or signal.SIGTERM in rung:
            return None


def _wait_until(deadline: float, pid: int, bell: int) -> int | None:
    while (left := deadline - time.monotonic()) > 0:
        if select.select([bell], [], [], left)[0]:
            os.read(bell, 512)
        code = _reap(pid)
        if code is not None:
            return code
    return None


def _reap(pid: int) -> int | None:
    """Collects every child that ended; the exit code of `pid` once it is among them."""
    code = None
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == pid:
                code = os.waitstatus_to_exitcode(ended[1])
    return code


def _kill_the_rest(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            for pid in _children():
                os.kill(pid, signal.SIGKILL)
            # Each death may hand us the dead process's own children: look again.
            os.waitpid(-1, 0)


def _children() -> list[int]:
    me = str(os.getpid())
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # "pid (name) state ppid ...": the name may hold spaces and brackets.
            if entry.read_text(errors="replace").rpartition(")")[2].split()[1] == me:
                found.append(int(entry.parent.name))
    return found


def _signals_as_bytes(*numbers: signal.Signals) -> int:
    """A file descriptor on which each of these signals arrives as a byte."""
    inlet, outlet = os.pipe()
    for end in (inlet, outlet):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(outlet)
    for number in numbers:
        signal.signal(number, lambda *_: None)
    return inlet


def _die_with_the_leash() -> None:
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _prctl(option: int, value: int) -> None:
    # Linux alone has it; elsewhere the process group is all that can be killed.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
