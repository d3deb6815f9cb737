"""Numbers, dates and instants as texts: read here as a phone reads them with the bundle (pure).

What is written otherwise is unknown, and the unknown protects: a temperature that nobody can read
counts as fever, an injury without a date as one of today, a report without an instant as one of
now. Leniency is for the codes of symptoms alone (`raw`).
"""

import math
import re
from datetime import date, datetime
from decimal import Decimal

# What stands around a text and is no part of it: the blanks that either Python or JavaScript would
# strip. A red flag must not hide behind one that the other side does not know.
BLANKS = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
)
# Nothing that is measured here comes near it, and Python refuses to print much longer numbers.
LARGEST = 10**12
# Far more digits than a thermometer or a clock shows.
LONGEST_NUMBER = 32
# Near the first and the last year no other zone can express the instant.
FIRST_YEAR, LAST_YEAR = 2, 9998

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# RFC 3339, section 5.6.
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-5][0-9])"
)


def number_of(raw: object) -> Decimal | None:
    """A JSON number, or a text that is one in decimal digits; None for anything else.

    A text has the precision of a JSON number: what a phone rounds to 38.0 is 38.0 here.
    """
    if isinstance(raw, str):
        return _from_text(raw.strip(BLANKS))
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        return None
    if isinstance(raw, int):
        return Decimal(raw) if abs(raw) <= LARGEST else None
    return _bounded(float(raw))


def date_of(raw: object) -> date | None:
    """A day written YYYY-MM-DD; None for anything else."""
    if not isinstance(raw, str) or not _DATE.fullmatch(raw):
        return None
    try:
        return date.fromisoformat(raw)
    except ValueError:
        return None


def instant_of(raw: object) -> datetime | None:
    """An RFC 3339 instant with its offset; None for anything else, or near the edge of the
    calendar."""
    if not isinstance(raw, str) or not _INSTANT.fullmatch(raw):
        return None
    try:
        instant = datetime.fromisoformat(raw.upper())
    except (ValueError, OverflowError):
        return None
    return instant if FIRST_YEAR <= instant.year <= LAST_YEAR else None


def _from_text(text: str) -> Decimal | None:
    if len(text) > LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return None
    return _bounded(float(text))


def _bounded(number: float) -> Decimal | None:
    if not math.isfinite(number) or abs(number) > LARGEST:
        return None
    return Decimal(repr(number))
