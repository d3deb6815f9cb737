"""Database sessions that a test left open, such as those of a live server's threads."""

from django.db import connection


def end_other_sessions() -> None:
    """Ends all sessions of the test's PostgreSQL database but the test's own: what must have the
    database for itself (dropping it, restoring into it) would wait for them or refuse."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
