"""Every rule does what its examples say, and every number matters to one of them."""

from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest

from exercises.triage.rules.constants import Constants
from exercises.triage.rules.examples import failing_examples, fires
from exercises.triage.rules.pack import default_pack
from exercises.triage.rules.program import Program

PACK = default_pack()
EXAMPLES = [(rule.id, example) for rule in PACK.rules.values() for example in rule.examples]
NAMES = [f"{rule_id}: {example.says}" for rule_id, example in EXAMPLES]

# What no example can show: a fourth day is implied by three that are further down than the first;
# the reach of the first look for a recurrence is a matter of speed; the age from which a red flag is
# late changes its level, which tests of the engine show.
NOT_BY_EXAMPLE = {
    ("periph_min_days", -1),
    ("recurrence_recent_days", -1),
    ("recurrence_recent_days", 1),
    ("late_after_days", -1),
    ("late_after_days", 1),
}
WHOLE = [
    name for name in Constants.__struct_fields__ if isinstance(getattr(Constants(), name), int)
]
STEPS = [(name, step) for name in WHOLE for step in (-1, 1) if (name, step) not in NOT_BY_EXAMPLE]


@pytest.mark.parametrize(("rule_id", "example"), EXAMPLES, ids=NAMES)
def test_a_rule_does_what_its_example_says(rule_id: str, example: object) -> None:
    assert fires(rule_id, example, PACK) is example.fires  # type: ignore[arg-type, attr-defined]


def test_the_examples_of_a_rule_have_different_names() -> None:
    assert len(set(NAMES)) == len(NAMES)


def _broken_by(**change: int | Decimal) -> list[str]:
    constants = msgspec.structs.replace(Constants(), **change)
    program = Program(PACK.rules, constants)
    return failing_examples(replace(PACK, constants=constants, program=program))


@pytest.mark.parametrize(("name", "step"), STEPS)
def test_a_number_one_off_breaks_an_example(name: str, step: int) -> None:
    assert _broken_by(**{name: getattr(Constants(), name) + step})


@pytest.mark.parametrize(
    ("name", "value"), [("mcid_fraction", Decimal("0.4")), ("fever_c", Decimal("37.9"))]
)
def test_a_fraction_or_temperature_that_is_off_breaks_an_example(name: str, value: Decimal) -> None:
    assert _broken_by(**{name: value})


def test_the_product_ships_the_numbers_of_the_specification() -> None:
    assert PACK.constants == Constants()
