"""What SQLite's planner believes of the tables: nothing, until somebody counts."""

from django.db import connection

# So many entries of each index are enough to tell a patient's diary from a handful of rows.
COUNT = ("PRAGMA analysis_limit=1000", "ANALYZE")


def count_rows() -> None:
    """Tells the planner how much there is, as autovacuum does on PostgreSQL. Kept connections know
    it when they are next opened."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for statement in COUNT:
                cursor.execute(statement)
