"""Prepared statements on a connection that died between two requests."""

from collections.abc import Iterator

import pytest
from django.db import DataError, connection

from backend.core.prepared import MOST_HELD, rows_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor == 'sqlite'", reason="a file's connection lives on"),
]


@pytest.fixture
def between_requests() -> Iterator[None]:
    """A connection that is open, and that the next request has to check."""
    connection.ensure_connection()
    before = connection.health_check_enabled
    connection.health_check_enabled, connection.health_check_done = True, False
    yield
    connection.health_check_enabled = before


def end_the_connection() -> int:
    """The server ends the test's connection; the id of its process there."""
    pid: int = connection.connection.info.backend_pid
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    finally:
        other.close()
    return pid


@pytest.mark.parametrize("sql", ["SELECT pg_backend_pid()", "VALUES (pg_backend_pid())"])
def test_a_request_notices_by_its_first_statement_that_its_connection_died(
    between_requests: None, sql: str
) -> None:
    ended = end_the_connection()
    ((pid,),) = rows_of(sql, [])
    assert pid != ended
    assert connection.health_check_done


def test_a_statement_that_fails_on_a_living_connection_fails(between_requests: None) -> None:
    pid = connection.connection.info.backend_pid
    with pytest.raises(DataError):
        rows_of("SELECT 1 / %s", [0])
    assert rows_of("SELECT pg_backend_pid()", []) == [(pid,)]


def test_a_connection_has_one_cursor_until_an_answer_is_long() -> None:
    rows_of("SELECT 1", [])
    kept = connection.stepwise_cursors[1]
    assert rows_of("SELECT %s::int", [7]) == [(7,)]
    assert connection.stepwise_cursors[1] is kept
    assert len(rows_of("SELECT generate_series(1, %s)", [MOST_HELD + 1])) == MOST_HELD + 1
    assert not hasattr(connection, "stepwise_cursors")
    assert rows_of("SELECT 2", []) == [(2,)]


def test_a_statement_that_failed_leaves_the_next_one_alone() -> None:
    for _ in range(3):
        with pytest.raises(DataError):
            rows_of("SELECT 1 / %s", [0])
        assert rows_of("SELECT 5", []) == [(5,)]


def test_what_is_prepared_is_planned_for_any_values() -> None:
    for number in range(8):
        assert rows_of("SELECT count(*) FROM accounts_patient WHERE rev > %s", [number]) == [(0,)]
    plans = rows_of(
        "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE %s",
        ["%accounts_patient WHERE rev >%"],
    )
    assert plans == [(7, 0)]
