"""A valid body made wrong in one place at a time."""

import copy
import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from tests.hostile import corpus
from tests.hostile.example import Example

Path = tuple[str | int, ...]
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_ZONES = ("tz", "time_zone")


def wrong_bodies(
    body: dict[str, Any], example: Example, known: set[str]
) -> Iterator[tuple[str, bytes]]:
    """Every place of `body` with everything that cannot stand there, each with a name.

    Members named in `known`, which it adds to, get a few of them alone: the same name has the same
    type wherever it stands.
    """
    for path, value in _places(body, ()):
        member = next(str(step) for step in reversed(path) if isinstance(step, str))
        wrongs = _few_for(value) if member in known else _wrong_for(path, value)
        known |= {member} if isinstance(path[-1], str) else set()
        pointer = "/" + _shown(path)
        if isinstance(value, str) and pointer not in example.texts:
            wrongs = chain(wrongs, [("a newline behind it", value + "\n")])
        for name, wrong in wrongs:
            if wrong is not None or pointer not in example.nullable:
                yield f"{pointer}: {name}", json.dumps(_with(body, path, wrong)).encode()
    for path, value in _objects(body, ()):
        surprised = {**value, f"sur{corpus.NUL}prise": corpus.LONE_HIGH}
        yield f"/{_shown(path)}: a surprise", json.dumps(_with(body, path, surprised)).encode()


def with_text(body: dict[str, Any], pointer: str, text: str) -> bytes:
    """`body` with `text` at `pointer`."""
    steps = pointer.strip("/").split("/")
    path = tuple(int(step) if step.isdigit() else step for step in steps)
    return json.dumps(_with(body, path, text)).encode()


def _few_for(value: Any) -> Iterator[tuple[str, Any]]:
    yield "null", None
    if _kind(value) == "text":
        yield "NUL and half a pair", corpus.NUL + corpus.LONE_HIGH


def _shown(path: Path) -> str:
    return "/".join(map(str, path))


def _wrong_for(path: Path, value: Any) -> Iterator[tuple[str, Any]]:
    kind = _kind(value)
    for wrong in corpus.WRONG_TYPES:
        if _kind(wrong) != kind:
            yield f"{json.dumps(wrong)} for {kind}", wrong
    if kind == "number":
        yield from corpus.BAD_NUMBERS.items()
    if kind == "text":
        yield from corpus.BAD_TEXTS.items()
        yield from ((f"{bad!r}", bad) for bad in _bad_forms(path, value))


def _bad_forms(path: Path, text: str) -> tuple[str, ...]:
    if path[-1] in _ZONES:
        return corpus.BAD_ZONES
    if _UUID.fullmatch(text):
        return corpus.BAD_IDS
    if _DATE.fullmatch(text):
        return corpus.BAD_DATES
    return corpus.BAD_INSTANTS if _DATE.match(text) else ()


def _kind(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else "truth"
    kinds = {str: "text", dict: "object", list: "list", int: "number", float: "number"}
    return kinds[type(value)]


def _places(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every member, at whatever depth."""
    items: Iterator[tuple[str | int, Any]] = iter(())
    if isinstance(value, dict):
        items = iter(value.items())
    elif isinstance(value, list):
        items = iter(enumerate(value))
    for key, item in items:
        yield (*path, key), item
        yield from _places(item, (*path, key))


def _objects(value: dict[str, Any], path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    yield path, value
    for place, item in _places(value, path):
        if isinstance(item, dict):
            yield place, item


def _with(body: dict[str, Any], path: Path, value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(body)
    inner: Any = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return changed
