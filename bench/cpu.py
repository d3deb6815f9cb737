"""CPU time of a process with everything it started, read from /proc (Linux)."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def cpu_seconds(pid: int | None) -> float:
    """User and system time of `pid`, of its living descendants, and of the ended ones that were
    waited for; none of no process. The resolution is that of the kernel's ticks, a hundredth of a
    second."""
    if pid is None:
        return 0.0
    parents = {int(entry.name): _fields(entry) for entry in _PROC.iterdir() if entry.name.isdigit()}
    family, added = {pid}, True
    while added:
        more = {child for child, fields in parents.items() if fields and int(fields[1]) in family}
        added = not more <= family
        family |= more
    return sum(_ticks(parents.get(member)) for member in family) / _TICKS


def _fields(entry: Path) -> list[str]:
    # After the name in brackets, which may hold anything: state, parent, …, see proc(5).
    try:
        return (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []


def _ticks(fields: list[str] | None) -> int:
    # utime, stime, cutime and cstime are the fields 14 to 17 of proc(5), 11 to 14 after the name.
    return sum(int(field) for field in fields[11:15]) if fields else 0
