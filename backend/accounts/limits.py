"""How often something may be tried, counted in the database.

One statement fills the bucket up for the time that has passed, looks whether a token is left and
takes it. So any number of attempts at once get what is allowed and not one more, whichever process
or machine they reach, and none of them waits for a lock beyond its own row's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F
from django.db.models.functions import Least
from django.utils.crypto import salted_hmac

from backend.accounts.counting import LimitBucket

KEPT = timedelta(days=2)


@dataclass(frozen=True, kw_only=True)
class Limit:
    """At most `amount` at once, and on average one in `seconds / amount` seconds."""

    amount: int
    seconds: float


def take(*, name: str, limit: Limit, now: datetime) -> float:
    """Takes one token from the bucket `name`.

    Returns 0 when there was one, else the seconds until there will be.
    """
    parameters: dict[str, str | float] = {
        "key": _key(name),
        "amount": float(limit.amount),
        "rate": limit.amount / limit.seconds,
        "now": now.timestamp(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_take_sql(), parameters)
        taken = cursor.fetchone() is not None
    return 0.0 if taken else _wait(name, limit, now)


def is_left(*, name: str, limit: Limit, now: datetime) -> bool:
    """Whether `take` would get a token now."""
    return _wait(name, limit, now) <= 0


def give_back(*, name: str, limit: Limit) -> None:
    """Puts a token back: what it was taken for turned out to be no attempt that counts."""
    held = LimitBucket.objects.filter(key=_key(name))
    held.update(tokens=Least(F("tokens") + 1.0, float(limit.amount)))


def refill(*, name: str) -> None:
    """Gives the whole allowance back."""
    LimitBucket.objects.filter(key=_key(name)).delete()


def prune(*, now: datetime) -> int:
    """Removes buckets that nobody has touched for so long that they are full; how many."""
    removed, _ = LimitBucket.objects.filter(updated_at__lt=(now - KEPT).timestamp()).delete()
    return removed


def _take_sql() -> str:
    least, greatest = ("LEAST", "GREATEST") if connection.vendor == "postgresql" else ("MIN", "MAX")
    table = connection.ops.quote_name(LimitBucket._meta.db_table)
    passed = f"{greatest}(%(now)s - held.updated_at, 0.0)"
    filled = f"{least}(held.tokens + {passed} * %(rate)s, %(amount)s)"
    return f"""
        INSERT INTO {table} AS held ("key", tokens, updated_at)
        VALUES (%(key)s, %(amount)s - 1.0, %(now)s)
        ON CONFLICT ("key") DO UPDATE
        SET tokens = {filled} - 1.0, updated_at = {greatest}(%(now)s, held.updated_at)
        WHERE {filled} >= 1.0
        RETURNING tokens
    """  # noqa: S608  (the parts are this module's own; what comes from outside are parameters)


def _wait(name: str, limit: Limit, now: datetime) -> float:
    held = LimitBucket.objects.filter(key=_key(name)).values_list("tokens", "updated_at").first()
    if held is None:
        return 0.0
    tokens, updated_at = held
    rate = limit.amount / limit.seconds
    filled = tokens + max(now.timestamp() - updated_at, 0.0) * rate
    return max(0.0, (1.0 - filled) / rate)


def _key(name: str) -> str:
    # Names hold addresses of people and machines: neither is to be read in the table.
    return salted_hmac("backend.accounts.limits", name, algorithm="sha256").hexdigest()
