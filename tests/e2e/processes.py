"""The product as its own processes, for tests that need all of it."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import tempfile
import urllib.parse
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.servers import Redis, free_port, wait_for

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 150
STOP_SECONDS = 15
Supervisor = subprocess.Popen[bytes]


class EmbeddedBroker:
    """The broker that the supervisor runs. Killed, it is started again by the supervisor."""

    def __init__(self, data_dir: Path) -> None:
        self._pid_file = data_dir / "broker" / "broker.pid"

    def pid(self) -> int:
        """Its process id."""
        return int(self._pid_file.read_text(encoding="ascii"))

    def kill(self) -> None:
        """Ends it at once, as a crash does."""
        os.kill(self.pid(), signal.SIGKILL)

    def pause(self) -> None:
        """Makes it hang: connections stay open and nothing is answered."""
        os.kill(self.pid(), signal.SIGSTOP)

    def resume(self) -> None:
        """Lets it answer again."""
        os.kill(self.pid(), signal.SIGCONT)


class OwnBroker:
    """A Redis that the product reaches through REDIS_URL; killed, it is down until `restart`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def pid(self) -> int:
        """Its process id; raises ProcessLookupError while it is down."""
        pid = self._redis.pid()
        if pid is None:
            raise ProcessLookupError("The broker is down.")
        return pid

    def kill(self) -> None:
        """Ends it at once, as a crash does."""
        self._redis.stop(signal.SIGKILL)

    def restart(self) -> None:
        """Starts it on the files it left."""
        self._redis.start()

    def pause(self) -> None:
        """Makes it hang: connections stay open and nothing is answered."""
        os.kill(self.pid(), signal.SIGSTOP)

    def resume(self) -> None:
        """Lets it answer again."""
        os.kill(self.pid(), signal.SIGCONT)


@dataclass(frozen=True, kw_only=True)
class Product:
    """A running `manage.py run`; `environment` is what it runs in."""

    base_url: str
    data_dir: Path
    environment: Mapping[str, str]
    supervisor: Supervisor
    broker: EmbeddedBroker | OwnBroker

    def manage(self, *arguments: str) -> str:
        """Runs a management command on the same data; its standard output."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, check=True, timeout=120
        )
        return done.stdout.decode()

    def output(self) -> str:
        """What the supervisor has printed so far."""
        return (self.data_dir / "console.txt").read_text(encoding="utf-8", errors="replace")

    def processes(self) -> list[int]:
        """The ids of all processes that work on this data directory, the supervisor's included."""
        return processes_of(self.data_dir)

    def service(self, name: str) -> list[int]:
        """The ids of the processes of one service (web, worker or scheduler), without its leash."""
        word = {"web": "gunicorn", "worker": "celery", "scheduler": "scheduler"}[name]
        return [
            pid
            for pid in self.processes()
            if word in (line := _command(pid)) and "leash.py" not in line
        ]


@contextlib.contextmanager
def running_product(
    *, env: Mapping[str, str] | None = None, smtp: str | None = None, own_broker: bool | None = None
) -> Iterator[Product]:
    """Starts the product on data of its own and a free port, waits until it is ready, and stops it.

    It uses the kind of database and broker that the test run uses: a database of its own on the
    server of DATABASE_URL, and a Redis of its own when REDIS_URL is set (or `own_broker`). `smtp`
    is an EMAIL_URL such as `smtp://127.0.0.1:21025`; `env` overrides everything;
    STEPWISE_DEMO=no saves the making of the demo clinic.
    """
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="stepwise-run-", ignore_cleanup_errors=True)
        )
        data_dir = Path(directory)
        environment = _clean_environment() | {"STEPWISE_DATA": directory, "PORT": str(free_port())}
        if os.environ.get("DATABASE_URL", "").startswith("postgres"):
            environment["DATABASE_URL"] = stack.enter_context(_database(os.environ["DATABASE_URL"]))
        broker = EmbeddedBroker(data_dir) if not _wants_redis(own_broker) else _redis(stack)
        if isinstance(broker, OwnBroker):
            environment["REDIS_URL"] = broker._redis.url
        if smtp:
            environment["EMAIL_URL"] = smtp
        environment |= env or {}
        supervisor = stack.enter_context(_supervisor(environment, data_dir))
        product = Product(
            base_url=f"http://127.0.0.1:{environment['PORT']}",
            data_dir=data_dir,
            environment=environment,
            supervisor=supervisor,
            broker=broker,
        )
        _wait_until_ready(product)
        yield product


def processes_of(data_dir: Path) -> list[int]:
    """All living processes whose environment or command line names `data_dir`."""
    marks = (f"STEPWISE_DATA={data_dir}".encode(), f"{data_dir}/broker".encode())
    me = os.getpid()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        # Valkey writes its title over its environment, which leaves the command line to go by.
        with contextlib.suppress(OSError):
            text = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            if any(mark in text for mark in marks) and int(entry.name) != me:
                found.append(int(entry.name))
    return found


@contextlib.contextmanager
def _supervisor(
    environment: Mapping[str, str], data_dir: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    with (data_dir / "console.txt").open("wb") as console:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        finally:
            for pid in processes_of(data_dir):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()


def _wait_until_ready(product: Product) -> None:
    def ready() -> bool:
        if product.supervisor.poll() is not None:
            raise RuntimeError(f"The product ended instead of starting:\n{product.output()}")
        return _status(product.base_url, "/readyz") == http.HTTPStatus.OK

    try:
        wait_for(ready, seconds=START_SECONDS, what="Starting the product")
    except TimeoutError as error:
        raise TimeoutError(f"{error}\n{product.output()}") from None


def _status(base_url: str, path: str) -> int | None:
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(base_url).netloc, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


@contextlib.contextmanager
def _database(server_url: str) -> Iterator[str]:
    import psycopg

    name = f"run_{uuid.uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield urllib.parse.urlsplit(server_url)._replace(path=f"/{name}").geturl()
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _wants_redis(own_broker: bool | None) -> bool:
    return bool(os.environ.get("REDIS_URL")) if own_broker is None else own_broker


def _redis(stack: contextlib.ExitStack) -> OwnBroker:
    directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="stepwise-redis-"))
    redis = Redis(Path(directory))
    stack.callback(redis.stop)
    redis.start()
    return OwnBroker(redis)


def _clean_environment() -> dict[str, str]:
    ours = {"DATABASE_URL", "REDIS_URL", "EMAIL_URL", "DJANGO_SETTINGS_MODULE", "PORT"}
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ours and not name.startswith("STEPWISE_")
    }


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""
