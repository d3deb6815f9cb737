"""Who gets what from which address: the walk of the whole URL map equals the table beside this file.

`make access-table` writes the table anew; what changed in it is read like code.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from backend.core import clock
from tests.access.table import Walk, walk
from tests.access.world import NOT_MADE, SUBJECTS, make_world

TABLE = Path(__file__).with_name("table.txt")
pytestmark = pytest.mark.django_db
HEAD = "# Status by person: " + " ".join(SUBJECTS)


@pytest.fixture(scope="module")
def found(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Walk]:
    """One walk for all tests here; nothing of it stays in the database."""
    now = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as patch,
        transaction.atomic(),
    ):
        patch.setattr(clock, "now", lambda: now)
        yield walk(make_world(now))
        transaction.set_rollback(True)


def test_everybody_gets_from_every_address_what_the_table_says(found: Walk) -> None:
    text = "\n".join([HEAD, *found.lines]) + "\n"
    if os.environ.get("STEPWISE_WRITE_TABLE") == "1":
        TABLE.write_text(text, encoding="utf-8")
    listed = TABLE.read_text(encoding="utf-8").splitlines()
    assert listed == text.splitlines(), "run `make access-table` and read the difference"


def test_what_is_out_of_reach_looks_exactly_like_what_is_missing(found: Walk) -> None:
    assert found.told_apart == []


def test_no_address_breaks_for_anybody(found: Walk) -> None:
    assert [line for line in found.lines if " 50" in line] == []


def test_no_answer_about_somebody_else_leaves_without_its_audit_row(found: Walk) -> None:
    assert found.unaudited == []


def test_every_kind_of_object_in_a_path_is_tried(found: Walk) -> None:
    assert found.not_tried <= NOT_MADE, "make one of each in tests/access/world.py"
