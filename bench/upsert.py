"""The least that stores a push: its body parsed and upserted by one statement, as one patient's."""

from typing import Any
from uuid import UUID

import msgspec
import psycopg

from bench.floor import Push, columns

NOBODY = UUID(int=0)
UPSERT = """
INSERT INTO floor_pain
SELECT %s, sent.id, sent.place, sent.occurred_at, sent.tz, sent.local_date, sent.site, sent.kind,
    sent.score, sent.note, now()
FROM unnest(%s::uuid[], %s::int[], %s::timestamptz[], %s::text[], %s::date[], %s::text[],
    %s::text[], %s::smallint[], %s::text[])
    AS sent(id, place, occurred_at, tz, local_date, site, kind, score, note)
ON CONFLICT (patient, id) DO NOTHING RETURNING id
"""


def upsert(connection: psycopg.Connection[Any], body: str) -> None:
    """Stores what a push holds."""
    sent = msgspec.json.decode(body, type=Push)
    ops = list({op.id: op for op in sent.ops}.values())
    connection.execute(UPSERT, [NOBODY, *columns(ops)]).fetchall()
