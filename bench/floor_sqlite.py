"""The floor of the embedded mode: a WSGI application on the driver of SQLite doing the least that
gives the same screen, served as the product is.

It judges nothing, audits nothing and knows no roles; its tables hold what the answer needs.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

SCHEMA = """
CREATE TABLE IF NOT EXISTS floor_token (token TEXT PRIMARY KEY, patient TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS floor_screen (
    patient TEXT NOT NULL, day TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (patient, day));
CREATE TABLE IF NOT EXISTS floor_occurrence (
    patient TEXT NOT NULL, day TEXT NOT NULL, place INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (patient, day, place));
"""
WHO = "SELECT patient FROM floor_token WHERE token = ?"
SCREEN = "SELECT body FROM floor_screen WHERE patient = ? AND day = ?"
OCCURRENCES = "SELECT body FROM floor_occurrence WHERE patient = ? AND day = ? ORDER BY place"
JSON = [("Content-Type", "application/json")]
_kept = threading.local()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The one screen, from about ten rows behind a token."""
    if environ["PATH_INFO"] == "/healthz":
        start_response("200 OK", JSON)
        return [b"{}"]
    who = _database().execute(WHO, [environ.get("HTTP_X_SESSION_TOKEN", "")]).fetchone()
    if who is None:
        start_response("401 Unauthorized", JSON)
        return [b""]
    asked = [who[0], environ["QUERY_STRING"].removeprefix("date=")]
    body = msgspec.json.decode(_database().execute(SCREEN, asked).fetchone()[0])
    rows = _database().execute(OCCURRENCES, asked)
    body["occurrences"] = [msgspec.json.decode(row[0]) for row in rows]
    answer = msgspec.json.encode(body)
    start_response("200 OK", [*JSON, ("Content-Length", str(len(answer)))])
    return [answer]


def _database() -> sqlite3.Connection:
    if not hasattr(_kept, "connection"):
        path = os.environ["DATABASE_URL"].removeprefix("sqlite:///")
        _kept.connection = sqlite3.connect(path)
    found: sqlite3.Connection = _kept.connection
    return found
