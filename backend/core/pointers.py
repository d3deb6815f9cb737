"""Other people's text inside our own words (pure): JSON pointers and messages that quote it.

Both go into answers, and with a report that is kept into the database, where PostgreSQL takes
neither NUL nor half of a surrogate pair.
"""

MAX_KEY = 80
MAX_TEXT = 300


def pointer_to(key: str) -> str:
    """The JSON pointer to the member `key`, cut after `MAX_KEY` characters."""
    return "/" + printable(key, MAX_KEY).replace("~", "~0").replace("/", "~1")


def printable(text: str, longest: int = MAX_TEXT) -> str:
    """`text` in printable ASCII; whatever else is in it is shown as an escape."""
    shown = (c if " " <= c <= "~" else ascii(c)[1:-1] for c in text[:longest])
    return "".join(shown)[:longest]
