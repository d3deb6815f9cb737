"""What a stranger reads who starts Stepwise where it cannot run: one sentence that says what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from backend.core.management.commands import run
from tests.operations.files import ROOT


def start(data: Path, more: dict[str, str]) -> str:
    kept = {"PATH": os.environ["PATH"], "STEPWISE_DATA": str(data)}
    done = subprocess.run(
        [sys.executable, "manage.py", "run"],
        env=kept | more,
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("PORT", "eighty", "PORT must be a whole number."),
        ("DATABASE_URL", "nonsense", "DATABASE_URL must be like postgres://"),
        ("STEPWISE_DATA", "/proc/nowhere", "must be a directory that can be written"),
        ("PORT", "99999", "PORT must be from 1 to 65535."),
    ],
)
def test_a_value_that_makes_no_sense_is_named(
    tmp_path: Path, variable: str, value: str, said: str
) -> None:
    assert said in start(tmp_path, {variable: value})


@pytest.mark.django_db
def test_a_database_of_a_newer_version_is_named_and_left_alone() -> None:
    MigrationRecorder(connection).record_applied("accounts", "9999_from_the_future")
    with pytest.raises(CommandError, match=r"newer version .*accounts\.9999_from_the_future"):
        run._refuse_newer_database()


@pytest.mark.django_db
def test_a_database_of_this_version_is_taken() -> None:
    run._refuse_newer_database()
