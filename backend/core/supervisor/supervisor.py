"""The loop that keeps the services alive."""

import contextlib
import selectors
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, NoReturn

from backend.core.supervisor.process import Leashed, Say
from backend.core.supervisor.services import Foundation, Service

TURN = 0.2  # seconds between two looks at the processes
FOUNDATION_PATIENCE = 15.0
LEASH_MARGIN = 1.0  # what a leash may take beyond its service's grace


class StartFailed(Exception):
    """A service that the others need did not come up."""


class Supervisor:
    """Starts the foundation, then the services; restarts what falls; stops in reverse order."""

    def __init__(self, *, log_dir: Path, lock: int, say: Say) -> None:
        self._log_dir = log_dir
        self._lock = lock
        self._say = say
        self._selector = selectors.DefaultSelector()
        self._foundation: list[Leashed] = []
        self._services: list[Leashed] = []
        log_dir.mkdir(mode=0o700, parents=True, exist_ok=True)

    def lay(self, foundation: Foundation) -> None:
        """Starts `foundation` and waits until it is up; raises `StartFailed`."""
        self._foundation.append(self._leash(foundation.service))
        deadline = time.monotonic() + FOUNDATION_PATIENCE
        while not foundation.is_up():
            if time.monotonic() > deadline:
                name = foundation.service.name
                raise StartFailed(f"The {name} does not answer; its log is in {self._log_dir}.")
            self._turn()

    def start(self, services: Sequence[Service]) -> None:
        """Starts `services`; from then on `watch` keeps them alive."""
        self._services += [self._leash(service) for service in services]

    def watch(self, *, is_ready: Callable[[], bool], on_ready: Callable[[], None]) -> NoReturn:
        """Keeps everything alive until a signal ends it; calls `on_ready` once when it is ready."""
        while not is_ready():
            self._turn()
        on_ready()
        while True:
            self._turn()

    def stop(self) -> None:
        """Stops the services, last started first, and then what they stand on: 10 seconds at most
        for both, since whatever outlives its grace is killed."""
        for group in (self._services, self._foundation):
            for leashed in reversed(group):
                leashed.let_go()
            longest = max((leashed.service.grace for leashed in group), default=0.0)
            deadline = time.monotonic() + longest + LEASH_MARGIN
            while any(leashed.is_up() for leashed in group) and time.monotonic() < deadline:
                self._pump()
            for leashed in group:
                leashed.kill()
            group.clear()
        self._selector.close()

    def _leash(self, service: Service) -> Leashed:
        log = self._log_dir / f"{service.name}.log"
        leashed = Leashed(service, log=log, lock=self._lock, say=self._say)
        self._listen(leashed)
        return leashed

    def _listen(self, leashed: Leashed) -> None:
        self._selector.register(leashed.start(), selectors.EVENT_READ, leashed)

    def _turn(self) -> None:
        self._pump()
        for leashed in (*self._foundation, *self._services):
            if leashed.has_ended():
                self._read_the_rest(leashed)
                leashed.plan_restart()
            elif leashed.is_due():
                self._listen(leashed)

    def _pump(self) -> None:
        # With nothing to read on (all outputs are closed) select returns at once.
        if not self._selector.get_map():
            time.sleep(TURN)
        for key, _ in self._selector.select(TURN):
            self._read(key.fileobj, key.data)  # type: ignore[arg-type]

    def _read(self, output: IO[bytes], leashed: Leashed) -> None:
        chunk = output.read(65536)
        if chunk:
            leashed.copy_output(chunk)
        elif chunk == b"":
            self._selector.unregister(output)

    def _read_the_rest(self, leashed: Leashed) -> None:
        output = leashed.process.stdout if leashed.process else None
        if output and output.fileno() in self._selector.get_map():
            self._read(output, leashed)
            with contextlib.suppress(KeyError):
                self._selector.unregister(output)


@contextlib.contextmanager
def stop_signals_raise() -> Iterator[None]:
    """Inside, SIGTERM and SIGINT raise `SystemExit`; after the first one they do nothing more, so
    that the way down is walked to its end."""

    def leave(*_: object) -> NoReturn:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise SystemExit(0)

    # Under nohup a hang-up stays ignored.
    numbers = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    previous = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
