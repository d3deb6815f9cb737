"""The due tick: against django-celery-beat with a row a reminder, and against its own growth."""

import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from uuid import uuid4

import psycopg

from bench.contest import Contest
from bench.player import Player

SMALL, MIDDLE, LARGE = 10_000, 100_000, 1_000_000
# What a tick costs may grow by so much when there are a hundred times as many reminders.
STEADY = 1 / 1.5
Migrate = Callable[[str], None]


def contests(server_url: str, migrate: Migrate, stack: contextlib.ExitStack) -> list[Contest]:
    """All rows of the tick; `stack` ends their programs. `server_url` names any database of the
    server, on which each program gets a database of its own."""

    def beat() -> Sequence[str]:
        return [_database(server_url), "bench.beat", str(SMALL)]

    def ours(size: int) -> Sequence[str]:
        url = _database(server_url)
        migrate(url)
        return [url, "bench.dispatch", str(size)]

    small, *more = (
        Player(f"Stepwise, {size:,}", partial(ours, size), stack) for size in (SMALL, MIDDLE, LARGE)
    )
    peer = Player(f"django-celery-beat, {SMALL:,}", beat, stack)
    return [*_against_beat(peer, small), *_growth(small, *more)]


def _against_beat(beat: Player, ours: Player) -> list[Contest]:
    goals = {"idle": ("an idle tick", 50), "edit": ("an edit", 100), "due": ("one due", 25)}
    return [
        Contest(
            name=f"Reminders: {what} among {SMALL:,} ÷ django-celery-beat",
            goal=goal,
            base=beat.side(word),
            ours=ours.side(word),
        )
        for word, (what, goal) in goals.items()
    ]


def _growth(small: Player, middle: Player, large: Player) -> list[Contest]:
    return [
        Contest(
            name=f"Reminders: {what} among {size:,} ÷ among {SMALL:,}",
            goal=STEADY,
            base=small.side(word),
            ours=more.side(word),
        )
        for word, what in (("idle", "an idle tick"), ("due", "one due"))
        for size, more in ((MIDDLE, middle), (LARGE, large))
    ]


def _database(server_url: str) -> str:
    name = f"bench_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{server_url.rpartition('/')[0]}/{name}"
