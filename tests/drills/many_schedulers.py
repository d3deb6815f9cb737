"""Three schedulers and three workers, each a process, over a thousand reminders of which ten cannot
be computed: 990 are said once, ten are given up, and nothing else happens.

The processes share a clock that this one moves: it writes an instant to each of them and waits until
all have done what is due then.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.drills import Figure, Say
from tests.servers import Postgres

TITLE = "three schedulers and three workers say every reminder once"
SIZE, POISON, COPIES = 1000, 10, 3
DUE = datetime(2026, 5, 4, 17, 30, tzinfo=UTC)
# What cannot be computed is tried again after 1, 2, 4 and 8 minutes.
TRIES = [timedelta(minutes=minutes, seconds=30) for minutes in (0, 1, 3, 7, 15, 16)]
CHANNELS = ("in_app", "email")
# A worker that found nothing so often is done: the schedulers are long through.
IDLE_ROUNDS, PAUSE_S = 40, 0.05


def run(say: Say) -> list[Figure]:
    """Starts a PostgreSQL of its own and the six processes."""
    with tempfile.TemporaryDirectory(prefix="stepwise-drill-") as directory:
        server = Postgres(Path(directory))
        server.start()
        try:
            return _on(server.url, say)
        finally:
            server.stop()


def _on(url: str, say: Say) -> list[Figure]:
    environment = {**os.environ, "DATABASE_URL": url, "STEPWISE_DATA": tempfile.mkdtemp()}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"], env=environment, check=True
    )
    counted = json.loads(_child("make", environment).communicate()[0])
    say(f"{counted['made']} reminders, {POISON} of them poison")
    children = [_child(role, environment) for role in ("schedule", "work") for _ in range(COPIES)]
    for later in TRIES:
        _tell(children, (DUE + later).isoformat())
    sent = Counter[str]()
    for child in children:
        out, _ = child.communicate("stop\n")
        sent.update(json.loads(out.splitlines()[-1]))
    found = json.loads(_child("count", environment).communicate()[0])
    return _figures(sent, found)


def _figures(sent: Counter[str], found: dict[str, int]) -> list[Figure]:
    good = SIZE - POISON
    doubled = sum(1 for times in sent.values() if times > 1)
    return [
        Figure(
            name="reminders said",
            measured=f"{found['messages']} messages, {len(sent)} deliveries sent",
            bound=f"{good} and {good * len(CHANNELS)}",
            holds=found["messages"] == good and len(sent) == good * len(CHANNELS),
        ),
        Figure(name="sent twice", measured=str(doubled), bound="0", holds=doubled == 0),
        Figure(
            name="poison given up",
            measured=str(found["dead"]),
            bound=str(POISON),
            holds=found["dead"] == POISON,
        ),
        Figure(
            name="deliveries still waiting",
            measured=str(found["waiting"]),
            bound="0",
            holds=found["waiting"] == 0,
        ),
    ]


def _child(role: str, environment: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.drills.many_schedulers", role],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _tell(children: "list[subprocess.Popen[str]]", instant: str) -> None:
    for child in children:
        assert child.stdin is not None
        child.stdin.write(instant + "\n")
        child.stdin.flush()
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "done\n", "a process failed"


def main(role: str) -> None:
    """One of the processes, or the making and counting of rows."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "backend.settings.test"
    import django

    django.setup()
    logging.disable(logging.CRITICAL)
    roles = {"make": _make, "count": _count, "schedule": _schedule, "work": _work}
    json.dump(roles[role](), sys.stdout)


def _make() -> dict[str, int]:
    from tests.notifications.reminders.crowd import make_crowd

    make_crowd(size=SIZE, poison=POISON, due_at=DUE, channels=CHANNELS)
    return {"made": SIZE}


def _count() -> dict[str, int]:
    from notifications.models import Delivery, Message, Reminder

    return {
        "messages": Message.objects.count(),
        "dead": Reminder.objects.filter(dead_at__isnull=False).count(),
        "waiting": Delivery.objects.filter(state="waiting").count(),
    }


def _schedule() -> dict[str, int]:
    from notifications.reminders.ticking import tick

    for instant in _instants():
        while tick(now=instant, limit=50):
            pass
    return {}


def _work() -> dict[str, int]:
    from notifications.selectors import due_now
    from notifications.services import deliver_many
    from tests.notifications.rows import Recorder

    channel = Recorder()
    for instant in _instants():
        idle = 0
        while idle < IDLE_ROUNDS:
            ids = due_now(instant, 20)
            channels = dict.fromkeys(("in_app", "email", "push"), channel)
            outcomes = deliver_many(delivery_ids=ids, now=instant, channels=channels)
            idle = 0 if set(outcomes.values()) - {"not_mine"} else idle + 1
            time.sleep(PAUSE_S if not ids else 0)
    return Counter(str(envelope.delivery) for envelope in channel.sent)


def _instants() -> Iterator[datetime]:
    """Each instant that the drill writes; "done" goes back when the caller wants the next."""
    for line in sys.stdin:
        if line == "stop\n":
            return
        yield datetime.fromisoformat(line.strip())
        sys.stdout.write("done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
