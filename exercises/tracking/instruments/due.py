"""When a questionnaire falls due: plan days counted in the patient's local calendar (pure).

A day is a date, so a change of the clock moves nothing.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Literal

from exercises.tracking.instruments.shapes import Schedule


@dataclass(frozen=True)
class Due:
    """`due`: asked for now, from `due_on` until `until` (exclusive). `done`: answered for now.

    `upcoming`: nothing now, `next_on` is when. `over`: there is no next time.
    """

    state: Literal["due", "done", "upcoming", "over"]
    due_on: date | None = None
    until: date | None = None
    next_on: date | None = None


def due(schedule: Schedule, *, start: date, today: date, answered: Collection[date]) -> Due:
    """What holds on the local date `today` of a plan whose day 0 is `start`.

    `answered` are the local dates of complete forms: one answers the window that it falls in.
    """
    window = timedelta(days=schedule.window_days)
    current: date | None = None
    following: date | None = None
    for day in _days(schedule):
        on = start + timedelta(days=day)
        if on > today:
            following = on
            break
        current = on if today < on + window else None
    if current is None:
        return Due("over" if following is None else "upcoming", next_on=following)
    until = current + window
    is_answered = any(current <= given < until for given in answered)
    return Due("done" if is_answered else "due", current, until, following)


def _days(schedule: Schedule) -> Iterator[int]:
    if schedule.every_days is None:
        return iter(schedule.days)
    return count(schedule.first_day, schedule.every_days)
