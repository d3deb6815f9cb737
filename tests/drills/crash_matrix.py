"""Processes are killed at every labelled point between a report and its delivery.

A phone reports a red flag and repeats the report until it is answered; a push service and a mail
server of the drill's own note what arrives and under which collapse id. Both ways to run are tried:
the embedded one, and PostgreSQL with Redis.
"""

import contextlib
import json
import os
import signal
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from tests.drills import Figure, Say
from tests.e2e.phone import Caller, Mailbox
from tests.e2e.processes import OwnBroker, Product, running_product
from tests.notifications.gateways import FcmGateway, credentials, serving
from tests.servers import servers, wait_for

TITLE = "kill -9 at every point between a red flag and its delivery"
LABELS = (
    "record.before_lock",
    "record.after_lock",
    "record.before_commit",
    "record.after_commit",
    "relay.after_select",
    "relay.after_insert",
    "relay.before_commit",
    "relay.after_commit",
    "scheduler.after_publish",
    "scheduler.after_mark",
    "worker.before_claim",
    "worker.after_claim",
    "worker.before_send",
    "worker.after_send.in_app",
    "worker.after_send.fcm",
    "worker.after_send.email",
    "worker.before_mark_commit",
    "worker.after_mark",
)
OUTSIDE = ("web", "worker", "scheduler", "broker", "broker flushed", "broker away for 3 s")
UNHARMED = 20
WITHOUT_CRASH_S, AFTER_CRASH_S, PATIENCE_S = 5.0, 60.0, 120.0
QUIET_S = 5.0
# The first repeat of an emergency comes after 15 minutes.
REPEATED_S = 14 * 60
MAKE_PEOPLE = """
import json
from uuid import uuid4
from backend.core import clock
from notifications.services.registering import Device, register_endpoint
from backend.accounts.services import make_session_token
from tests.factories import make_care, make_clinic, make_patient, make_therapist
now = clock.now()
clinic = make_clinic(now=now)
therapist = make_therapist(now=now, clinic=clinic)
people = []
for number in range({count}):
    patient = make_patient(now=now, email=f"crash{{number}}@example.org")
    make_care(patient=patient, therapist=therapist, clinic=clinic, now=now)
    device = Device(kind="fcm", address=f"device-{{number}}", keys={{}})
    register_endpoint(user=patient.user, name=uuid4(), device=device, now=now)
    people.append([patient.user.email, make_session_token(patient.user, now), device.address])
print("PEOPLE" + json.dumps(people))
"""


@dataclass
class World:
    """The running product and what is outside of it."""

    product: Product
    google: FcmGateway
    mailbox: Mailbox
    order: Path
    people: Iterator[list[str]]
    told: list["Told"] = field(default_factory=list)
    untouched: list[str] = field(default_factory=list)


@dataclass
class Told:
    """Somebody who reported at `began`, and what she had seen when that was last looked at: once
    the next repeat is due, more of it is right."""

    person: list[str]
    began: float
    pushes: int = 0
    mails: int = 0


def run(say: Say) -> list[Figure]:
    """Both ways to run, one after the other."""
    figures = [*_matrix("embedded", say)]
    with servers() as (environment, missing):
        if "PostgreSQL" in missing or "Redis" in missing:
            return [*figures, Figure(name="scale-out", measured="not run", bound="", holds=False)]
        with _environment(environment):
            figures += _matrix("scale-out", say)
    return figures


def _matrix(way: str, say: Say) -> Iterator[Figure]:
    with _world() as world:
        calm = [_told_after(world, lambda: None) for _ in range(UNHARMED)]
        say(f"{way}: without a crash {max(calm):.1f} s at most")
        late: dict[str, float] = {}
        for label in LABELS:
            late[label] = _told_after(world, lambda: None, label=label)
            say(f"{way}: {label}: {late[label]:.1f} s")
        for what in OUTSIDE:
            late[what] = _told_after(world, _harm(world, what))
            say(f"{way}: {what}: {late[what]:.1f} s")
        time.sleep(QUIET_S)
        _look(world)
        yield from _figures(way, world, calm, late)


def _figures(way: str, world: World, calm: list[float], late: dict[str, float]) -> Iterator[Figure]:
    lost = [one for one in world.told if not (one.pushes and one.mails)]
    twice = [one for one in world.told if one.pushes > 1 or one.mails > 1]
    slowest = max(late, key=lambda name: late[name])
    yield _count(f"{way}: red flags lost", len(lost))
    yield _count(f"{way}: seen twice", len(twice))
    yield _count(f"{way}: points where nothing died", len(world.untouched))
    yield Figure(
        name=f"{way}: at the gateway without a crash, slowest of {len(calm)}",
        measured=f"{max(calm):.1f} s",
        bound=f"{WITHOUT_CRASH_S:g} s",
        holds=max(calm) <= WITHOUT_CRASH_S,
    )
    yield Figure(
        name=f"{way}: at the gateway after a crash, slowest of {len(late)}",
        measured=f"{late[slowest]:.1f} s ({slowest})",
        bound=f"{AFTER_CRASH_S:g} s",
        holds=late[slowest] <= AFTER_CRASH_S,
    )


