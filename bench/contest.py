"""Two ways of doing the same thing, measured in turn: r = CPU(base) ÷ CPU(ours)."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

ROUNDS = 5


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two. `play(round)` does the work once and returns CPU seconds for each unit of
    it; rounds are numbered from 0, and round 0 warms up and is not counted."""

    label: str
    play: Callable[[int], float]


@dataclass(frozen=True, kw_only=True)
class Contest:
    """A row of the table: r must be `goal` or more. Above 1, ours is the cheaper one."""

    name: str
    goal: float
    base: Side
    ours: Side


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a contest gave: medians of CPU milliseconds for each unit, r with its spread, and how long
    (seconds) all of it took."""

    name: str
    goal: float
    base: str
    ours: str
    base_ms: float
    ours_ms: float
    ratio: float
    lowest: float
    highest: float
    took: float

    @property
    def is_reached(self) -> bool:
        """Whether the median ratio is at least the goal."""
        return self.ratio >= self.goal


def hold(contest: Contest, rounds: int = ROUNDS) -> Outcome:
    """Plays both sides in turn, so that a slow minute of the machine meets both alike."""
    began, bases, ours = time.monotonic(), [], []
    for number in range(rounds + 1):
        first, second = contest.base.play(number), contest.ours.play(number)
        if number:
            bases.append(first)
            ours.append(second)
    ratios = [_ratio(base, own) for base, own in zip(bases, ours, strict=True)]
    return Outcome(
        name=contest.name,
        goal=contest.goal,
        base=contest.base.label,
        ours=contest.ours.label,
        base_ms=statistics.median(bases) * 1000,
        ours_ms=statistics.median(ours) * 1000,
        ratio=_ratio(statistics.median(bases), statistics.median(ours)),
        lowest=min(ratios),
        highest=max(ratios),
        took=time.monotonic() - began,
    )


def table(outcomes: Sequence[Outcome]) -> str:
    """The outcomes as text, a line each."""
    width = max((len(outcome.name) for outcome in outcomes), default=4)
    head = f"{'':{width}}  {'r':>7}  {'spread':>15}  {'goal':>6}  {'base ms':>9}  {'ours ms':>9}  {'took':>5}"
    return "\n".join([head, *(_line(outcome, width) for outcome in outcomes)])


def _line(outcome: Outcome, width: int) -> str:
    spread = f"{outcome.lowest:.2f} to {outcome.highest:.2f}"
    mark = "" if outcome.is_reached else "  not reached"
    return (
        f"{outcome.name:{width}}  {outcome.ratio:7.2f}  {spread:>15}  {outcome.goal:6.2f}  "
        f"{outcome.base_ms:9.3f}  {outcome.ours_ms:9.3f}  {outcome.took:4.0f}s{mark}"
    )


def _ratio(base: float, ours: float) -> float:
    return base / ours if ours else float("inf")
