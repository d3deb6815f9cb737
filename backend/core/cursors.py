"""List pages: `?limit=&cursor=` in, `{items, next_cursor}` out; the cursor is opaque and signed."""

from typing import Any

from django.core import signing
from django.http import HttpRequest

from backend.core.problems import FieldError
from backend.core.wire import invalid

MAX_LIMIT = 200
DEFAULT_LIMIT = 50


def page_limit(request: HttpRequest) -> int:
    """The `limit` asked for, 1 to 200; default 50."""
    given = request.GET.get("limit", str(DEFAULT_LIMIT))
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= MAX_LIMIT):
        raise invalid([FieldError("/limit", "invalid", f"A whole number from 1 to {MAX_LIMIT}.")])
    return int(given)


def read_cursor(request: HttpRequest, kind: str) -> list[Any] | None:
    """The sort key after which the page starts, or None for the first page."""
    given = request.GET.get("cursor")
    if not given:
        return None
    try:
        key: list[Any] = signing.loads(given, salt=f"cursor:{kind}")
    except signing.BadSignature:
        raise invalid([FieldError("/cursor", "invalid", "Not a cursor of this list.")]) from None
    return key


def write_cursor(kind: str, *key: Any) -> str:
    """The cursor of the page that starts after `key` (JSON values)."""
    return signing.dumps(list(key), salt=f"cursor:{kind}")
