"""When questionnaires fall due, on local dates."""

from collections.abc import Collection
from datetime import date, timedelta

import pytest

from exercises.tracking.instruments.content import instruments
from exercises.tracking.instruments.due import Due, due

START = date(2026, 3, 16)


def on(code: str, day: int, answered: Collection[int] = ()) -> Due:
    return due(
        instruments().offered[code].schedule,
        start=START,
        today=START + timedelta(days=day),
        answered=[START + timedelta(days=given) for given in answered],
    )


@pytest.mark.parametrize(
    ("code", "day", "state", "due_day", "next_day"),
    [
        ("PSFS", -1, "upcoming", None, 0),
        ("PSFS", 0, "due", 0, 14),
        ("PSFS", 13, "due", 0, 14),
        ("PSFS", 14, "due", 14, 28),
        ("PSFS", 100, "due", 98, 112),
        ("RMDQ", 0, "due", 0, 14),
        ("RMDQ", 13, "due", 0, 14),
        ("RMDQ", 14, "due", 14, 42),
        ("RMDQ", 27, "due", 14, 42),
        ("RMDQ", 28, "upcoming", None, 42),
        ("RMDQ", 41, "upcoming", None, 42),
        ("RMDQ", 42, "due", 42, 84),
        ("RMDQ", 84, "due", 84, None),
        ("RMDQ", 97, "due", 84, None),
        ("RMDQ", 98, "over", None, None),
        ("GROC", 6, "upcoming", None, 7),
        ("GROC", 7, "due", 7, 14),
        ("GROC", 13, "due", 7, 14),
        ("GROC", 14, "due", 14, 21),
    ],
)
def test_each_falls_due_on_its_days(
    code: str, day: int, state: str, due_day: int | None, next_day: int | None
) -> None:
    found = on(code, day)
    assert found.state == state
    assert found.due_on == (None if due_day is None else START + timedelta(days=due_day))
    assert found.next_on == (None if next_day is None else START + timedelta(days=next_day))


def test_a_form_answers_the_window_that_it_falls_in_and_no_other() -> None:
    assert on("PSFS", 13, answered=[13]).state == "done"
    assert on("PSFS", 14, answered=[13]).state == "due"
    assert on("PSFS", 20, answered=[14]).state == "done"
    assert on("RMDQ", 20, answered=[0]).state == "due"
    assert on("GROC", 8, answered=[6]).state == "due"


def test_a_change_of_the_clock_moves_no_day() -> None:
    # Clocks go forward on 29 March 2026, day 13: the next day is day 14 all the same.
    found = on("PSFS", (date(2026, 3, 30) - START).days)
    assert found.due_on == date(2026, 3, 30)
    assert found.until == date(2026, 4, 13)
