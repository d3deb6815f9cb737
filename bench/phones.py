"""The stand of the phone's rows: the two phones, and what the floor has to know of one of them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import psycopg

from backend.core.localtime import local_date
from bench.contest import Side
from bench.floor import SCHEMA
from bench.load import Request, answer
from bench.people import ZONE, History, Phone, phone_with
from bench.stand import Server

DAY, YEAR = History(1), History(365)
# The screen of a day and that of a year of history show the same phase.
FRESH, OLD = replace(DAY, held=True), replace(YEAR, held=True)
# A year of history may cost so little more than a day of it.
STEADY = 1 / 1.15
Requests = Callable[[], Sequence[Request]]


@dataclass(frozen=True, kw_only=True)
class Stand:
    """Both servers, their database, and two phones: one with a day of history, one with a year.
    `admit` makes another with the history that is wanted, whom the floor knows as well; `settle` tells the
    planner how much there is by now."""

    ours: Server
    floor: Server
    database_url: str
    fresh: Phone
    old: Phone
    now: datetime
    admit: Callable[[History], Phone]
    settle: Callable[[], None]

    @property
    def day(self) -> date:
        """The patients' local date."""
        return local_date(self.now, ZONE)


def set_up(ours: Server, floor: Server, database_url: str, now: datetime) -> Stand:
    """Makes both phones, and gives the floor what it needs to answer the fresh one as we do."""
    fresh, old = phone_with(FRESH, now=now), phone_with(OLD, now=now)
    stand = Stand(
        ours=ours,
        floor=floor,
        database_url=database_url,
        fresh=fresh,
        old=old,
        now=now,
        admit=lambda history: _introduced(phone_with(history, now=now), database_url),
        settle=lambda: _count(database_url),
    )
    _furnish_floor(stand)
    stand.settle()
    return stand


def side(server: Server, requests: Requests) -> Side:
    """A side that sends so many requests in a round."""
    return Side(label=server.name, play=lambda _round: server.cost(requests()))


def today_of(phone: Phone, day: date) -> Request:
    """The one screen."""
    return Request("GET", f"/api/v1/me/today?date={day.isoformat()}", phone.headers)


def _furnish_floor(stand: Stand) -> None:
    body = answer(stand.ours.port, today_of(stand.fresh, stand.day))
    occurrences = body.pop("occurrences")
    patient = stand.fresh.patient
    rows = [(patient, stand.day, place, json.dumps(row)) for place, row in enumerate(occurrences)]
    with psycopg.connect(stand.database_url) as connection:
        connection.execute(SCHEMA)
        insert = "INSERT INTO floor_screen VALUES (%s, %s, %s)"
        connection.execute(insert, [patient, stand.day, json.dumps(body)])
        insert = "INSERT INTO floor_occurrence VALUES (%s, %s, %s, %s)"
        connection.cursor().executemany(insert, rows)
    _introduced(stand.fresh, stand.database_url)


def _introduced(phone: Phone, database_url: str) -> Phone:
    token = phone.headers["X-Session-Token"]
    with psycopg.connect(database_url) as connection:
        connection.execute("INSERT INTO floor_token VALUES (%s, %s)", [token, phone.patient])
        connection.execute("INSERT INTO floor_patient VALUES (%s, 0)", [phone.patient])
    return phone


def _count(database_url: str) -> None:
    # Autovacuum, which is off, would have done so by now.
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ANALYZE")
