"""On SQLite a thread keeps its connection, and notices when another file takes the place of its own."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.conf import LazySettings
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError, close_old_connections, connection, connections, transaction
from django.test import RequestFactory

from backend.accounts.models import Clinic, Patient
from backend.accounts.services import make_session_token
from backend.core.backups.services import make_backup, restore
from backend.core.prepared import rows_of
from tests.client import ApiClient
from tests.factories import make_clinic, make_patient

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a server's files are its own"),
]
T = TypeVar("T")


class Web:
    """A thread of a web process, with a connection of its own that it keeps."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool

    def __call__(self, work: Callable[[], T]) -> T:
        """What `work` gives in that thread, in the middle of a request."""
        return self._pool.submit(work).result()

    def request(self, work: Callable[[], T]) -> T:
        """What `work` gives in a request of its own."""
        # Django's own receivers, at the beginning and at the end of each request.
        self(close_old_connections)
        found = self(work)
        self(close_old_connections)
        return found

    @property
    def connection(self) -> Any:
        """What the driver opened for that thread."""
        return self(lambda: connection.connection)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", None)
    with ThreadPoolExecutor(max_workers=1) as pool:
        found = Web(pool)
        found.request(Clinic.objects.count)
        yield found
        found(connections.close_all)


@pytest.fixture
def earlier(web: Web, tmp_path: Path) -> Path:
    """The database as it was before the test, in a file of its own."""
    path = tmp_path / "copy.sqlite3"
    with closing(sqlite3.connect(path)) as copy, closing(opened()) as source:
        source.backup(copy)
    return path


def opened() -> sqlite3.Connection:
    return sqlite3.connect(connection.settings_dict["NAME"])


def put_in_place(other: Path) -> Path:
    """Another state of the database takes the place of the one that is open."""
    connection.close()
    place = Path(connection.settings_dict["NAME"])
    for name in (f"{place}-wal", f"{place}-shm"):
        Path(name).unlink(missing_ok=True)
    return other.replace(place)


def rename_all() -> None:
    with transaction.atomic():
        Clinic.objects.update(name="Renamed")


def test_one_request_after_the_other_uses_the_same_connection(web: Web) -> None:
    before = web.connection
    web.request(Clinic.objects.count)
    assert web.connection is before


def test_one_that_failed_is_opened_anew(web: Web) -> None:
    before = web.connection
    with pytest.raises(OperationalError):
        web(lambda: rows_of("SELECT no_such_column FROM accounts_clinic", []))
    web.request(Clinic.objects.count)
    assert web.connection is not before


def test_the_next_request_finds_the_file_that_took_the_place(
    web: Web, earlier: Path, now: datetime
) -> None:
    make_clinic(now=now)
    assert web.request(Clinic.objects.count) == 1
    place = put_in_place(earlier)
    make_clinic(now=now)
    make_clinic(now=now)
    assert web.request(Clinic.objects.count) == 2
    # What it closed did not take the new file's log with it.
    assert place.with_name(f"{place.name}-wal").exists()
    web.request(rename_all)
    assert {*Clinic.objects.values_list("name", flat=True)} == {"Renamed"}
    assert rows_of("PRAGMA integrity_check", []) == [("ok",)]


@pytest.mark.parametrize("score", [7, "7 %s 100%", None, 0.5, b"7"])
def test_a_remembered_statement_answers_as_through_djangos_own_cursor(
    score: object, clinic: Clinic
) -> None:
    sql = "SELECT %s, 'a 100%% s', id FROM accounts_clinic WHERE name LIKE 'C%%' OR %s IS NOT NULL"
    with connection.execute_wrapper(lambda execute, *given: execute(*given)):
        clear = rows_of(sql, [score, score])
    assert rows_of(sql, [score, score]) == clear
    assert clear or score is None


def test_a_remembered_statement_looks_as_well(web: Web, earlier: Path, now: datetime) -> None:
    make_clinic(now=now)
    put_in_place(earlier)
    assert web.request(lambda: rows_of("SELECT count(*) FROM accounts_clinic", [])) == [(0,)]


def test_nothing_is_written_to_a_file_that_lost_its_name_in_the_middle_of_a_request(
    web: Web, earlier: Path, now: datetime
) -> None:
    make_clinic(now=now)
    assert web(Clinic.objects.count) == 1
    before = web.connection
    put_in_place(earlier)
    make_clinic(now=now)
    with pytest.raises(OperationalError, match="replaced"):
        web(rename_all)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        web(lambda: before.execute("SELECT 1"))
    assert not Clinic.objects.filter(name="Renamed").exists()
    web.request(rename_all)
    assert Clinic.objects.filter(name="Renamed").count() == 1


def test_a_web_server_that_nobody_stopped_answers_from_what_was_restored(
    web: Web, now: datetime, tmp_path: Path, settings: LazySettings
) -> None:
    settings.DATA_DIR = tmp_path / "data"
    archive, _ = make_backup(target=tmp_path, now=now, say=lambda _: None)
    token = make_session_token(make_patient(now=now).user, now)
    application = get_wsgi_application()

    def status() -> int:
        request = RequestFactory(headers={"X-Session-Token": token}).get("/api/v1/me")
        answer: Any = application(request.environ, lambda *_: None)
        answer.close()
        return int(answer.status_code)

    assert web(status) == 200
    before = web.connection
    restore(source=archive, replace=True, now=now, say=lambda _: None)
    assert web(status) == 401
    assert web.connection is not before


@pytest.mark.parametrize("path", ["me", "me/advice", "sync/status", "sync/pull"])
def test_a_request_leaves_no_reading_open_that_would_keep_the_log_from_being_emptied(
    path: str, patient: Patient, now: datetime
) -> None:
    client = ApiClient(make_session_token(patient.user, now))
    assert client.get(path).status_code == 200
    with closing(opened()) as other:
        ((busy, *_),) = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert busy == 0
