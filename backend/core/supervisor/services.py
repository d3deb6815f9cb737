"""What a service is, and which ones the product has."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from backend.core.broker import Broker, is_answering


@dataclass(frozen=True, kw_only=True)
class Service:
    """A process to keep alive. `grace` is the seconds between SIGTERM and SIGKILL; `echo` says
    whether its warnings are shown on the console, beside being logged."""

    name: str
    command: tuple[str, ...]
    grace: float = 6.0
    echo: bool = True


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """A service that must answer before the others start, and that stops after them."""

    service: Service
    is_up: Callable[[], bool]


def broker_foundation(broker: Broker) -> Foundation | None:
    """The broker as a service of ours, or None when it is somebody else's."""
    path = broker.socket
    if broker.command is None or path is None:
        return None
    service = Service(name="broker", command=broker.command, grace=2.0, echo=False)
    return Foundation(service=service, is_up=lambda: is_answering(path))


def product_services(*, manage: Path, port: int) -> tuple[Service, ...]:
    """Web, workers and scheduler in the order of their start; they stop the other way round."""
    return (
        Service(name="web", command=_gunicorn(port)),
        Service(name="worker", command=_celery_worker("celery,urgent", processes=2)),
        # A red flag never waits until the others' worker has a hand free.
        Service(name="urgent worker", command=_celery_worker("urgent", processes=1)),
        Service(name="scheduler", command=(sys.executable, str(manage), "scheduler")),
    )


def _gunicorn(port: int) -> tuple[str, ...]:
    # Workers prove that they live by touching a file: on a disk under load that can block.
    memory = ("--worker-tmp-dir", "/dev/shm") if os.access("/dev/shm", os.W_OK) else ()  # noqa: S108
    return (
        *(sys.executable, "-m", "gunicorn", "-c", "python:backend.core.serving", "backend.wsgi"),
        *("--bind", f"127.0.0.1:{port}", "--no-control-socket", *memory),
    )


def _celery_worker(queues: str, *, processes: int) -> tuple[str, ...]:
    # Celery warns in many lines about running as root; on one's own machine that is no news.
    hush = "ignore:You're running the worker with superuser"
    return (
        *(sys.executable, "-W", hush, "-m", "celery", "--quiet", "-A", "backend.celery", "worker"),
        *("--queues", queues, "--hostname", f"{queues.replace(',', '-')}@%h"),
        *("--pool", "prefork", "--concurrency", str(processes), "--loglevel", "WARNING"),
        *("--without-gossip", "--without-mingle"),
    )
