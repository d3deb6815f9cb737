"""What could not be accepted: kept as it came, once however often it is sent, until it is settled."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from backend.accounts.revisions import Revision
from exercises.tracking.models import Quarantined


@dataclass(frozen=True, kw_only=True)
class Unfit:
    """Something on its way in that cannot be accepted: `raw` is what was sent (JSON text), `problem`
    says why (`code`, and where it helps `detail` and `errors`). `judged`: it names symptoms."""

    id: UUID
    type: str
    raw: str
    problem: dict[str, Any]
    judged: bool
    op_id: str = ""

    @cached_property
    def digest(self) -> str:
        """The hash by which the same content under the same id is known again."""
        text = f"{self.type}:{self.raw}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, digest_size=16).hexdigest()


def kept_already(patient_id: UUID, unfit: Sequence[Unfit]) -> dict[tuple[UUID, str], Quarantined]:
    """Which of these were kept before, by id and digest; one query."""
    if not unfit:
        return {}
    wanted = {(item.id, item.digest) for item in unfit}
    rows = Quarantined.objects.filter(
        patient_id=patient_id, digest__in={digest for _, digest in wanted}
    )
    return {(row.fact_id, row.digest): row for row in rows if (row.fact_id, row.digest) in wanted}


def quarantine(
    *, patient_id: UUID, unfit: Sequence[Unfit], rev: Revision, now: datetime
) -> list[Quarantined]:
    """Keeps each of `unfit`, in order; one that was kept before is the row that it was."""
    known = kept_already(patient_id, unfit)
    fresh = []
    for item in unfit:
        if (item.id, item.digest) not in known:
            row = _row(patient_id, item, rev.take(), now)
            known[item.id, item.digest] = row
            fresh.append(row)
    Quarantined.objects.bulk_create(fresh)
    return [known[item.id, item.digest] for item in unfit]


def remember_advice(rows: Sequence[Quarantined]) -> None:
    """Stores the `advice_alerts` of these rows, for when the same is sent again."""
    Quarantined.objects.bulk_update(rows, ["advice_alerts"])


def mark_repaired(*, row: Quarantined, by: UUID, rev: Revision) -> None:
    """What `row` holds was accepted in another form, under the id `by`."""
    row.repaired_by, row.rev = by, rev.take()
    row.save(update_fields=["repaired_by", "rev"])


def mark_discarded(*, row: Quarantined, rev: Revision, now: datetime) -> None:
    """The patient does not want to repair it; the row stays, and is judged as before."""
    row.discarded_at, row.rev = now, rev.take()
    row.save(update_fields=["discarded_at", "rev"])


def _row(patient_id: UUID, item: Unfit, rev: int, now: datetime) -> Quarantined:
    return Quarantined(
        patient_id=patient_id,
        fact_id=item.id,
        op_id=item.op_id,
        type=item.type,
        raw=item.raw,
        digest=item.digest,
        problem=item.problem,
        judged=item.judged,
        received_at=now,
        rev=rev,
    )
