"""What a channel is: it takes an envelope and brings it, or says why it cannot."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol
from uuid import UUID

from exercises.triage.levels import Level


class Refused(Exception):
    """This address will never take it: no second attempt."""


class Unavailable(Exception):
    """Not now; `retry_after` is what the other side asked for."""

    def __init__(self, detail: str = "", *, retry_after: timedelta | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What a channel gets to know of a message. `delivery` is the collapse id: the same delivery
    sent twice must be seen once. `country` is the patient's, for the emergency number."""

    delivery: UUID
    message: UUID
    audience: Literal["patient", "therapist"]
    kind: str
    level: Level
    address: str
    language: str
    country: str


class Channel(Protocol):
    """One way to reach somebody."""

    def send(self, envelope: Envelope) -> None:
        """Bring it within 10 seconds; raises `Refused` or `Unavailable`. Anything else that it
        raises counts as a failed attempt."""
