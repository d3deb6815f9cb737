"""When a therapist's daily list is due (pure)."""

from datetime import date, datetime, time, timedelta

from backend.core.localtime import local_date, local_instant

DAY = timedelta(days=1)


def next_digest(at: time, weekdays: str, zone: str, after: datetime) -> datetime:
    """The first instant after `after` at which clocks in `zone` show `at` on one of `weekdays`
    (digits, 0 is Monday; at least one)."""
    day = local_date(after, zone)
    while (due := _due_on(day, at, weekdays, zone)) is None or due <= after:
        day += DAY
    return due


def last_digest(at: time, weekdays: str, zone: str, now: datetime) -> datetime | None:
    """The last such instant up to `now`, within the week before."""
    day = local_date(now, zone)
    for back in range(8):
        due = _due_on(day - back * DAY, at, weekdays, zone)
        if due is not None and due <= now:
            return due
    return None


def _due_on(day: date, at: time, weekdays: str, zone: str) -> datetime | None:
    return local_instant(day, at, zone) if str(day.weekday()) in weekdays else None
