"""What the due tick costs with ten thousand and with a million reminders: an idle tick must not
notice the difference, and one that is due must cost little.

On a PostgreSQL of its own, in CPU time of this process and of its connection there: a busy machine
stretches wall time, and not that, and what the server tidies after a million rows is no tick's.
"""

import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench.player import spent
from tests.drills import Figure, Say
from tests.servers import Postgres

TITLE = "the due tick at ten thousand and at a million reminders"
SMALL, LARGE = 10_000, 1_000_000
IDLE_TICKS, DUE_EACH = 4_000, 1_000
NOW = datetime(2026, 5, 4, 17, 30, tzinfo=UTC)
IDLE_BOUND = 1.5
# django-celery-beat takes 18 ms for one that is due among ten thousand, and 96 among a hundred
# thousand; a twenty-fifth of the lesser.
DUE_BOUND_MS = 0.72


def run(say: Say) -> list[Figure]:
    """Starts a PostgreSQL of its own and measures."""
    with tempfile.TemporaryDirectory(prefix="stepwise-drill-") as directory:
        server = Postgres(Path(directory))
        server.start()
        try:
            return _on(server, say)
        finally:
            server.stop()


def _on(server: Postgres, say: Say) -> list[Figure]:
    os.environ |= {
        "DATABASE_URL": server.url,
        "STEPWISE_DATA": tempfile.mkdtemp(),
        "DJANGO_SETTINGS_MODULE": "backend.settings.test",
    }
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], check=True)
    import django

    django.setup()
    small = _measured(SMALL, 0, say)
    large = _measured(LARGE, SMALL, say)
    ratio = large[0] / small[0]
    return [
        Figure(
            name=f"idle tick, {LARGE} against {SMALL}",
            measured=f"{large[0]:.2f} against {small[0]:.2f} ms, {ratio:.2f} times",
            bound=f"{IDLE_BOUND} times",
            holds=ratio <= IDLE_BOUND,
        ),
        *(
            Figure(
                name=f"one that is due, among {size}",
                measured=f"{found[1]:.3f} ms",
                bound=f"{DUE_BOUND_MS} ms",
                holds=found[1] <= DUE_BOUND_MS,
            )
            for size, found in ((SMALL, small), (LARGE, large))
        ),
    ]


def _measured(size: int, held: int, say: Say) -> tuple[float, float]:
    """Milliseconds of an idle tick and of one due reminder, among `size`."""
    from bench.dispatch import fill
    from notifications.reminders.ticking import tick

    fill(size - held)
    tick(now=NOW)
    idle = spent(lambda: [tick(now=NOW) for _ in range(IDLE_TICKS)])
    _make_due()
    due = spent(lambda: [tick(now=NOW) for _ in range(DUE_EACH // 200)])
    say(f"{size} reminders: {IDLE_TICKS} idle ticks {idle:.2f} s, {DUE_EACH} due {due:.2f} s")
    return idle / IDLE_TICKS * 1000, due / DUE_EACH * 1000


def _make_due() -> None:
    """A thousand more people, whose check-in rings now."""
    from tests.notifications.reminders.crowd import make_crowd

    make_crowd(size=DUE_EACH, poison=0, due_at=NOW, channels=["in_app", "push"])
