"""Instants from PostgreSQL are what Django would read."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import BaseTzLoader

from backend.core.instants import InstantLoader

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor == 'sqlite'", reason="instants of a file are texts"),
]
WRITTEN = (
    "2026-05-04 08:00:00+00",
    "2026-05-04 08:00:00.25+00",
    "2026-05-04 08:00:00.123456+00",
    "2026-05-04 08:00:00.000001+00",
    "0001-01-01 00:00:00+00",
    "9999-12-31 23:59:59.999999+00",
    "1883-11-18 17:00:00+00",
    "2026-05-04 08:00:00+02",
    "2026-05-04 08:00:00-03:30",
)


class Clear(BaseTzLoader):
    """Django's own."""

    timezone = UTC


@pytest.mark.parametrize("text", WRITTEN)
def test_an_instant_is_read_as_django_reads_it(text: str) -> None:
    connection.ensure_connection()
    ours, clear = (kind(1184, connection.connection) for kind in (InstantLoader, Clear))
    for data in (text.encode(), memoryview(text.encode())):
        assert ours.load(data) == clear.load(data)
        assert ours.load(data).tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["infinity", "0044-03-15 00:00:00+00 BC", "10000-01-01 00:00:00+00"]
)
def test_what_python_cannot_hold_is_refused_as_before(text: str) -> None:
    connection.ensure_connection()
    refused = []
    for kind in (InstantLoader, Clear):
        with pytest.raises(Exception) as found:  # noqa: PT011  (whichever it is)
            kind(1184, connection.connection).load(text.encode())
        refused.append((found.type, str(found.value)))
    assert refused[0] == refused[1]


def test_connections_read_by_it() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT timestamptz '2026-05-04 10:00:00.5+02'")
        assert cursor.fetchone() == (datetime(2026, 5, 4, 8, 0, 0, 500_000, tzinfo=UTC),)
    loader = connection.connection.adapters.get_loader(1184, 0)
    assert issubclass(loader, InstantLoader)
