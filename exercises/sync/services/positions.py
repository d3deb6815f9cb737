"""Where a record stands: found in the statement that finds the session, and what it adds up to.

The checksum of a record is kept with the revision that it is of. What came since is added to it, so
that a phone that asks again and again costs the same whatever the history (docs/adr/0038).
"""

import contextlib
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.db.models import F, QuerySet, Subquery

from backend.accounts import tokens
from backend.accounts.consents import newest_answer
from backend.accounts.models import Patient, StoredSession
from backend.core import release
from backend.core.compiled import compiled
from backend.core.remembered import Inputs, remembered
from exercises.sync.checksum import Checksum, checksum
from exercises.sync.cursor import Position
from exercises.sync.feed import held, registered
from exercises.sync.models import Holding, SyncEpoch
from exercises.sync.services.epochs import current_epoch
from exercises.tracking.models import Fact

FACTS = "facts"
_COLUMNS = ("rev", "made_of", "facts", "facts_sum", "last_row", "others", "others_sum")
_NOTHING = Checksum(count=0, sum64="0" * 16)


@compiled
def find_with_position(token: str) -> QuerySet[StoredSession]:
    """`tokens.known`, with the epoch, the newest consent and the kept checksum."""
    patient = "user__patient"
    kept = {f"held_{name}": F(f"{patient}__holding__{name}") for name in _COLUMNS}
    return tokens.known(token).annotate(
        epoch=Subquery(SyncEpoch.objects.values("epoch")[:1]),
        consent=newest_answer(f"{patient}__id"),
        **kept,
    )


def position_of(session: StoredSession, patient: Patient, now: datetime) -> Position:
    """Where the record stood when `find_with_position` looked: before anything else is read."""
    found = vars(session)
    return Position(
        patient_id=patient.pk,
        epoch=found["epoch"] or current_epoch(now),
        consent=str(found["consent"] or 0),
        head=patient.rev,
        life=patient.life,
    )


def checksum_at(session: StoredSession, position: Position) -> Checksum:
    """The checksum of all that stands at the head; no query where nothing has changed since it was
    last asked for."""
    made_of, kept = _made_of(position), _kept(session)
    if kept.made_of != made_of or kept.rev > position.head:
        kept = Holding(rev=0, facts=0, facts_sum=_NOTHING.sum64, last_row=0)
    if kept.rev != position.head or not kept.made_of:
        kept = _added_up(position, kept, made_of)
        _keep(kept)
    facts = Checksum(count=kept.facts, sum64=kept.facts_sum)
    return facts + Checksum(count=kept.others, sum64=kept.others_sum)


def _added_up(position: Position, before: Holding, made_of: str) -> Holding:
    """What `before` says of the facts with those that are new; of all, where an older one changed."""
    rows = _facts(None, _between(position, before.rev))
    start, last_row = Checksum(count=before.facts, sum64=before.facts_sum), before.last_row
    if any(row <= last_row for *_, row in rows):
        rows, start, last_row = _facts(None, _between(position, 0)), _NOTHING, 0
    facts = start + checksum((type_, str(id_), rev) for type_, id_, rev, _ in rows)
    others = held(position.patient_id, position.head, but=FACTS)
    return Holding(
        patient_id=position.patient_id,
        rev=position.head,
        made_of=made_of,
        facts=facts.count,
        facts_sum=facts.sum64,
        last_row=max((row for *_, row in rows), default=last_row),
        others=others.count,
        others_sum=others.sum64,
    )


def _between(position: Position, after: int) -> dict[str, Any]:
    return {"patient": position.patient_id, "after": after, "head": position.head}


@remembered
def _facts(_shape: object, wanted: Inputs) -> QuerySet[Any, Any]:
    rows = Fact.objects.filter(
        patient_id=wanted["patient"], rev__gt=wanted["after"], rev__lte=wanted["head"]
    )
    return rows.order_by("rev").values_list("type", "id", "rev", "row")


def _keep(row: Holding) -> None:
    # Read while nobody wrote: a writer raises the revision and commits it with what it wrote.
    if not _unmoved(row.patient_id, row.rev):
        return
    with contextlib.suppress(DatabaseError):
        Holding.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["patient"], update_fields=_COLUMNS
        )


@compiled
def _unmoved(patient_id: UUID, head: int) -> QuerySet[Patient]:
    return Patient.objects.filter(pk=patient_id, rev=head)


def _kept(session: StoredSession) -> Holding:
    found = vars(session)
    if found["held_rev"] is None:
        return Holding(rev=0, made_of="")
    return Holding(**{name: found[f"held_{name}"] for name in _COLUMNS})


def _made_of(position: Position) -> str:
    names: Sequence[str] = sorted(source.name for source in registered())
    sources = hashlib.sha256(",".join(names).encode()).hexdigest()[:16]
    return f"{release.fingerprint()}:{position.epoch.hex}:{position.life}:{sources}"
