"""What a phone keeps: its copy of the record, its outbox, and where its last pull left off.

Everything here is plain data. An app writes it to its database in one transaction wherever `Phone`
calls `save`; what was not saved never happened, and syncing again puts it right.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

# Entities that are stored once and never change: what a restored server lacks is sent again.
FACTS = frozenset(
    {
        "pain_report",
        "symptom_report",
        "session",
        "home_care",
        "questionnaire",
        "relief_answer",
        "location",
        "retraction",
    }
)
# What the server adds to a fact; the rest is what a phone sent.
ADDED = frozenset({"id", "rev", "received_at", "date_disagrees", "retracted_by", "amended_by"})
# What a person writes of a document.
WRITTEN = {
    "profile": ("name", "time_zone", "language", "country"),
    "intake": ("answers",),
    "visit": (
        "state",
        "tz",
        "planned_on",
        "planned_for",
        "attended_on",
        "with_whom",
        "prompts",
        "reason",
        "outcome",
        "outcome_text",
    ),
}


def as_sent(entity: str, data: dict[str, Any]) -> dict[str, Any]:
    """The part of an object that a phone sent."""
    if entity in WRITTEN:
        return {name: data[name] for name in WRITTEN[entity] if name in data}
    added = ADDED | {"score"} if entity == "questionnaire" else ADDED
    return {name: said for name, said in data.items() if name not in added}


Key = tuple[str, str]


def checksum_of(revs: dict[Key, int]) -> dict[str, Any]:
    """The checksum of a copy that holds each object at the given revision."""
    total = 0
    for (entity, object_id), rev in revs.items():
        digest = hashlib.sha256(f"{entity}:{object_id}:{rev}".encode()).digest()
        total += int.from_bytes(digest[:8], "big")
    return {"count": len(revs), "sum64": f"{total % 2**64:016x}"}


@dataclass
class Op:
    """Something that waits to be pushed, or was pushed and was not pulled back yet.

    `follows` is the op_id of an earlier edit of the same document whose result is not known: this
    one waits for it, since its base is what that one makes. `rev` is the result's.
    """

    op_id: str
    type: str
    id: str
    data: dict[str, Any]
    base_rev: int | None = None
    follows: str | None = None
    attempted: bool = False
    rev: int | None = None

    def as_sent(self) -> dict[str, Any]:
        """The op as it travels; the same bytes however often it is sent."""
        sent = {"op_id": self.op_id, "type": self.type, "id": self.id, "data": self.data}
        return sent if self.base_rev is None else {**sent, "base_rev": self.base_rev}


@dataclass
class Held:
    """An object as the server said it is."""

    rev: int
    data: dict[str, Any]


@dataclass
class Conflict:
    """An edit that lost, for the person to see: what she wrote, and what the server holds."""

    type: str
    id: str
    mine: dict[str, Any]
    theirs: dict[str, Any] | None


@dataclass
class Store:
    """All that one phone keeps of one patient.

    `sent` holds ops that were accepted but not pulled back: a server restored from a backup may have
    forgotten them. `before` is the copy from before the phone had to start over.
    """

    device_id: str
    objects: dict[Key, Held] = field(default_factory=dict)
    outbox: list[Op] = field(default_factory=list)
    sent: list[Op] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    advice: list[dict[str, Any]] = field(default_factory=list)
    cursor: str | None = None
    before: dict[Key, Held] | None = None
    restored: bool = False
    counter: int = 0

    def checksum(self) -> dict[str, Any]:
        """The checksum of the copy, as the last page of a pull has it."""
        return checksum_of({key: held.rev for key, held in self.objects.items()})
