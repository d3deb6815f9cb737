"""CPU time of a process with everything it started, as Linux counts it."""

import os
import time
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def cpu_seconds(pid: int | None) -> float:
    """User and system time of `pid`, of its living descendants, and of the ended ones that were
    waited for; none of no process. Ended ones are counted in ticks of a hundredth of a second, the
    living to the nanosecond."""
    if pid is None:
        return 0.0
    parents = {int(entry.name): _fields(entry) for entry in _PROC.iterdir() if entry.name.isdigit()}
    family, added = {pid}, True
    while added:
        more = {child for child, fields in parents.items() if fields and int(fields[1]) in family}
        added = not more <= family
        family |= more
    return sum(_living(member) + _ended(parents.get(member)) for member in family)


def _fields(entry: Path) -> list[str]:
    # After the name in brackets, which may hold anything: state, parent, …, see proc(5).
    try:
        return (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []


def _living(pid: int) -> float:
    # What clock_getcpuclockid(3) gives for a process, which Python has for threads alone.
    clock = (~pid << 3) | 2
    try:
        return time.clock_gettime(clock)
    except OSError:
        return 0.0


def _ended(fields: list[str] | None) -> float:
    # cutime and cstime are the fields 16 and 17 of proc(5), 13 and 14 after the name.
    return sum(int(field) for field in fields[13:15]) / _TICKS if fields else 0.0
