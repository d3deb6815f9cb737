"""Numbers, dates and instants are read strictly: what is unclear is unknown, and that protects."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from exercises.triage.rules.literals import (
    BLANKS,
    LARGEST,
    LONGEST_NUMBER,
    date_of,
    instant_of,
    number_of,
)
from exercises.triage.rules.pack import default_pack

INSTANT = datetime(2026, 1, 20, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        (38, "38"),
        (38.4, "38.4"),
        ("38.4", "38.4"),
        (f"{BLANKS}38.4{BLANKS}", "38.4"),
        ("+3.84e1", "38.4"),
        ("37.99999999999999999", "38.0"),
        (LARGEST, str(LARGEST)),
        ("1".rjust(LONGEST_NUMBER, "0"), "1.0"),
    ],
)
def test_a_number_is_json_or_decimal_digits(raw: Any, number: str) -> None:
    assert number_of(raw) == Decimal(number)


@pytest.mark.parametrize(
    "raw",
    [
        True, None, [], "", " ", "3_8", "38,4", "\uff13\uff18", "38 C", "NaN", "Infinity", "1e400",
        float("inf"), float("nan"), LARGEST + 1, 1e13, "1".rjust(LONGEST_NUMBER + 1, "0"), ".", "e5",
    ],
)  # fmt: skip
def test_everything_else_is_no_number(raw: Any) -> None:
    assert number_of(raw) is None


@pytest.mark.parametrize("raw", ["20260401", "2026-W14-3", " 2026-04-01", "2026-02-30", 20260401])
def test_a_date_is_written_in_one_way(raw: Any) -> None:
    assert date_of("2026-04-01") == date(2026, 4, 1)
    assert date_of(raw) is None


@pytest.mark.parametrize(
    "raw", ["2026-01-20T23:30:00Z", "2026-01-20t23:30:00z", "2026-01-21 00:30:00.000+01:00"]
)
def test_an_instant_is_rfc_3339(raw: str) -> None:
    assert instant_of(raw) == INSTANT


@pytest.mark.parametrize(
    "raw",
    [
        "2026-01-20", "20260120T233000Z", "2026-01-20T23:30Z", "2026-01-20T23:30:00",
        "2026-01-20T23:30:00+01", "2026-01-20T23:30:00+01:75", "2026-01-20T23:30:00+24:00",
        "2026-01-20T23:59:60Z", "2026-01-20T23:30:00,5Z", "0001-12-31T23:30:00Z",
        "9999-01-20T23:30:00Z", None, 1,
    ],
)  # fmt: skip
def test_everything_else_is_no_instant(raw: Any) -> None:
    assert instant_of(raw) is None


@pytest.mark.parametrize("year", ["0002", "9998"])
def test_the_years_that_are_believed(year: str) -> None:
    assert instant_of(f"{year}-06-01T00:00:00Z") is not None


def test_an_attribute_is_read_in_the_same_way() -> None:
    known = default_pack().vocabulary.known
    assert known("S-FEVER", {"temp_c": "37_2"}) == {}
    assert known("S-FEVER", {"temp_c": " 37.2 "}) == {"temp_c": Decimal("37.2")}
    assert known("S-TRAUMA", {"when": "20260401"}) == {}
    assert known("S-NUMB-LEG", {"duration_minutes": 30.5}) == {}
