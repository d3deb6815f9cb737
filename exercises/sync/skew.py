"""How far a phone's clock is off: recorded with what it sends, never a reason to refuse it."""

from datetime import datetime

from django.http import HttpRequest

HEADER = "X-Device-Time"
# As WSGI names it; Django's `headers` would look at all of them for this one.
_NAME = "HTTP_" + HEADER.upper().replace("-", "_")


def skew_ms(device_time: datetime, now: datetime) -> int:
    """The server's clock less the phone's, in milliseconds."""
    return round((now - device_time).total_seconds() * 1000)


def skew_of(request: HttpRequest, now: datetime) -> int | None:
    """The same from a request's `X-Device-Time` (RFC 3339 with offset); None where there is none
    that can be read."""
    if _NAME not in request.META:
        return None
    try:
        said = datetime.fromisoformat(request.META[_NAME])
        return None if said.tzinfo is None else skew_ms(said, now)
    except (ValueError, OverflowError):
        return None
