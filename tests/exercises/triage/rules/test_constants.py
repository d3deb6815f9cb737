"""A clinic may be stricter than the specification, never laxer."""

from decimal import Decimal
from typing import Any, get_type_hints

import msgspec
import pytest

from exercises.triage.rules.constants import Constants

BOUNDS = {
    name: hint.__metadata__[0]
    for name, hint in get_type_hints(Constants, include_extras=True).items()
    if hasattr(hint, "__metadata__")
}


def test_every_number_has_bounds_and_ships_at_one_of_them() -> None:
    unbounded = set(Constants.__struct_fields__) - BOUNDS.keys()
    assert unbounded == {"mcid_fraction", "fever_c"}
    for name, meta in BOUNDS.items():
        assert getattr(Constants(), name) in (meta.ge, meta.le), name


@pytest.mark.parametrize("name", sorted(BOUNDS))
def test_a_number_is_accepted_at_its_bounds_and_refused_beyond_them(name: str) -> None:
    meta: Any = BOUNDS[name]
    for accepted in (meta.ge, meta.le):
        assert getattr(msgspec.convert({name: accepted}, Constants), name) == accepted
    for refused in (meta.ge - 1, meta.le + 1):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({name: refused}, Constants)


@pytest.mark.parametrize("value", [Decimal("37.5"), Decimal("38.0")])
def test_a_fever_may_begin_up_to_half_a_degree_lower(value: Decimal) -> None:
    assert msgspec.convert({"fever_c": value}, Constants).fever_c == value


@pytest.mark.parametrize("value", [Decimal("37.4"), Decimal("38.1"), Decimal("NaN")])
def test_a_fever_may_not_begin_elsewhere(value: Decimal) -> None:
    with pytest.raises((msgspec.ValidationError, ArithmeticError)):
        msgspec.convert({"fever_c": value}, Constants)


def test_an_unknown_number_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"few_weeks": 21}, Constants)


def test_only_whole_numbers_are_read_as_such() -> None:
    with pytest.raises(ValueError, match="fever_c"):
        Constants().number("fever_c")
