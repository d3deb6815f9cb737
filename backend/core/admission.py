"""How many requests a process works on at once, by what they are for; the rest hears 503 at once.

Without a bound everybody waits for everybody: under fifty times the load nobody is answered in
time, the person who reports a red flag as little as anybody else. So each class of requests has its
own few places, a red flag takes any place that there is and waits for one before all others, and
whether the process lives is answered outside of it all. What decides is known before the body is
read: method and path.
"""

import re
import threading
import time
from collections import Counter
from dataclasses import dataclass

CRITICAL, SYNC, SIGN_IN, BULK, DEFAULT, FREE = (
    "critical",
    "sync",
    "sign_in",
    "bulk",
    "default",
    "free",
)


@dataclass(frozen=True, kw_only=True)
class Room:
    """Places at once, and how long (seconds) a request waits for one before it is refused."""

    places: int
    patience: float


# Under the interpreter's lock more at once only makes each slower, and a password's hash takes
# 64 MiB. Waiting evens out the moment in which one screen asks for five things.
ROOMS = {
    CRITICAL: Room(places=6, patience=2.0),
    SYNC: Room(places=2, patience=0.05),
    DEFAULT: Room(places=2, patience=0.05),
    SIGN_IN: Room(places=2, patience=0.05),
    BULK: Room(places=1, patience=0.05),
}
# So many may wait, red flags and all others; with the places that is fewer than there are threads,
# and the rest of them is there to refuse.
MOST_RED_FLAGS_WAITING = 16
MOST_WAITING = 4
PLACES = 6
# These are for red flags alone.
KEPT_FREE = 2
# Waiting and admitted together, and some to refuse and to say that the process lives.
THREADS = PLACES + MOST_RED_FLAGS_WAITING + MOST_WAITING + 6

_CLASSES = (
    (FREE, re.compile(r"(GET|HEAD) /(healthz|readyz|ops/|metrics|static/)")),
    (CRITICAL, re.compile(r"PUT /api/v1/me/symptom-reports/|POST /api/v1/sync/push")),
    (SYNC, re.compile(r"\w+ /api/v1/sync/|PUT /api/v1/me/[\w-]+/[\w-]+")),
    (SIGN_IN, re.compile(r"POST /(api/auth|accounts)/")),
    (BULK, re.compile(r"\w+ /api/v1/(.*\.pdf|.*/?exports?\b|.*/?brief\b|fhir/|.*simulations)")),
    # The same drawn for a page: a therapist's, and the one behind a patient's link.
    (BULK, re.compile(r"\w+ /(brief|dashboard)/.*\.pdf")),
)


def class_of(method: str, path: str, *, has_token: bool) -> str:
    """What a request is for. Without a session token nobody reports a red flag."""
    for name, pattern in _CLASSES:
        if pattern.match(f"{method} {path}"):
            return DEFAULT if name == CRITICAL and not has_token else name
    return DEFAULT


class Doorkeeper:
    """Counts who is in. One for each process, shared by its threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside: Counter[str] = Counter()
        self._waiting: Counter[str] = Counter()

    def admit(self, kind: str) -> bool:
        """True when the request may go in, perhaps after a moment; then `leave` must follow."""
        with self._changed:
            if self._has_place(kind):
                self._inside[kind] += 1
                return True
            if not self._may_wait(kind):
                return False
            return self._wait(kind)

    def leave(self, kind: str) -> None:
        """The request was answered."""
        with self._changed:
            self._inside[kind] -= 1
            self._changed.notify_all()

    def _has_place(self, kind: str) -> bool:
        inside = self._inside.total()
        if kind == CRITICAL:
            return inside < PLACES
        # Nobody goes in past a red flag that waits.
        is_next = not self._waiting[CRITICAL] and inside < PLACES - KEPT_FREE
        return is_next and self._inside[kind] < ROOMS[kind].places

    def _may_wait(self, kind: str) -> bool:
        if kind == CRITICAL:
            return self._waiting[CRITICAL] < MOST_RED_FLAGS_WAITING
        return self._waiting.total() - self._waiting[CRITICAL] < MOST_WAITING

    def _wait(self, kind: str) -> bool:
        deadline = time.monotonic() + ROOMS[kind].patience
        self._waiting[kind] += 1
        try:
            while not self._has_place(kind):
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
            self._inside[kind] += 1
            return True
        finally:
            self._waiting[kind] -= 1
