"""One way of making what a therapist reads, played in a process of its own.

`python -m bench.panel_worker WAY TIMES PERSON DATABASE_PID` prints the CPU seconds, application and
database, of one of TIMES panels. A way is `live` (each row computed from the record, and sorted),
`kept` (what the product does) or `sql` (the statements of `kept`, with nothing around them); for a
patient's page see `bench.patient_ways`.
`python -m bench.panel_worker token PERSON` prints a session token of a therapist.
"""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

import django
import psycopg

from bench.cpu import cpu_seconds

WARM = 8


def main(way: str, times: int, person: str, database_pid: int) -> float:
    """CPU seconds of one panel."""
    make = (_patient_ways(person) if way.startswith("page") else _ways(person))[way]
    # A prepared statement is planned once and for all after some runs.
    for _ in range(WARM if way != "live" else 1):
        make()
    before, own = cpu_seconds(database_pid), time.process_time()
    for _ in range(times):
        make()
    return (time.process_time() - own + cpu_seconds(database_pid) - before) / times


def _patient_ways(patient: str) -> dict[str, Callable[[], Any]]:
    """The ways of a patient's page."""
    from bench.patient_ways import ways

    return ways(patient)


def _ways(person: str) -> dict[str, Callable[[], Any]]:
    from django.db import connection

    from backend.accounts.access import caseload
    from backend.accounts.models import User
    from backend.core import clock
    from exercises.triage.panel import rows_for
    from exercises.triage.panel_pages import panel_page
    from exercises.triage.panel_summaries import rank_of

    user, now = User.objects.get(pk=person), clock.now()
    panel_page(user, now)
    statements: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        panel_page(user, now)

    def live() -> None:
        ids = [*caseload(user, now).values_list("pk", flat=True)]
        sorted(rows_for(ids, now, language="en"), key=rank_of)[:50]

    def sql() -> None:
        with psycopg.Cursor(connection.connection) as cursor:
            for statement, params in statements:
                cursor.execute(statement, params, prepare=True).fetchall()

    return {"live": live, "kept": lambda: panel_page(user, now), "sql": sql}


def token(person: str) -> str:
    """A session token of this therapist."""
    from backend.accounts.models import User
    from backend.accounts.services import make_session_token
    from backend.core import clock

    return make_session_token(User.objects.get(pk=person), clock.now())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.base")
    django.setup()
    if sys.argv[1] == "token":
        sys.stdout.write(token(sys.argv[2]))
        sys.exit()
    sys.stdout.write(str(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))))
