"""Who was erased and when, in a file outside the database, so that no restore brings anybody back.

A line is a step of one erasure: it was `asked` for, is `done`, or is `void` since it failed and took
nothing. Only ids and instants stand there. `asked` is on the disk before the transaction commits, so
an erasure that happened is never missing; one that was asked for and never finished is settled by
comparing with the database (see `services.settle`). An import, which brings somebody back on
purpose, is noted in the same way.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid4

import msgspec
from django.conf import settings

What = Literal["person", "data", "import"]
Step = Literal["asked", "done", "void"]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `subject` is the id of the person; an `import` brought her back on purpose."""

    erasure: UUID
    subject: UUID
    what: What
    step: Step
    at: datetime


class LedgerUnwritable(Exception):
    """Nothing may be erased that could not be erased again after a restore."""


def ask(*, subject: UUID, what: What, now: datetime) -> Entry:
    """Notes that an erasure begins; on the disk when this returns. Raises `LedgerUnwritable`."""
    entry = Entry(erasure=uuid4(), subject=subject, what=what, step="asked", at=now)
    _append(entry)
    return entry


def finish(entry: Entry, step: Step) -> None:
    """Notes how it ended. Raises `LedgerUnwritable`."""
    _append(msgspec.structs.replace(entry, step=step))


def erasures(paths: Iterable[Path] = ()) -> list[Entry]:
    """Each erasure as it stands, by the instant it was asked for: those of our own ledger, and of
    further ones at `paths`."""
    found: dict[UUID, Entry] = {}
    for path in (settings.ERASURE_LEDGER, *paths):
        for entry in _read(Path(path)):
            held = found.get(entry.erasure)
            if held is None or held.step == "asked":
                found[entry.erasure] = entry
    return sorted(found.values(), key=lambda entry: entry.at)


def standing(entries: Iterable[Entry]) -> list[Entry]:
    """The erasures that hold: neither void, nor of somebody who was brought back later."""
    listed = [entry for entry in entries if entry.step != "void"]
    back = {entry.subject: entry.at for entry in listed if entry.what == "import"}
    return [
        entry
        for entry in listed
        if entry.what != "import" and (entry.subject not in back or entry.at > back[entry.subject])
    ]


def _read(path: Path) -> Iterator[Entry]:
    if not path.exists():
        return
    for line in path.read_bytes().splitlines():
        try:
            yield msgspec.json.decode(line, type=Entry)
        except msgspec.DecodeError:
            # The machine stopped while it was written: what it announces never began.
            continue


def _append(entry: Entry) -> None:
    path = Path(settings.ERASURE_LEDGER)
    line = msgspec.json.encode(entry) + b"\n"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_new = not path.exists()
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(_after_torn_line(file.fileno()) + line)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            _sync_directory(path.parent)
    except OSError as error:
        raise LedgerUnwritable(f"{path}: {error.strerror}") from None


def _after_torn_line(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    return b"\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else b""


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
