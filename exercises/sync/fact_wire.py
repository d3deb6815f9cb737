"""The shapes of the diary's answers: what became of a report, and a fact as it is kept."""

from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from backend.core.wire import Instant, LongText, Wire
from exercises.tracking.facts import (
    FactBody,
    PainReport,
    Session,
    SymptomReport,
    ZoneName,
)
from exercises.tracking.models import Fact
from exercises.triage.advice import Advice


class WriteAnswer(Wire, frozen=True, kw_only=True):
    """The answer of every write: what became of it, and the advice that it caused."""

    id: UUID
    rev: int
    received_at: Instant
    status: Literal["applied", "duplicate"]
    advice: Advice | None


class Kept(Wire, frozen=True, kw_only=True):
    """What the server adds to a fact."""

    id: UUID
    rev: int
    received_at: Instant
    date_disagrees: bool
    retracted_by: UUID | UnsetType = UNSET
    amended_by: UUID | UnsetType = UNSET


def as_kept(
    shape: type[FactBody], *more: tuple[str, Any, Any], name: str = ""
) -> type[msgspec.Struct]:
    """The served shape: what was sent and what the server added, in one flat object.

    `more` are further fields (name, type, default) that the server adds to this kind.
    """
    added = [(field.name, field.type, field.default) for field in msgspec.structs.fields(Kept)]
    fields = [entry[:2] if entry[2] is msgspec.NODEFAULT else entry for entry in added]
    return msgspec.defstruct(
        name or f"{shape.__name__}View",
        [*fields, *more],
        bases=(shape,),
        frozen=True,
        kw_only=True,
    )


PainReportView = as_kept(PainReport)
SymptomReportView = as_kept(SymptomReport)
SessionView = as_kept(Session)


class RetractRequest(Wire, frozen=True, kw_only=True):
    """Withdraws a report; a symptom report only with "I have none of these" (`confirmed_none`)."""

    confirmed_none: bool = False
    occurred_at: Instant | UnsetType = UNSET
    tz: ZoneName | UnsetType = UNSET
    note: LongText | UnsetType = UNSET


def view_of(fact: Fact) -> dict[str, Any]:
    """A fact as it is served: what was sent, and what the server added."""
    added = Kept(
        id=fact.id,
        rev=fact.rev,
        received_at=fact.received_at,
        date_disagrees=fact.date_disagrees,
        retracted_by=fact.retracted_by or UNSET,
        amended_by=fact.amended_by or UNSET,
    )
    return {**fact.data, **msgspec.to_builtins(added)}
