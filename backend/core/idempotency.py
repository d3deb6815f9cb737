"""Unsafe calls that may be sent again: the same `Idempotency-Key` gets the first answer again.

Only an answer that says that something was done is kept: a refused call did nothing, leaves its key
free, and is judged anew. The effect of a call and its kept answer are one transaction, so that
after a crash both are there or neither is.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse

from backend.core.problems import Problem

HEADER = "Idempotency-Key"
KEPT = timedelta(days=settings.KEEP_DAYS.answers)
# Far above what any call takes; a call that was cut off may be sent again after this.
LEASE = timedelta(seconds=60)
METHODS = ("POST", "PATCH", "DELETE")
FORM = r"[\x21-\x7e]{1,200}"
_RETRY_S = "2"


@dataclass(frozen=True)
class Call:
    """One unsafe call: whose, the client's key for it, and the bytes that say what was asked."""

    user_id: UUID
    key: str
    content: bytes
    now: datetime


class Claim(Protocol):
    """The right to run a call, held by one process at a time."""

    def keep(self, answer: HttpResponse) -> bool:
        """Keeps the answer; False when another process has taken the claim over."""

    def release(self) -> None:
        """Leaves the key free."""


class Store(Protocol):
    """Where answers are kept."""

    def claim(self, call: Call) -> Claim | HttpResponse | None:
        """The right to run `call`, or the answer that it got, or None while it still runs.

        Raises `OtherContent` where the key stands for another call.
        """


class OtherContent(Exception):
    """The key was used for another call."""


class _Lost(Exception):
    pass


def once(
    store: Store,
    call: Call,
    *,
    run: Callable[[], HttpResponse],
    before_replay: Callable[[], None],
) -> HttpResponse:
    """The answer of `run`, which is not run again for a call that was done before.

    `before_replay` raises where the person may no longer see what the kept answer says.
    """
    if not re.fullmatch(FORM, call.key):
        detail = f"{HEADER} is 1 to 200 visible ASCII characters."
        raise Problem(400, "invalid_idempotency_key", detail)
    try:
        found = store.claim(call)
    except OtherContent:
        detail = f"This {HEADER} was used for another request; make a new one."
        raise Problem(422, "idempotency_key_reused", detail) from None
    if found is None:
        raise _still_running()
    if isinstance(found, HttpResponse):
        if found.content:
            before_replay()
        found["Idempotent-Replayed"] = "true"
        return found
    return _run(found, run)


def _run(claim: Claim, run: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        with transaction.atomic():
            answer = run()
            if not 200 <= answer.status_code < 300:
                claim.release()
            elif not claim.keep(answer):
                raise _Lost
    except _Lost:
        raise _still_running() from None
    except BaseException:
        claim.release()
        raise
    return answer


def _still_running() -> Problem:
    return Problem(
        409,
        "still_running",
        "This request is still being worked on; ask again for its answer.",
        retry="later",
        headers={"Retry-After": _RETRY_S},
    )
