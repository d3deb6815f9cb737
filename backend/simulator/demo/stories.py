"""The six stories of the demo clinic, each as steps that end at the present (pure)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from backend.core.localtime import day_bounds, local_date
from backend.simulator.demo.diary import DAY, Diary, Scores
from backend.simulator.steps import Step

MORNING, MIDDAY, EVENING = time(9, 30), time(12, 0), time(19, 30)
SLOTS = (("morning", time(9, 45)), ("evening", time(18, 0)))
HOME = "Europe/London"
# Somewhere in this list clocks have changed within the last five months, whatever the season.
TRAVELS = ("Europe/Berlin", "America/New_York", "Africa/Cairo", "America/Santiago")
FAR = "Asia/Tokyo"
_DEMO = uuid5(NAMESPACE_URL, "urn:stepwise:demo")


@dataclass(frozen=True)
class Story:
    """A patient and her history. `untold` are last steps that nobody was told of yet: the running
    product is to do that."""

    name: str
    person: str
    age: int
    country: str
    started: date
    zone: str
    steps: tuple[Step, ...]
    untold: tuple[Step, ...] = ()


def stories(now: datetime) -> list[Story]:
    """All stories as they stand at `now`. Their fact ids are the same whenever they are told."""
    tellers = (_recovering, _plateau, _flare, _cauda_equina, _silent, _traveller)
    return [tell(now, uuid5(_DEMO, tell.__name__)) for tell in tellers]


def _recovering(now: datetime, namespace: UUID) -> Story:
    """Five good weeks: into rehabilitation after two, and better each week."""
    start, diary = _at_home(now, namespace, days=34)
    fall = (6, 6, 5, 6, 5, 5, 4, 5, 4, 4, 3, 4, 3, 3, 3, 2, 3, 2, 2, 2, 2, 1, 2, 1)
    steps = _days(diary, start, now, lambda day: _around(fall[min(day, len(fall) - 1)]))
    return Story("recovering", "Rosa Hartley", 47, "GB", start, HOME, steps)


def _plateau(now: datetime, namespace: UUID) -> Story:
    """Three weeks and a half, and the pain is what it was."""
    start, diary = _at_home(now, namespace, days=24)
    steps = _days(diary, start, now, lambda day: _around(6 if day % 3 else 5))
    return Story("plateau", "Pavel Novak", 52, "GB", start, HOME, steps)


def _flare(now: datetime, namespace: UUID) -> Story:
    """Nearly three weeks of getting better, and a bad day today."""
    start, diary = _at_home(now, namespace, days=19)
    fall = (6, 5, 5, 5, 4, 4, 4, 3)
    until = day_bounds(local_date(now, HOME), HOME)[0]
    steps = _days(diary, start, until, lambda day: _around(fall[min(day, len(fall) - 1)]))
    today = local_date(now, HOME)
    bad = diary.check_in_at(max(until, now - timedelta(minutes=20)), today, _around(6))
    return Story("flare", "Fiona Adeyemi", 38, "GB", start, HOME, (*steps, bad))


def _cauda_equina(now: datetime, namespace: UUID) -> Story:
    """An ordinary second week, until a few minutes ago."""
    start, diary = _at_home(now, namespace, days=9)
    alarm = now - timedelta(minutes=4)
    steps = _days(diary, start, alarm, lambda day: _around(5 if day % 4 else 6))
    codes = ("S-SADDLE", "S-BLADDER-RETENTION")
    report = diary.alarm_at(alarm, local_date(alarm, HOME), codes)
    return Story("cauda_equina", "Carl Eastwood", 44, "GB", start, HOME, steps, (report,))


def _silent(now: datetime, namespace: UUID) -> Story:
    """A month, of which the last ten days without a word."""
    start, diary = _at_home(now, namespace, days=30)
    last = now - timedelta(days=10)
    steps = _days(diary, start, last, lambda day: _around(5 if day < 6 else 4 if day < 11 else 3))
    return Story("silent", "Silvia Marchetti", 49, "GB", start, HOME, steps)


def _traveller(now: datetime, namespace: UUID) -> Story:
    """On the road: entries in three zones, one of them on the days on which its clocks change."""
    zone, change = last_clock_change(local_date(now, HOME))
    start = min(change - 10 * DAY, local_date(now, HOME) - 28 * DAY)

    def zone_on(day: date) -> str:
        if abs(day - change) <= 3 * DAY:
            return zone
        return FAR if 2 * DAY <= day - start <= 5 * DAY else HOME

    diary = Diary(namespace, zone_on)
    fall = (5, 5, 4, 5, 4, 4, 4, 3, 4, 3, 3, 3, 2, 3, 2)
    steps = _days(diary, start, now, lambda day: _around(fall[min(day, len(fall) - 1)]))
    dates = [start + offset * DAY for offset in range((local_date(now, HOME) - start).days + 1)]
    moves = [
        diary.travel(day, MIDDAY)
        for before, day in pairwise(dates)
        if zone_on(before) != zone_on(day)
    ]
    kept = sorted((*steps, *(step for step in moves if step.at <= now)), key=lambda step: step.at)
    return Story("traveller", "Tomas Lindqvist", 35, "SE", start, HOME, tuple(kept))


def last_clock_change(today: date) -> tuple[str, date]:
    """Where clocks changed last, at least four days before `today`, and on which local date."""
    for back in range(4, 200):
        day = today - back * DAY
        for zone in TRAVELS:
            if _offset(day, zone) != _offset(day - DAY, zone):
                return zone, day
    return HOME, today - 14 * DAY


def _offset(day: date, zone: str) -> timedelta | None:
    return datetime.combine(day, time(12), ZoneInfo(zone)).utcoffset()


def _at_home(now: datetime, namespace: UUID, *, days: int) -> tuple[date, Diary]:
    return local_date(now, HOME) - days * DAY, Diary(namespace, lambda _: HOME)


def _around(knee: int) -> Scores:
    return Scores(knee=knee, leg=max(knee - 1, 0), back=max(knee - 2, 0))


def _days(
    diary: Diary, start: date, until: datetime, scores: Callable[[int], Scores]
) -> tuple[Step, ...]:
    """Check-in and sessions of each day from `start` on, as far as they lie before `until`."""
    found: list[Step] = []
    for offset in range((until.date() - start).days + 2):
        day = start + offset * DAY
        found += _one_day(diary, day, offset, scores(offset))
    return tuple(step for step in found if step.at <= until)


def _one_day(diary: Diary, day: date, offset: int, scores: Scores) -> Iterator[Step]:
    # Nobody does everything every day, and after six weeks an entry every other day is enough.
    if offset > 42 and offset % 2:
        return
    for slot, at in SLOTS:
        if (offset + len(slot)) % 5:
            yield diary.exercises(day, slot, at, pain_during=min(scores.knee, 4))
    yield diary.check_in(day, EVENING, scores)
    if offset % 7 == 6:
        yield diary.weekly_screen(day, time(19, 35))
