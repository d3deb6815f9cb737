"""What a channel is: it takes an envelope and brings it, or says why it cannot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID

from exercises.triage.levels import Level


class Refused(Exception):
    """It will never be taken like this: no second attempt."""


class AddressGone(Refused):
    """There is nobody at this address any more; it is disabled, and the others go on."""


class Unavailable(Exception):
    """Not now; `retry_after` is what the other side asked for."""

    def __init__(self, detail: str = "", *, retry_after: timedelta | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What a channel gets to know of a message: ids, a level, an address, and no word of it.

    The same delivery sent twice must be seen once. A push service collapses by `message`, since
    one device has one delivery of it; a mail and a webhook carry the id of the `delivery`.
    `emergency_number` is that of the patient's country. `address` is the mail address, FCM token,
    subscription or URL, `keys` what else is needed to write there. `at` is the moment of sending,
    after `keep` the message is no longer worth showing.
    """

    delivery: UUID
    message: UUID
    audience: Literal["patient", "therapist", "team", "clinic"]
    kind: str
    level: Level
    address: str
    language: str = "en"
    emergency_number: str = ""
    at: datetime
    keep: timedelta
    recipient: UUID | None = None
    about: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)


class Channel(Protocol):
    """One way to reach somebody."""

    def send(self, envelope: Envelope) -> None:
        """Bring it within 10 seconds; raises `Refused`, `AddressGone` or `Unavailable`. Anything
        else that it raises counts as a failed attempt. It may be called from several threads."""
