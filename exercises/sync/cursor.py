"""Where a pull left off: signed, and good only for the epoch and the consent that it was made in."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.core.signing import BadSignature

from backend.core.cursors import seal, unseal
from backend.core.problems import Problem

Reason = Literal["restored", "consent_changed", "replaced", "ahead", "unreadable"]
_WORDS: dict[Reason, str] = {
    "restored": "The server was restored from a backup.",
    "consent_changed": "What the patient consented to has changed.",
    "replaced": "The record was deleted, or brought here from elsewhere.",
    "ahead": "The cursor is ahead of the record.",
    "unreadable": "This is no cursor of this record.",
}


@dataclass(frozen=True)
class Position:
    """The state that cursors are bound to, and the head of the record. `life` is the record's."""

    patient_id: UUID
    epoch: UUID
    consent: str
    head: int
    life: str = ""

    @property
    def state(self) -> str:
        """What the patient shares and which life of her record it is, as a cursor says it."""
        return f"{self.consent}.{self.life}" if self.life else self.consent


def write_cursor(position: Position, rev: int) -> str:
    """The cursor of a phone that holds everything up to the revision `rev`."""
    return seal([position.epoch.hex, position.state, rev], _purpose(position))


def read_cursor(position: Position, cursor: str) -> int:
    """The revision up to which the phone holds the record; raises the 410 `Problem` with the reason
    why it has to start over."""
    try:
        epoch, state, rev = unseal(cursor, _purpose(position))
    except (BadSignature, ValueError, TypeError):
        raise _gone("unreadable") from None
    if epoch != position.epoch.hex:
        raise _gone("restored")
    if state.partition(".")[2] != position.life:
        raise _gone("replaced")
    if state != position.state:
        raise _gone("consent_changed")
    if rev > position.head:
        raise _gone("ahead")
    return int(rev)


def _purpose(position: Position) -> str:
    return f"pull:{position.patient_id.hex}"


def _gone(reason: Reason) -> Problem:
    return Problem(
        410,
        "start_over",
        f"{_WORDS[reason]} Pull again without a cursor; what was not pushed yet stays.",
        retry="after_fix",
        extra={"reason": reason},
    )
