import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from backend.core.supervisor import leash, lock
from backend.core.supervisor.process import Leashed
from backend.core.supervisor.services import Foundation, Service
from backend.core.supervisor.supervisor import StartFailed, Supervisor, stop_signals_raise
from backend.core.supervisor.welcome import welcome
from tests.servers import wait_for

# A daemon: its parent is gone, and it lives in a session of its own.
RUNAWAY = """
import os, sys, time
if os.fork():
    time.sleep(60)
os.setsid()
if os.fork():
    os._exit(0)
open(sys.argv[1], "w").write(str(os.getpid()))
time.sleep(60)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(60)
"""
TALKING = """
import time
print("2026-05-04 INFO x all is well")
print("2026-05-04 ERROR x it broke", flush=True)
time.sleep(60)
"""


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def python(name: str, code: str, *arguments: str, grace: float = 2.0) -> Service:
    return Service(name=name, command=(sys.executable, "-c", code, *arguments), grace=grace)


class Console:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, name: str, line: str) -> None:
        self.lines.append(f"{name}: {line}")

    def __contains__(self, text: str) -> bool:
        return any(text in line for line in self.lines)


@pytest.fixture
def console() -> Console:
    return Console()


@pytest.fixture
def supervisor(tmp_path: Path, console: Console):  # type: ignore[no-untyped-def]
    with (tmp_path / "lock").open("w") as held:
        running = Supervisor(log_dir=tmp_path / "logs", lock=held.fileno(), say=console)
        yield running
        running.stop()


def turn_until(supervisor: Supervisor, console: Console, text: str, *, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while text not in console:
        assert time.monotonic() < deadline, console.lines
        supervisor._turn()


def test_the_leash_kills_even_what_moved_to_another_session(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    command = [sys.executable, leash.__file__, "1", sys.executable, "-c", RUNAWAY, str(pid_file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        wait_for(lambda: pid_file.exists() and pid_file.read_text() != "", seconds=10, what="Start")
        runaway = int(pid_file.read_text())
        assert is_alive(runaway)
        process.stdin.close()  # type: ignore[union-attr]
        process.wait(10)
    assert not is_alive(runaway)


def test_the_leash_kills_a_command_that_ignores_the_request_to_end() -> None:
    command = [sys.executable, leash.__file__, "0.5", sys.executable, "-c", STUBBORN]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.stdin.close()  # type: ignore[union-attr]
        process.stdin = None
        assert process.wait(10) == 256 - signal.SIGKILL


def test_the_leash_passes_the_exit_code_on() -> None:
    command = [sys.executable, leash.__file__, "1", sys.executable, "-c", "raise SystemExit(7)"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.wait(10) == 7


def test_a_crashed_service_is_started_again_after_longer_and_longer_pauses(
    supervisor: Supervisor, console: Console
) -> None:
    supervisor.start([python("web", "raise SystemExit(3)")])
    turn_until(supervisor, console, "starting again in 2 s")
    pauses = [line.rsplit(" ", 2)[1] for line in console.lines]
    assert pauses == ["0.5", "1", "2"]
    assert all("exit code 3" in line for line in console.lines)


def test_a_service_ended_by_a_signal_says_which(supervisor: Supervisor, console: Console) -> None:
    supervisor.start([python("web", "import os; os.kill(os.getpid(), 9)")])
    turn_until(supervisor, console, "stopped (signal 9)")


def test_warnings_reach_the_console_and_routine_lines_only_the_log(
    supervisor: Supervisor, console: Console, tmp_path: Path
) -> None:
    supervisor.start([python("worker", TALKING)])
    turn_until(supervisor, console, "it broke")
    assert "all is well" not in console
    assert "all is well" in (tmp_path / "logs" / "worker.log").read_text()


def test_a_long_log_is_kept_once_and_then_replaced(
    tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.core.supervisor.process.LOG_BYTES", 10)
    service = Leashed(python("web", ""), log=tmp_path / "web.log", lock=0, say=console)
    for text in (b"first line\n", b"second line\n", b"third line\n"):
        service.copy_output(text)
    assert (tmp_path / "web.log").read_text() == "third line\n"
    assert (tmp_path / "web.log.1").read_text() == "second line\n"


def test_stopping_ends_the_services_before_what_they_stand_on(
    tmp_path: Path, console: Console
) -> None:
    ends = tmp_path / "ends"
    code = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        "    open(sys.argv[1], 'a').write(sys.argv[2] + '\\n'); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); open(sys.argv[1] + sys.argv[2], 'w').close()\n"
        "time.sleep(60)\n"
    )
    with (tmp_path / "lock").open("w") as held:
        supervisor = Supervisor(log_dir=tmp_path / "logs", lock=held.fileno(), say=console)
        floor = python("floor", code, str(ends), "floor")
        supervisor.lay(Foundation(service=floor, is_up=(tmp_path / "endsfloor").exists))
        supervisor.start([python("house", code, str(ends), "house")])
        wait_for((tmp_path / "endshouse").exists, seconds=10, what="Start")
        supervisor.stop()
    assert ends.read_text().split() == ["house", "floor"]


def test_a_foundation_that_never_answers_is_an_error(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.core.supervisor.supervisor.FOUNDATION_PATIENCE", 0.5)
    service = python("broker", "import time; time.sleep(60)")
    with pytest.raises(StartFailed, match="The broker does not answer"):
        supervisor.lay(Foundation(service=service, is_up=lambda: False))


def test_a_stop_signal_leaves_the_loop_once_and_is_then_ignored() -> None:
    before = signal.getsignal(signal.SIGTERM)
    reached = []

    def work() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            reached.append("after the signal")
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            reached.append("the end")

    with pytest.raises(SystemExit), stop_signals_raise():
        work()
    assert reached == ["the end"]
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_second_supervisor_on_the_same_data_is_refused_at_once(tmp_path: Path) -> None:
    with lock.hold(tmp_path):
        assert (tmp_path / "supervisor.pid").read_text().strip() == str(os.getpid())
        with pytest.raises(lock.AlreadyRunning, match=str(tmp_path)), lock.hold(tmp_path):
            pytest.fail("The second one got the lock.")
    assert not (tmp_path / "supervisor.pid").exists()


def test_the_next_supervisor_waits_for_what_a_killed_one_left(tmp_path: Path) -> None:
    with (tmp_path / "supervisor.lock").open("w") as left:
        lock.fcntl.flock(left, lock.fcntl.LOCK_EX)
        with pytest.raises(lock.AlreadyRunning), lock.hold(tmp_path, patience=0.3):
            pytest.fail("The lock was still held.")
        ending = threading.Timer(0.5, lambda: lock.fcntl.flock(left, lock.fcntl.LOCK_UN))
        ending.start()
        with lock.hold(tmp_path, patience=10):
            ending.join()


def test_the_welcome_shows_addresses_and_the_sign_ins_of_the_demo(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text(
        '{"therapists": [{"email": "t@demo.example", "password": "pass-1", "totp_secret": "ABC"}],'
        ' "patients": [{"email": "p@demo.example", "password": "pass-2", "story": "flare"}]}'
    )
    text = welcome(base_url="http://127.0.0.1:8000", data_dir=tmp_path, demo=True)
    for part in (
        "http://127.0.0.1:8000/dashboard/",
        "t@demo.example",
        "pass-1",
        "ABC",
        "pass-2",
        "flare",
    ):
        assert part in text
    assert "pass-1" not in welcome(base_url="http://x", data_dir=tmp_path, demo=False)
