"""The floor of the embedded mode: a WSGI application on the driver of SQLite doing the least that
gives the same answers, served as the product is and as durable.

It judges nothing, audits nothing and knows no roles; its tables hold what the answers need.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from bench.floor import Op, Pain, Push

SCHEMA = """
CREATE TABLE IF NOT EXISTS floor_token (token TEXT PRIMARY KEY, patient TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS floor_screen (
    patient TEXT NOT NULL, day TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (patient, day));
CREATE TABLE IF NOT EXISTS floor_occurrence (
    patient TEXT NOT NULL, day TEXT NOT NULL, place INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (patient, day, place));
CREATE TABLE IF NOT EXISTS floor_patient (patient TEXT PRIMARY KEY, rev INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS floor_pain (
    patient TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, occurred_at TEXT NOT NULL,
    tz TEXT NOT NULL, local_date TEXT NOT NULL, site TEXT NOT NULL, kind TEXT NOT NULL,
    score INTEGER NOT NULL, note TEXT NOT NULL, received_at TEXT NOT NULL,
    PRIMARY KEY (patient, id));
"""
WHO = "SELECT patient FROM floor_token WHERE token = ?"
SCREEN = "SELECT body FROM floor_screen WHERE patient = ? AND day = ?"
OCCURRENCES = "SELECT body FROM floor_occurrence WHERE patient = ? AND day = ? ORDER BY place"
RAISE = "UPDATE floor_patient SET rev = rev + ? WHERE patient = ? RETURNING rev"
INSERT = "INSERT INTO floor_pain VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
# As ours: in WAL, and synced at each commit.
DURABLE = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL")
JSON = [("Content-Type", "application/json")]
_kept = threading.local()
Answer = tuple[str, bytes]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers one request."""
    status, body = _answer(environ)
    start_response(status, [*JSON, ("Content-Length", str(len(body)))])
    return [body]


def _answer(environ: dict[str, Any]) -> Answer:
    path = environ["PATH_INFO"]
    if path == "/healthz":
        return "200 OK", b"{}"
    who = _database().execute(WHO, [environ.get("HTTP_X_SESSION_TOKEN", "")]).fetchone()
    if who is None:
        return "401 Unauthorized", b""
    if path == "/api/v1/me/today":
        return _today(who[0], environ["QUERY_STRING"].removeprefix("date="))
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    if path == "/api/v1/sync/push":
        return _push(who[0], body)
    return _pain(who[0], path.rpartition("/")[2], body)


def _today(patient: str, day: str) -> Answer:
    """The one screen, from about ten rows behind a token."""
    asked = [patient, day]
    body = msgspec.json.decode(_database().execute(SCREEN, asked).fetchone()[0])
    rows = _database().execute(OCCURRENCES, asked)
    body["occurrences"] = [msgspec.json.decode(row[0]) for row in rows]
    return "200 OK", msgspec.json.encode(body)


def _pain(patient: str, report_id: str, body: bytes) -> Answer:
    """Keeps one pain report."""
    report, now = msgspec.json.decode(body, type=Pain), datetime.now(UTC)
    database = _database()
    with database:
        database.execute("BEGIN IMMEDIATE")
        rev = _raised(patient, 1)
        database.execute(INSERT, _row(patient, UUID(report_id), rev, report, now))
    answer = {"id": report_id, "rev": rev, "received_at": now, "status": "applied", "advice": None}
    return "201 Created", msgspec.json.encode(answer)


def _push(patient: str, body: bytes) -> Answer:
    """Keeps many pain reports, each once."""
    sent, now = msgspec.json.decode(body, type=Push), datetime.now(UTC)
    ops = {op.id: op for op in sent.ops}.values()
    fresh = dict[UUID, int]()
    with _database() as database:
        database.execute("BEGIN IMMEDIATE")
        before = _raised(patient, len(ops)) - len(ops)
        for rev, op in enumerate(ops, before + 1):
            row = _row(patient, op.id, rev, op.data, now)
            if database.execute(INSERT, row).rowcount:
                fresh[op.id] = rev
    results = [
        {"index": place, "op_id": op.op_id, "status": _status(op, fresh), "rev": fresh.get(op.id)}
        for place, op in enumerate(sent.ops)
    ]
    answer = {"results": results, "advice": [], "server_time": now, "clock_skew_ms": 0}
    return "200 OK", msgspec.json.encode(answer)


def _raised(patient: str, by: int) -> int:
    rows = _database().execute(RAISE, [by, patient]).fetchall()
    return int(rows[0][0])


def _status(op: Op, fresh: dict[UUID, int]) -> str:
    return "applied" if op.id in fresh else "duplicate"


def _row(patient: str, pk: UUID, rev: int, report: Pain, now: datetime) -> Sequence[object]:
    return (
        patient,
        str(pk),
        rev,
        report.occurred_at.isoformat(),
        report.tz,
        report.local_date.isoformat(),
        report.site,
        report.kind,
        report.score,
        report.note,
        now.isoformat(),
    )


def _database() -> sqlite3.Connection:
    if not hasattr(_kept, "connection"):
        path = os.environ["DATABASE_URL"].removeprefix("sqlite:///")
        _kept.connection = sqlite3.connect(path, timeout=20, isolation_level=None)
        for pragma in DURABLE:
            _kept.connection.execute(pragma)
    found: sqlite3.Connection = _kept.connection
    return found
