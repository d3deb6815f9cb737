"""The one place that reads the clock; doors call it and pass `now` on."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)
