"""What a phone writes, against the floor, against one bare statement and against history."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import psycopg

from bench.contest import ROUNDS, Contest, Side
from bench.cpu import cpu_seconds
from bench.load import Request
from bench.phones import DAY, STEADY, YEAR, Stand, side
from bench.stand import Server
from bench.upsert import upsert
from bench.writers import Writers, pushes, puts

WRITES, PUSHES = 150, 20
# So many rounds with so many pushes, and the round that warms up: enough phones that each pushes once
# (the product is pushed to on five sides of the rows), and reports a handful of times a day.
MANY, SOME = 5 * PUSHES * (ROUNDS + 1), PUSHES * (ROUNDS + 1)


def contests(stand: Stand) -> list[Contest]:
    """All rows of writing."""
    many = Writers(stand, DAY, MANY)
    return [
        *_against_others(stand, many),
        _against_upsert(stand, many),
        *_against_itself(stand, many),
    ]


def embedded_contests(stand: Stand) -> list[Contest]:
    """The rows of writing in the embedded mode: one file in the place of PostgreSQL."""
    many = Writers(stand, DAY, MANY)
    rows = [*_against_others(stand, many), *_against_itself(stand, many)]
    return [replace(row, name=f"{row.name} on SQLite") for row in rows]


def _against_others(stand: Stand, many: Writers) -> list[Contest]:
    return [
        Contest(
            name="PUT pain report ÷ floor",
            goal=0.50,
            base=side(stand.floor, lambda: puts(many, WRITES)),
            ours=side(stand.ours, lambda: puts(many, WRITES)),
        ),
        Contest(
            name="push of 100 ÷ floor",
            goal=0.45,
            base=side(stand.floor, lambda: pushes(many, PUSHES, "the floor's")),
            ours=side(stand.ours, lambda: pushes(many, PUSHES)),
        ),
    ]


def _against_upsert(stand: Stand, many: Writers) -> Contest:
    return Contest(
        name="push of 100 ÷ raw upsert",
        goal=1 / 3,
        base=_raw(stand, many),
        ours=side(stand.ours, lambda: pushes(many, PUSHES)),
    )


def _against_itself(stand: Stand, many: Writers) -> list[Contest]:
    young, old = Writers(stand, DAY, SOME), Writers(stand, YEAR, SOME)
    ill = Writers(stand, replace(YEAR, score=5), SOME)
    push = side(stand.ours, lambda: pushes(many, PUSHES))
    return [
        Contest(
            name="an entry of a push ÷ a single PUT",
            goal=25,
            base=side(stand.ours, lambda: puts(many, WRITES)),
            ours=_each(push, 100),
        ),
        Contest(
            name="push sent again ÷ first push",
            goal=1 / 0.6,
            base=push,
            ours=_sent_again(stand.ours, lambda: pushes(many, PUSHES)),
        ),
        Contest(
            name="PUT pain report, a year ÷ a day of history",
            goal=STEADY,
            base=side(stand.ours, lambda: puts(young, WRITES)),
            ours=side(stand.ours, lambda: puts(old, WRITES)),
        ),
        Contest(
            name="PUT pain report, a year without getting better ÷ a day of history",
            goal=STEADY,
            base=side(stand.ours, lambda: puts(young, WRITES)),
            ours=side(stand.ours, lambda: puts(ill, WRITES)),
        ),
        Contest(
            name="push of 100, a year ÷ a day of history",
            goal=STEADY,
            base=side(stand.ours, lambda: pushes(young, PUSHES)),
            ours=side(stand.ours, lambda: pushes(old, PUSHES)),
        ),
    ]


def _each(whole: Side, parts: int) -> Side:
    return Side(label=whole.label, play=lambda number: whole.play(number) / parts)


def _sent_again(server: Server, requests: Callable[[], Sequence[Request]]) -> Side:
    def play(_: int) -> float:
        sent = requests()
        server.cost(sent)
        return server.cost(sent)

    return Side(label=server.name, play=play)


def _raw(stand: Stand, writers: Writers) -> Side:
    """The same rows by one statement, from plain values, without a request."""

    def play(_: int) -> float:
        sent = pushes(writers, PUSHES, "one statement's")
        with psycopg.connect(stand.database_url, autocommit=True) as connection:
            connection.prepare_threshold = 0
            database = stand.ours.database_pid
            before = time.process_time() + cpu_seconds(database)
            for request in sent:
                upsert(connection, request.body)
            after = time.process_time() + cpu_seconds(database)
        return (after - before) / len(sent)

    return Side(label="one raw upsert", play=play)
