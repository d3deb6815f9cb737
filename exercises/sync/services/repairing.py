"""What was not accepted is put right, or given up, by the patient."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.accounts import audit
from backend.accounts.models import Patient
from backend.accounts.revisions import revision
from exercises.sync.ops import FactOp, ReadOp, UnfitOp, read_ops
from exercises.sync.services.answering import Answered, Answers, problem_from
from exercises.sync.services.pushing import write_ops
from exercises.sync.services.wording import with_wording_checked
from exercises.sync.wire import OpProblem
from exercises.tracking import quarantining
from exercises.tracking.models import Quarantined
from exercises.triage.models import Alert


class Settled(Exception):
    """It was repaired in another way, or discarded, before."""


class StillUnfit(Exception):
    """The corrected content cannot be accepted either: `problem` says why. What it names of symptoms
    was judged; `alerts` are what that led to."""

    def __init__(self, problem: OpProblem, alerts: tuple[Alert, ...] = ()) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.alerts = alerts


@dataclass(frozen=True, kw_only=True)
class Correction:
    """The corrected content; `type` and `id` where those were wrong, `base_rev` of a document."""

    data: dict[str, Any]
    type: str | None = None
    id: UUID | None = None
    base_rev: int | None = None


@dataclass(frozen=True)
class Repaired:
    """The object that came of it, what became of it, and the alerts that the answer speaks of."""

    object_id: UUID
    answered: Answered
    alerts: tuple[Alert, ...]


def repair(
    *, patient: Patient, row: Quarantined, correction: Correction, now: datetime
) -> Repaired:
    """Takes in the corrected content in place of what `row` keeps; the same repair again changes
    nothing. Raises `Settled` and `StillUnfit`."""
    op = _read(patient, row, correction, now)
    answers = Answers(patient.pk)
    with revision(patient.pk) as rev:
        row.refresh_from_db()
        if row.discarded_at is not None or row.repaired_by not in (None, _object_of(op)):
            raise Settled
        write_ops(patient, [op], answers, rev, now)
        answered = answers.by_index[0]
        is_done = answered.status in ("applied", "duplicate")
        if is_done and row.repaired_by is None:
            quarantining.mark_repaired(row=row, by=_object_of(op), rev=rev)
            _audit(row, "rejection.repaired", now)
    answers.complete()
    alerts = tuple(answers.alerts[name] for name in answered.alert_ids)
    if not is_done and answered.problem is not None:
        raise StillUnfit(answered.problem, alerts)
    return Repaired(_object_of(op), answered, alerts)


def discard(*, patient: Patient, row: Quarantined, now: datetime) -> None:
    """The patient gives up what was not accepted: it leaves her list, and never comes back. The row
    stays, and what it names of symptoms goes on being judged. Again changes nothing.

    Raises `Settled` where it was repaired.
    """
    with revision(patient.pk) as rev:
        row.refresh_from_db()
        if row.repaired_by is not None:
            raise Settled
        if row.discarded_at is None:
            quarantining.mark_discarded(row=row, rev=rev, now=now)
            _audit(row, "rejection.discarded", now)


def _read(patient: Patient, row: Quarantined, correction: Correction, now: datetime) -> ReadOp:
    raw: dict[str, Any] = {
        "op_id": row.op_id or str(row.pk),
        "type": correction.type or row.type,
        "id": str(correction.id or row.fact_id),
        "data": correction.data,
    }
    if correction.base_rev is not None:
        raw["base_rev"] = correction.base_rev
    (op,) = with_wording_checked(patient, read_ops([raw], skew_ms=None, now=now))
    if isinstance(op, UnfitOp) and not op.unfit.judged:
        raise StillUnfit(problem_from(op.unfit.problem))
    return op


def _object_of(op: ReadOp) -> UUID:
    if isinstance(op, UnfitOp):
        return op.unfit.id
    return op.report.id if isinstance(op, FactOp) else op.id


def _audit(row: Quarantined, action: str, now: datetime) -> None:
    audit.record(
        actor_id=row.patient_id,
        action=action,
        patient_id=row.patient_id,
        object_kind="rejection",
        object_id=str(row.pk),
        now=now,
    )
