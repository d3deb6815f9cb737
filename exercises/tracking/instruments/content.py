"""Reads the questionnaires' files. Pure: a directory in, frozen content or a `ContentError` out."""

import functools
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import msgspec

from backend.core.shaping import convert
from exercises.catalog.catalog import ContentError
from exercises.catalog.content import catalog
from exercises.catalog.shapes import Content
from exercises.tracking.instruments.shapes import Instrument, NotOffered, NotOfferedFile, Ticks

CONTENT_DIR = Path(__file__).parent.parent / "content" / "instruments"
OFFERED = ("psfs.toml", "rmdq.toml", "groc.toml")
NOT_OFFERED = "not_offered.toml"

F = TypeVar("F", bound=Content)


class Instruments(msgspec.Struct, frozen=True):
    """The questionnaires on offer, and those that are not, by code."""

    offered: Mapping[str, Instrument]
    not_offered: Mapping[str, NotOffered]


@functools.cache
def instruments() -> Instruments:
    """The questionnaires that ship with this code, read once."""
    return load()


def load(directory: Path = CONTENT_DIR) -> Instruments:
    """The questionnaires in `directory`; raises `ContentError`."""
    offered = [_read(directory, name, Instrument) for name in OFFERED]
    withheld = _read(directory, NOT_OFFERED, NotOfferedFile).instruments
    found = Instruments(
        {item.code: item for item in offered}, {item.code: item for item in withheld}
    )
    for problem in _problems(found):
        raise problem
    return found


def _problems(found: Instruments) -> Iterator[ContentError]:
    for code in found.offered.keys() & found.not_offered.keys():
        yield ContentError(NOT_OFFERED, code, "is on offer")
    for slot in found.not_offered.values():
        yield from _missing(slot.code, slot.references)
    for item in found.offered.values():
        yield from _missing(item.code, (*item.references, *item.change.references))
        if isinstance(item.response, Ticks):
            ids = [statement.id for statement in item.response.items]
            if len(ids) != len(set(ids)):
                yield ContentError(item.code, "response.items", "an id appears twice")


def _missing(code: str, references: Iterable[str]) -> Iterator[ContentError]:
    for reference in references:
        if reference not in catalog().references:
            yield ContentError(code, "references", f"{reference} does not exist")


def _read(directory: Path, file: str, shape: type[F]) -> F:
    try:
        text = (directory / file).read_text(encoding="utf-8")
        # Decimals, so that 1.3 points is exactly that when a mean is compared with it.
        return convert(tomllib.loads(text, parse_float=Decimal), shape)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at ")
        raise ContentError(file, path.strip("`") or "$", message) from None
    except (OSError, ValueError) as error:
        raise ContentError(file, "$", str(error)) from error
