"""List pages: `?limit=&cursor=` in, `{items, next_cursor}` out; the cursor is opaque and signed."""

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from django.core import signing
from django.http import HttpRequest

from backend.core.problems import FieldError
from backend.core.wire import invalid

T_co = TypeVar("T_co", covariant=True)
MAX_LIMIT = 200
DEFAULT_LIMIT = 50


PAGE_QUERY: dict[str, tuple[type, str]] = {
    "limit": (int, "1 to 200, default 50"),
    "cursor": (str, "next_cursor of a page"),
}


class Rows(Protocol[T_co]):
    """What can be sliced."""

    def __getitem__(self, part: slice, /) -> Iterable[T_co]: ...


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
        key: list[Any] = unseal(given, f"page:{kind}")
    except signing.BadSignature:
        raise invalid([FieldError("/cursor", "invalid", "Not a cursor of this list.")]) from None
    return key


def page(request: HttpRequest, rows: Rows[T_co]) -> tuple[list[T_co], str | None]:
    """The page of `rows` (a queryset, or a list) that is asked for, and the cursor of the next.

    It counts rows: one that moves to the front meanwhile is seen twice, none is missed for it.
    """
    limit, kind = page_limit(request), request.path
    start = int((read_cursor(request, kind) or [0])[0])
    found = [*rows[start : start + limit + 1]]
    more = write_cursor(kind, start + limit) if len(found) > limit else None
    return found[:limit], more


def write_cursor(kind: str, *key: Any) -> str:
    """The cursor of the page that starts after `key` (JSON values)."""
    return seal(list(key), f"page:{kind}")


def seal(value: Any, purpose: str) -> str:
    """`value` (JSON) signed for one purpose. The same value is the same text at every moment, for
    ETags are made of it: Django's `signing.dumps` would put the second into it."""
    return signing.Signer(salt=purpose).sign_object(value)


def unseal(text: str, purpose: str) -> Any:
    """What was sealed for `purpose`; raises `BadSignature` for any other text."""
    return signing.Signer(salt=purpose).unsign_object(text)
