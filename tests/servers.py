"""PostgreSQL and Redis of the tests' own, on free ports of 127.0.0.1, gone when the tests end.

`python -m tests.servers COMMAND...` runs COMMAND with DATABASE_URL and REDIS_URL pointing at them.
What is not installed is left out and named, unless CI=true, where that is a failure.
"""

import contextlib
import ctypes
import os
import pwd
import random
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

CHROMIUM = "/usr/bin/chromium"
# From 32768 on Linux hands ports out to outgoing connections: one could take ours first.
PORTS = range(20000, 32000)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_for(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Returns once `condition` holds; raises TimeoutError naming `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} took longer than {seconds:g} seconds.")
        time.sleep(0.05)


class Redis:
    """A redis-server that can be stopped, killed, paused and started again with what it kept."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def binary() -> str | None:
        """The server's path, None when it is not installed."""
        return shutil.which("redis-server")

    def start(self) -> None:
        """Starts it and waits until it answers."""
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.directory)]
        options += ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
        self.process = subprocess.Popen(
            [self.binary() or "redis-server", *options],
            stdout=subprocess.DEVNULL,
            preexec_fn=_die_with_parent(signal.SIGKILL),
        )
        wait_for(self.is_answering, seconds=15, what="Starting Redis")

    def is_answering(self) -> bool:
        """Whether it answers PING."""
        with socket.socket() as connection, contextlib.suppress(OSError):
            connection.settimeout(1)
            connection.connect(("127.0.0.1", self.port))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        return False

    def pid(self) -> int | None:
        """Its process id, None while it is down."""
        return self.process.pid if self.process else None

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends it with the signal `how`."""
        if self.process:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(how)
            self.process.wait(15)
            self.process = None


class Postgres:
    """A PostgreSQL cluster made for the tests: everyone on this machine trusted, and no durability
    unless `settings` of the server say otherwise."""

    def __init__(self, directory: Path, settings: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self.settings = settings or {}
        self.port = free_port()
        self.url = f"postgres://stepwise@127.0.0.1:{self.port}/postgres"
        self.process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def binaries() -> Path | None:
        """The directory of `postgres` and `initdb` of the newest version, None without one."""
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_major_version)
        on_path = shutil.which("postgres")
        if found:
            return found[-1].parent
        return Path(on_path).resolve().parent if on_path else None

    def start(self) -> None:
        """Makes the cluster, starts it and waits until it answers."""
        binaries = self.binaries()
        if binaries is None:
            raise FileNotFoundError("PostgreSQL is not installed.")
        shutil.chown(self.directory, *_unprivileged())
        cluster = self.directory / "cluster"
        make = [binaries / "initdb", "-D", cluster, "-U", "stepwise", "-A", "trust", "--no-sync"]
        self._as_server([*make, "--locale=C.UTF-8", "--encoding=UTF8"]).wait()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.directory),
            "fsync": "off",
            "full_page_writes": "off",
            "max_connections": "200",
            **self.settings,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self.process = self._as_server([binaries / "postgres", "-D", cluster, *options])
        wait_for(self.is_answering, seconds=30, what="Starting PostgreSQL")

    def is_answering(self) -> bool:
        """Whether it accepts queries."""
        import psycopg

        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Ends it, cutting open connections."""
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)
            self.process = None

    def _as_server(self, command: list[str | Path]) -> subprocess.Popen[bytes]:
        # PostgreSQL refuses to run as root. It is a direct child, so that its end is always seen.
        user, group = _unprivileged()
        log = self.directory / "postgres.log"
        with log.open("ab") as file:
            return subprocess.Popen(
                command,
                user=user,
                group=group,
                extra_groups=[] if os.geteuid() == 0 else None,
                cwd=self.directory,
                stdout=file,
                stderr=file,
                preexec_fn=_die_with_parent(signal.SIGINT),
            )


@contextlib.contextmanager
def servers() -> Iterator[tuple[dict[str, str], list[str]]]:
    """Starts what is installed; gives the environment to use and the names of what is missing."""
    with contextlib.ExitStack() as stack:
        environment: dict[str, str] = {}
        missing = []
        for name, variable, make in (
            ("PostgreSQL", "DATABASE_URL", Postgres if Postgres.binaries() else None),
            ("Redis", "REDIS_URL", Redis if Redis.binary() else None),
        ):
            if make is None:
                missing.append(name)
                continue
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="stepwise-server-"))
            server = make(Path(directory))
            stack.callback(server.stop)
            server.start()
            environment[variable] = server.url
        if not Path(CHROMIUM).exists():
            missing.append("Chromium")
        yield environment, missing


def main(command: list[str]) -> int:
    """Runs `command` beside the servers; its exit code."""
    with servers() as (environment, missing):
        if missing:
            _tell(f"Not installed (`make deps` installs it): {', '.join(missing)}.")
            if os.environ.get("CI") == "true":
                return 1
        if not environment and "Chromium" in missing:
            _tell("There is nothing left to run the suite on; it was left out here.")
            return 0
        if "Chromium" in missing:
            command = [*command, "-m", "not browser"]
        for variable, name in (("DATABASE_URL", "SQLite"), ("REDIS_URL", "the bundled broker")):
            if variable not in environment:
                _tell(f"Running on {name} instead.")
        _tell(f"Running {shlex.join(command)}")
        return subprocess.call(command, env={**os.environ, **environment})


def _unprivileged() -> tuple[int, int]:
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    postgres = pwd.getpwnam("postgres")
    return postgres.pw_uid, postgres.pw_gid


def _major_version(path: Path) -> float:
    return float(path.parts[4])


def _die_with_parent(how: signal.Signals) -> Callable[[], None]:
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(1, int(how), 0, 0, 0)


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