def _count(name: str, number: int) -> Figure:
    return Figure(name=name, measured=str(number), bound="0", holds=number == 0)


def _told_after(world: World, harm: Callable[[], None], *, label: str = "") -> float:
    """Seconds from a report's first try until push and mail have arrived; PATIENCE_S when not."""
    person = next(world.people)
    if label:
        world.order.write_text(label, encoding="utf-8")
    began = time.monotonic()
    world.told.append(Told(person, began))
    _report(Caller(world.product.base_url, person[1]))
    harm()
    while time.monotonic() - began < PATIENCE_S:
        if _shown(world, person[2]) and _mails(world, person[0]):
            break
        time.sleep(0.05)
    took = time.monotonic() - began
    # What comes after the marking is passed a moment after everything was seen.
    with contextlib.suppress(TimeoutError):
        wait_for(lambda: not world.order.exists(), seconds=QUIET_S, what="The crash")
    if world.order.exists():
        world.untouched.append(label)
        world.order.unlink()
    world.order.with_suffix(".done").unlink(missing_ok=True)
    _wait_until_whole(world)
    _look(world)
    return took


def _look(world: World) -> None:
    for told in world.told:
        if time.monotonic() - told.began < REPEATED_S:
            told.pushes = len(_shown(world, told.person[2]))
            told.mails = len(_mails(world, told.person[0]))


def _report(phone: Caller) -> None:
    """As a phone does it: the same report again until it is answered."""
    at = datetime.now(UTC)
    report = {
        "occurred_at": at.isoformat(),
        "tz": "UTC",
        "local_date": at.date().isoformat(),
        "symptoms": [{"code": "S-SADDLE", "present": True}],
    }
    path = f"/api/v1/me/symptom-reports/{uuid.uuid4()}"
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with contextlib.suppress(requests.RequestException):
            status, answer = phone("PUT", path, report)
            if status in (200, 201):
                if answer["advice"]["level"] != "emergency_now":
                    raise AssertionError(f"The answer had no advice: {answer}")
                return
        time.sleep(0.1)
    raise TimeoutError("The report was never answered.")


def _harm(world: World, what: str) -> Callable[[], None]:
    broker = world.product.broker

    def kill_broker() -> None:
        broker.kill()
        if isinstance(broker, OwnBroker):
            broker.restart()

    def away() -> None:
        broker.pause()
        time.sleep(3)
        broker.resume()

    def kill_service() -> None:
        for pid in world.product.service(what):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    special = {
        "broker": kill_broker,
        "broker flushed": lambda: _flush(world.product),
        "broker away for 3 s": away,
    }
    return special.get(what, kill_service)


def _flush(product: Product) -> None:
    import redis

    from backend.core.broker import broker_url

    url = broker_url(product.data_dir, product.environment.get("REDIS_URL", ""))
    client = redis.Redis.from_url(url.replace("redis+socket://", "unix://"))
    client.flushall()
    client.close()


def _shown(world: World, device: str) -> set[str]:
    return {key for token, key in world.google.shown() if token == device}


def _mails(world: World, address: str) -> set[str]:
    return {str(mail["Message-ID"]) for mail in world.mailbox.to(address)}


def _wait_until_whole(world: World) -> None:
    """What was killed is back before the next one is: web answers and the scheduler ticks."""
    since = datetime.now(UTC)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with contextlib.suppress(requests.RequestException, ValueError, TypeError):
            found = requests.get(f"{world.product.base_url}/ops/delivery", timeout=5).json()
            if datetime.fromisoformat(found["last_tick_at"]) > since and found["problems"] == []:
                break
        time.sleep(0.2)
    time.sleep(1)


@contextlib.contextmanager
def _world() -> Iterator[World]:
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stepwise-crash-")))
        google = stack.enter_context(serving(FcmGateway))
        mailbox = stack.enter_context(Mailbox())
        file, _ = credentials(directory, google.url)
        order = directory / "order"
        env = {
            "STEPWISE_CRASH_DRILL": str(order),
            "STEPWISE_FCM_CREDENTIALS": str(file),
            "STEPWISE_FCM_URL": google.url,
            "STEPWISE_DEMO": "no",
        }
        product = stack.enter_context(running_product(env=env, smtp=mailbox.url))
        people = _people(product, UNHARMED + len(LABELS) + len(OUTSIDE))
        yield World(product, google, mailbox, order, iter(people))


def _people(product: Product, count: int) -> list[list[str]]:
    printed = product.manage("shell", "-c", MAKE_PEOPLE.format(count=count))
    found: list[list[str]] = json.loads(printed.partition("PEOPLE")[2])
    return found


@contextlib.contextmanager
def _environment(values: dict[str, Any]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
