"""The phone's rows: the one screen and a single report, against the floor and against history."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime

import psycopg

from backend.core.ids import uuid7
from backend.core.localtime import local_date
from bench.contest import Contest, Side
from bench.floor import SCHEMA
from bench.load import Request, answer
from bench.people import ZONE, Phone, pain_report, phone_with
from bench.stand import Server

READS, WRITES, YEAR = 200, 150, 365
Requests = Callable[[], Sequence[Request]]


def contests(ours: Server, floor: Server, database_url: str, now: datetime) -> list[Contest]:
    """All rows of the phone."""
    fresh, old = phone_with(1, now=now), phone_with(YEAR, now=now)
    day = local_date(now, ZONE)
    _furnish_floor(ours, database_url, fresh, day.isoformat())
    today, today_old = _today(fresh, day.isoformat()), _today(old, day.isoformat())
    pain, pain_old = _pain(fresh, now), _pain(old, now)
    return [
        Contest(
            name="GET /me/today ÷ floor",
            goal=0.60,
            base=_side(floor, today),
            ours=_side(ours, today),
        ),
        Contest(
            name="GET /me/today, a year ÷ a day of history",
            goal=1 / 1.15,
            base=_side(ours, today),
            ours=_side(ours, today_old),
        ),
        Contest(
            name="PUT pain report ÷ floor",
            goal=0.50,
            base=_side(floor, pain),
            ours=_side(ours, pain),
        ),
        Contest(
            name="PUT pain report, a year ÷ a day of history",
            goal=1 / 1.15,
            base=_side(ours, pain),
            ours=_side(ours, pain_old),
        ),
    ]


def _side(server: Server, requests: Requests) -> Side:
    return Side(label=server.name, play=lambda _round: server.cost(requests()))


def _today(phone: Phone, day: str) -> Requests:
    request = Request("GET", f"/api/v1/me/today?date={day}", phone.headers)
    return lambda: [request] * READS


def _pain(phone: Phone, now: datetime) -> Requests:
    def make() -> list[Request]:
        body = json.dumps(pain_report(now, local_date(now, ZONE)))
        path = "/api/v1/me/pain-reports/"
        return [Request("PUT", f"{path}{uuid7()}", phone.headers, body) for _ in range(WRITES)]

    return make


def _furnish_floor(ours: Server, database_url: str, phone: Phone, day: str) -> None:
    """Gives the floor what it needs to answer `phone` as we do, taken from our own answer."""
    body = answer(ours.port, _today(phone, day)()[0])
    occurrences = body.pop("occurrences")
    rows = [(phone.patient, day, place, json.dumps(row)) for place, row in enumerate(occurrences)]
    token = phone.headers["X-Session-Token"]
    with psycopg.connect(database_url) as connection:
        connection.execute(SCHEMA)
        connection.execute("INSERT INTO floor_token VALUES (%s, %s)", [token, phone.patient])
        connection.execute("INSERT INTO floor_patient VALUES (%s, 0)", [phone.patient])
        insert = "INSERT INTO floor_screen VALUES (%s, %s, %s)"
        connection.execute(insert, [phone.patient, day, json.dumps(body)])
        insert = "INSERT INTO floor_occurrence VALUES (%s, %s, %s, %s)"
        connection.cursor().executemany(insert, rows)
