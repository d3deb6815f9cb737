"""Which numbers may be set for one patient, and between what (pure)."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import get_type_hints

from msgspec import Meta, Struct, field

from backend.core.shaping import convert
from exercises.triage.rules.constants import Constants

CONTENT = Path(__file__).parent / "content.toml"


class Worded(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number in words: "`label` `number` `unit`"."""

    name: str
    label: str
    unit: str


class ThresholdFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """content.toml."""

    source: str
    thresholds: tuple[Worded, ...] = field(name="threshold")


class Offered(Struct, frozen=True, kw_only=True):
    """A number that may be set: `default` is the rules' own, and of `least` and `most` one is the
    default and the other how far it may be moved towards prompting earlier."""

    name: str
    label: str
    unit: str
    default: int
    least: int
    most: int


@cache
def offered(constants: Constants) -> dict[str, Offered]:
    """The numbers by name. Raises `ValueError` for one whose bound does not end at its default."""
    found = convert(tomllib.loads(CONTENT.read_text("utf-8")), ThresholdFile)
    return {item.name: _offered(item, constants) for item in found.thresholds}


def flaws(values: Mapping[str, int], constants: Constants) -> Iterator[tuple[str, str]]:
    """What is wrong with these numbers, by name: never looser than the default, nor past the bound."""
    known = offered(constants)
    for name, value in values.items():
        if name not in known:
            yield name, "This number cannot be set for one patient."
        elif not known[name].least <= value <= known[name].most:
            yield name, f"From {known[name].least} to {known[name].most}."


def tighter(values: Mapping[str, int], constants: Constants) -> dict[str, int]:
    """Those of the numbers that may still be set, and are not the default, in a fixed order. What a
    newer release of the rules has overtaken no longer counts: it is never looser than the rules."""
    wrong = {name for name, _ in flaws(values, constants)}
    known = offered(constants)
    kept = (name for name in sorted(values) if name not in wrong)
    return {name: values[name] for name in kept if values[name] != known[name].default}


def _offered(item: Worded, constants: Constants) -> Offered:
    default = constants.number(item.name)
    meta = next(
        part
        for part in get_type_hints(Constants, include_extras=True)[item.name].__metadata__
        if isinstance(part, Meta)
    )
    first = Constants().number(item.name)
    if meta.ge is None or meta.le is None or first not in (meta.ge, meta.le):
        raise ValueError(f"{item.name} is not bounded by its default")
    # The specification's number is the loose end of the range; a clinic may be tighter already.
    least, most = (int(meta.ge), default) if first == meta.le else (default, int(meta.le))
    return Offered(
        name=item.name, label=item.label, unit=item.unit, default=default, least=least, most=most
    )
