"""allauth's limits, counted by `limits`: its own are a list in a cache under a lock that gives up.

allauth names an action, a rate and whom it holds for; every one of its limits comes through the two
functions here, which `install` puts in the place of its own. A test sees to it that none is left.
"""

import math
from typing import Any

from allauth.core.internal import ratelimit
from django.http import HttpRequest

from backend.accounts import limits
from backend.accounts.devices import device_of
from backend.core import clock
from backend.core.problems import Problem


class TooManyAttempts(Problem):
    """Nothing was looked at, not even whether the password is right."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, math.ceil(seconds))
        super().__init__(
            429,
            "too_many_attempts",
            "There were too many attempts. Wait and try again, or reset the password.",
            headers={"Retry-After": str(self.seconds)},
        )


class Taken(ratelimit.SingleRateLimitUsage):
    """A token that was taken; allauth gives it back when the attempt was none."""

    def __init__(self, name: str, limit: limits.Limit) -> None:
        self._name, self._limit = name, limit

    def rollback(self) -> None:
        """The password was right."""
        limits.give_back(name=self._name, limit=self._limit)


def install() -> None:
    """Puts these in the place of allauth's."""
    ratelimit._consume_single_rate = consume
    ratelimit.clear = clear


def consume(
    request: HttpRequest,
    *,
    app: str,
    action: str,
    rate: ratelimit.Rate,
    key: str | None = None,
    user: Any = None,
    dry_run: bool = False,
    raise_exception: bool = False,  # noqa: ARG001  (a refusal always raises)
) -> Taken | None:
    """Takes one token; raises `TooManyAttempts` when there is none, for `dry_run` returns None."""
    limit = limits.Limit(amount=rate.amount, seconds=rate.duration)
    name = _name(request, app, action, rate, key, user)
    now = clock.now()
    if dry_run:
        return Taken(name, limit) if limits.is_left(name=name, limit=limit, now=now) else None
    wait = limits.take(name=name, limit=limit, now=now)
    if wait:
        raise TooManyAttempts(wait)
    return Taken(name, limit)


def clear(
    request: HttpRequest,
    *,
    app: str,
    action: str,
    config: dict[str, str] | None = None,
    key: str | None = None,
    user: Any = None,
) -> None:
    """Gives the whole allowance back, of the device that asks and of unknown ones."""
    for rate in ratelimit.get_rates(app=app, action=action, config=config):
        shared = ratelimit.get_cache_key(
            request, app=app, action=action, rate=rate, key=key, user=user
        )
        limits.refill(name=shared)
        limits.refill(name=_name(request, app, action, rate, key, user))


def _name(
    request: HttpRequest, app: str, action: str, rate: ratelimit.Rate, key: str | None, user: Any
) -> str:
    """Whom the limit holds for.

    Attempts at an account from a device that it knows count for that device alone: neither those of
    strangers nor of others behind the same address are added. Where allauth counts requests to sign
    in per address, before anything is read, any device that somebody signed in on counts by itself.
    """
    device = device_of(request)
    if device and key and device.knows(key):
        return f"{app}:{action}:{rate}:{key}:{device.id}"
    if device and not key and rate.per == "ip" and action == "login":
        return f"{app}:{action}:{rate}:{device.id}"
    name: str = ratelimit.get_cache_key(
        request, app=app, action=action, rate=rate, key=key, user=user
    )
    return name
