"""Instants that a file holds are read as Django reads them."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseWrapper

from backend.accounts.models import Patient

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="of a file")


@pytest.mark.parametrize(
    "held",
    [
        "2026-11-22 02:48:09.5",
        datetime(2026, 11, 22, 2, 48, 9),  # noqa: DTZ001
        datetime(2026, 11, 22, 2, 48, 9, tzinfo=UTC),
        None,
    ],
)
def test_an_instant_is_what_django_reads(held: object) -> None:
    ours = connection.ops.convert_datetimefield_value(held, None, connection)  # type: ignore[attr-defined]
    clear = DatabaseWrapper.ops_class.convert_datetimefield_value(
        connection.ops, held, None, connection
    )  # type: ignore[arg-type]
    assert (type(ours), ours) == (type(clear), clear)
    assert ours is None or ours.tzinfo is UTC


@pytest.mark.django_db
def test_an_instant_that_was_stored_comes_back(patient: Patient) -> None:
    instant = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)
    Patient.objects.filter(pk=patient.pk).update(last_synced_at=instant)
    assert Patient.objects.get(pk=patient.pk).last_synced_at == instant
