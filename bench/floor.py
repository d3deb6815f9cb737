"""The floor: FastAPI on asyncpg doing the least that gives the same answers to the same requests.

It judges nothing, audits nothing and knows no roles; its tables hold what the answers need.
"""

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from uuid import UUID

import asyncpg
import msgspec
from fastapi import FastAPI, Request, Response

SCHEMA = """
CREATE TABLE IF NOT EXISTS floor_token (token text PRIMARY KEY, patient uuid NOT NULL);
CREATE TABLE IF NOT EXISTS floor_screen (
    patient uuid NOT NULL, day date NOT NULL, body jsonb NOT NULL, PRIMARY KEY (patient, day));
CREATE TABLE IF NOT EXISTS floor_occurrence (
    patient uuid NOT NULL, day date NOT NULL, place int NOT NULL, body jsonb NOT NULL,
    PRIMARY KEY (patient, day, place));
CREATE TABLE IF NOT EXISTS floor_patient (patient uuid PRIMARY KEY, rev bigint NOT NULL);
CREATE TABLE IF NOT EXISTS floor_pain (
    patient uuid NOT NULL, id uuid NOT NULL, rev bigint NOT NULL, occurred_at timestamptz NOT NULL,
    tz text NOT NULL, local_date date NOT NULL, site text NOT NULL, kind text NOT NULL,
    score smallint NOT NULL, note text NOT NULL, received_at timestamptz NOT NULL,
    PRIMARY KEY (patient, id));
"""
WHO = "SELECT patient FROM floor_token WHERE token = $1"
SCREEN = "SELECT body FROM floor_screen WHERE patient = $1 AND day = $2"
OCCURRENCES = "SELECT body FROM floor_occurrence WHERE patient = $1 AND day = $2 ORDER BY place"
INSERT = """
WITH head AS (UPDATE floor_patient SET rev = rev + 1 WHERE patient = $1 RETURNING rev)
INSERT INTO floor_pain SELECT $1, $2, head.rev, $3, $4, $5, $6, $7, $8, $9, $10 FROM head
ON CONFLICT DO NOTHING RETURNING rev
"""
UPSERT = """
INSERT INTO floor_pain
SELECT $1, sent.id, $2 + sent.place, sent.occurred_at, sent.tz, sent.local_date, sent.site,
    sent.kind, sent.score, sent.note, $3
FROM unnest($4::uuid[], $5::int[], $6::timestamptz[], $7::text[], $8::date[], $9::text[],
    $10::text[], $11::smallint[], $12::text[])
    AS sent(id, place, occurred_at, tz, local_date, site, kind, score, note)
ON CONFLICT (patient, id) DO NOTHING RETURNING id, rev
"""
RAISE = "UPDATE floor_patient SET rev = rev + $2 WHERE patient = $1 RETURNING rev"
JSON = "application/json"


class Pain(msgspec.Struct):
    """A pain report."""

    occurred_at: datetime
    tz: str
    local_date: date
    site: str
    kind: str
    score: int
    note: str = ""


class Op(msgspec.Struct):
    """One thing that waited on the phone."""

    op_id: str
    type: str
    id: UUID
    data: Pain


class Push(msgspec.Struct):
    """What waited on the phone."""

    device_id: str
    device_time: datetime
    ops: list[Op]


@asynccontextmanager
async def _pool(application: FastAPI) -> AsyncIterator[None]:
    application.state.pool = await asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=1, max_size=4
    )
    yield
    await application.state.pool.close()


app = FastAPI(lifespan=_pool, docs_url=None, redoc_url=None, openapi_url=None)


@app.get("/healthz")
async def healthz() -> Response:
    """The process is up."""
    return Response(b"{}", media_type=JSON)


@app.get("/api/v1/me/today")
async def today(request: Request) -> Response:
    """The one screen, from about ten rows behind a token."""
    day = date.fromisoformat(request.query_params["date"])
    async with request.app.state.pool.acquire() as connection:
        patient = await _patient(connection, request)
        if patient is None:
            return Response(status_code=401)
        screen = await connection.fetchval(SCREEN, patient, day)
        rows = await connection.fetch(OCCURRENCES, patient, day)
    body = msgspec.json.decode(screen)
    body["occurrences"] = [msgspec.json.decode(row["body"]) for row in rows]
    return Response(msgspec.json.encode(body), media_type=JSON)


@app.put("/api/v1/me/pain-reports/{report_id}")
async def pain(request: Request, report_id: UUID) -> Response:
    """Keeps one pain report."""
    report = msgspec.json.decode(await request.body(), type=Pain)
    now = datetime.now(UTC)
    async with request.app.state.pool.acquire() as connection:
        patient = await _patient(connection, request)
        if patient is None:
            return Response(status_code=401)
        rev = await connection.fetchval(
            INSERT, patient, report_id, report.occurred_at, report.tz, report.local_date,
            report.site, report.kind, report.score, report.note, now,
        )  # fmt: skip
    answer = {"id": report_id, "rev": rev, "received_at": now, "status": "applied", "advice": None}
    return Response(msgspec.json.encode(answer), status_code=201, media_type=JSON)


@app.post("/api/v1/sync/push")
async def push(request: Request) -> Response:
    """Keeps many pain reports, each once."""
    sent = msgspec.json.decode(await request.body(), type=Push)
    ops = list({op.id: op for op in sent.ops}.values())
    now = datetime.now(UTC)
    async with request.app.state.pool.acquire() as connection:
        patient = await _patient(connection, request)
        if patient is None:
            return Response(status_code=401)
        async with connection.transaction():
            last = await connection.fetchval(RAISE, patient, len(ops))
            rows = await connection.fetch(UPSERT, patient, last - len(ops), now, *columns(ops))
    fresh = {row["id"]: row["rev"] for row in rows}
    results = [
        {"index": place, "op_id": op.op_id, "status": _status(op, fresh), "rev": fresh.get(op.id)}
        for place, op in enumerate(sent.ops)
    ]
    answer = {"results": results, "advice": [], "server_time": now, "clock_skew_ms": 0}
    return Response(msgspec.json.encode(answer), media_type=JSON)


def columns(ops: Sequence[Op]) -> list[list[object]]:
    """The ops as the arrays that `UPSERT` takes."""
    return [
        [op.id for op in ops],
        list(range(1, len(ops) + 1)),
        [op.data.occurred_at for op in ops],
        [op.data.tz for op in ops],
        [op.data.local_date for op in ops],
        [op.data.site for op in ops],
        [op.data.kind for op in ops],
        [op.data.score for op in ops],
        [op.data.note for op in ops],
    ]


def _status(op: Op, fresh: Mapping[UUID, int]) -> str:
    return "applied" if op.id in fresh else "duplicate"


async def _patient(connection: asyncpg.Connection, request: Request) -> UUID | None:
    found: UUID | None = await connection.fetchval(WHO, request.headers["x-session-token"])
    return found
