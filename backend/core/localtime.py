"""Local calendar days and wall-clock times, and the instants that they are (pure)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


def local_date(instant: datetime, zone: str) -> date:
    """The calendar date that people in the IANA `zone` have at `instant` (aware)."""
    return instant.astimezone(ZoneInfo(zone)).date()


def local_instant(day: date, at: time, zone: str) -> datetime:
    """The instant in UTC at which clocks in `zone` show `day` and `at`.

    A wall time that a clock change leaves out becomes the next minute that exists; one that it
    repeats is the first of the two.
    """
    tz = ZoneInfo(zone)
    wall = datetime.combine(day, at)  # fold=0: the first of two
    while _is_skipped(wall, tz):
        wall = wall.replace(second=0, microsecond=0) + MINUTE
    return wall.replace(tzinfo=tz).astimezone(UTC)


def day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """The local calendar day as instants in UTC, half-open; 23 to 25 hours at clock changes."""
    start = local_instant(day, time.min, zone)
    return start, local_instant(day + timedelta(days=1), time.min, zone)


def _is_skipped(wall: datetime, tz: ZoneInfo) -> bool:
    there_and_back = wall.replace(tzinfo=tz).astimezone(UTC).astimezone(tz)
    return there_and_back.replace(tzinfo=None, fold=0) != wall
